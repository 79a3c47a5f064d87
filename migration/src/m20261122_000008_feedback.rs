//! Surveys with versions and links, feedback with its tallies and follow-ups, and what is due from
//! whom (`notification`).
//!
//! Numbers are read from tallies: by subject (an agreement, a supplier for what belongs to none, or a person
//! within one of these, the base), days and whole months, item and slot. All are whole numbers; sums and means
//! are millionths, so that adding and taking away leaves nothing behind.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000008_feedback"
    }
}

const TABLES: [&str; 9] = [
    "notification",
    "follow_up",
    "feedback_tally",
    "feedback",
    "survey_link_tally",
    "survey_link",
    "survey_item",
    "survey_version",
    "survey",
];

const STAGES: [&str; 3] = ["pre_transaction", "transaction", "post_transaction"];
const RESPONDENTS: [&str; 2] = ["external_customer", "internal_customer"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        survey(manager).await?;
        link(manager).await?;
        feedback(manager).await?;
        tally(manager).await?;
        due(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    columns.iter().for_each(|column| {
        key.col(Alias::new(*column));
    });
    key
}

async fn survey(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let survey = table("survey")
        .col(id())
        .col(text("name"))
        .col(bytes("sort_key"))
        .col(one_of("instrument", &["csat5", "nps11", "ces7", "servqual22", "custom"]))
        .col(one_of("status", &["draft", "published", "retired"]))
        // The latest published version, and the one that is being written.
        .col(optional(int("version")))
        .col(optional(int("draft_version")))
        .to_owned();
    manager.create_table(tracked(&mut survey.to_owned())).await?;
    index(manager, "survey", &["sort_key", "id"], false).await?;

    let version = table("survey_version")
        .col(uuid("survey_id"))
        .col(int("number"))
        .col(json("terms"))
        .col(optional(instant("published_at")))
        .col(instant("created_at"))
        .primary_key(&mut key(&["survey_id", "number"]))
        .foreign_key(&mut references("survey_version", "survey_id", "survey"))
        .to_owned();
    manager.create_table(version).await?;

    // What was ever published under a key keeps its meaning: numbers of all versions add up.
    let item = table("survey_item")
        .col(uuid("survey_id"))
        .col(text("key"))
        .col(json("content"))
        .primary_key(&mut key(&["survey_id", "key"]))
        .foreign_key(&mut references("survey_item", "survey_id", "survey"))
        .to_owned();
    manager.create_table(item).await
}

async fn link(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let link = table("survey_link")
        .col(id())
        .col(uuid("survey_id"))
        .col(optional(uuid("agreement_id")))
        .col(uuid("supplier_id"))
        .col(optional(uuid("person_id")))
        .col(optional(text("job_ref")))
        .col(optional(text("customer_ref")))
        .col(one_of("respondent_kind", &RESPONDENTS))
        .col(optional(one_of("stage", &STAGES)))
        .col(text("channel"))
        .col(optional(text("language")))
        .col(int("max_uses"))
        .col(int("uses"))
        .col(instant("expires_at"))
        .col(optional(instant("revoked_at")))
        // The day on which it counts as an invitation, and its slot.
        .col(date("day"))
        .col(int("slot"))
        .col(optional(uuid("created_by")))
        .foreign_key(&mut references("survey_link", "survey_id", "survey"))
        .foreign_key(&mut references("survey_link", "agreement_id", "agreement"))
        .foreign_key(&mut references("survey_link", "supplier_id", "supplier"))
        .foreign_key(&mut references("survey_link", "person_id", "person"))
        .to_owned();
    manager.create_table(tracked(&mut link.to_owned())).await?;
    index(manager, "survey_link", &["survey_id", "id"], false).await?;
    index(manager, "survey_link", &["agreement_id", "id"], false).await?;
    index(manager, "survey_link", &["supplier_id", "id"], false).await?;
    let sql = "CREATE INDEX survey_link_customer_ref ON survey_link (customer_ref) WHERE customer_ref IS NOT NULL";
    manager.get_connection().execute_unprepared(sql).await?;

    // Links for one answer, by the day on which they were made: the response rate.
    let tally = table("survey_link_tally")
        .col(uuid("base_id"))
        .col(uuid("subject_id"))
        .col(date("day"))
        .col(uuid("survey_id"))
        .col(int("slot"))
        .col(int("invited"))
        .col(int("answered"))
        .primary_key(&mut key(&["subject_id", "day", "survey_id", "base_id", "slot"]))
        .to_owned();
    manager.create_table(tally).await
}

async fn feedback(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let reasons = ["own_people", "duplicate", "by_staff"];
    let feedback = table("feedback")
        .col(id())
        .col(uuid("survey_id"))
        .col(int("survey_version"))
        .col(optional(uuid("link_id")))
        .col(optional(uuid("agreement_id")))
        .col(uuid("supplier_id"))
        .col(optional(uuid("person_id")))
        .col(optional(text("job_ref")))
        .col(optional(text("customer_ref")))
        .col(one_of("respondent_kind", &RESPONDENTS))
        .col(optional(one_of("stage", &STAGES)))
        .col(text("channel"))
        .col(optional(text("language")))
        .col(json("answers"))
        .col(optional(json("importance")))
        .col(optional(text("comment")))
        .col(flag("is_comment_shared"))
        .col(optional(text("compliment")))
        .col(optional(uuid("complimented_id")))
        .col(optional(text("contact_name")))
        .col(optional(text("contact_email")))
        .col(optional(text("contact_phone")))
        // Satisfied or unhappy, where the survey asks for it.
        .col(optional(flag("is_unhappy")))
        .col(one_of("status", &["counted", "quarantined"]))
        .col(optional(one_of("quarantine_reason", &reasons)))
        .col(flag("is_hidden"))
        .col(optional(instant("erased_at")))
        .col(instant("answered_at"))
        // The day on which it counts: of `answered_at` in the organisation's zone when it was recorded.
        .col(date("day"))
        .col(int("slot"))
        .col(optional(text("receipt")))
        .col(optional(text("external_id")))
        .col(optional(uuid("supersedes_id")))
        .col(optional(uuid("superseded_by_id")))
        .col(optional(uuid("import_id")))
        .foreign_key(&mut references("feedback", "survey_id", "survey"))
        .foreign_key(&mut references("feedback", "agreement_id", "agreement"))
        .foreign_key(&mut references("feedback", "supplier_id", "supplier"))
        .foreign_key(&mut references("feedback", "person_id", "person"))
        .to_owned();
    manager.create_table(tracked(&mut feedback.to_owned())).await?;
    index(manager, "feedback", &["supplier_id", "id"], false).await?;
    index(manager, "feedback", &["agreement_id", "day"], false).await?;
    for sql in [
        "CREATE INDEX feedback_customer_ref ON feedback (customer_ref) WHERE customer_ref IS NOT NULL",
        "CREATE INDEX feedback_job_ref ON feedback (job_ref, supplier_id) WHERE job_ref IS NOT NULL",
        "CREATE INDEX feedback_person_id ON feedback (person_id) WHERE person_id IS NOT NULL",
        "CREATE INDEX feedback_receipt ON feedback (receipt) WHERE receipt IS NOT NULL",
        "CREATE UNIQUE INDEX feedback_once ON feedback (survey_id, job_ref, customer_ref) \
         WHERE status = 'counted' AND superseded_by_id IS NULL AND job_ref IS NOT NULL AND customer_ref IS NOT NULL",
        "CREATE INDEX feedback_link_id ON feedback (link_id, customer_ref) WHERE link_id IS NOT NULL",
        "CREATE INDEX feedback_comment ON feedback (supplier_id, id) WHERE is_comment_shared",
        "CREATE UNIQUE INDEX feedback_external_id ON feedback (external_id) \
         WHERE external_id IS NOT NULL AND superseded_by_id IS NULL",
    ] {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

async fn tally(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut tally = table("feedback_tally")
        .col(uuid("base_id"))
        .col(uuid("subject_id"))
        // One day, or the whole month that begins on it.
        .col(flag("is_month"))
        .col(date("day"))
        .col(text("item"))
        .col(uuid("survey_id"))
        // 0 for no stage, else 1 to 3.
        .col(int("stage"))
        .col(flag("is_internal"))
        .col(int("slot"))
        .col(int("n"))
        .col(int("total"))
        .col(int("squares"))
        .col(int("expected"))
        .col(int("lived"))
        .to_owned();
    // How many answers have the lowest value, the next one, ...; for gaps below, at and above zero.
    for name in ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"] {
        tally.col(int(name));
    }
    let columns = ["subject_id", "is_month", "day", "item", "survey_id", "stage", "is_internal", "base_id", "slot"];
    tally.primary_key(&mut key(&columns));
    manager.create_table(tally).await
}

async fn due(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["required", "owned", "contacted", "resolved", "unreachable"];
    let follow_up = table("follow_up")
        .col(id())
        .col(uuid("feedback_id").unique_key().to_owned())
        .col(optional(uuid("agreement_id")))
        .col(uuid("supplier_id"))
        .col(one_of("status", &states))
        .col(optional(uuid("owner_id")))
        .col(instant("due_at"))
        .col(optional(instant("contacted_at")))
        .col(optional(instant("ended_at")))
        .col(optional(text("note")))
        .foreign_key(&mut references("follow_up", "feedback_id", "feedback"))
        .foreign_key(&mut references("follow_up", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut follow_up.to_owned())).await?;
    index(manager, "follow_up", &["status", "due_at"], false).await?;
    index(manager, "follow_up", &["agreement_id", "id"], false).await?;

    // What is due from somebody.
    let notification = table("notification")
        .col(id())
        .col(uuid("account_id"))
        // `follow_up.required`, ...: what it is about, and what is expected.
        .col(text("kind"))
        .col(uuid("resource_id"))
        .col(optional(uuid("supplier_id")))
        .col(text("title"))
        .col(instant("due_at"))
        // When the next mail about it goes out; none when no more follow.
        .col(optional(instant("remind_at")))
        .col(int("reminders"))
        .col(optional(instant("done_at")))
        .foreign_key(&mut references("notification", "account_id", "account"))
        .to_owned();
    manager.create_table(tracked(&mut notification.to_owned())).await?;
    index(manager, "notification", &["kind", "resource_id", "account_id"], true).await?;
    for sql in [
        "CREATE INDEX notification_open ON notification (account_id, due_at) WHERE done_at IS NULL",
        "CREATE INDEX notification_remind ON notification (remind_at) WHERE remind_at IS NOT NULL",
    ] {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}
