//! Promises with their versions and capability checks, commitments, excuses, and the tallies from
//! which numbers are read. `person` gains an external id, by which commitments name people.
//!
//! Tallies are keyed by day and slot: many writers on one promise's day do not wait for one row.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000006_promises"
    }
}

const TABLES: [&str; 8] = [
    "excuse",
    "commitment_value_tally",
    "commitment_tally",
    "commitment",
    "underpinning",
    "capability_check",
    "promise_version",
    "promise",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let gained = optional(text("external_id"));
        let person = Table::alter().table(Alias::new("person")).add_column(gained).to_owned();
        manager.alter_table(person).await?;
        index(manager, "person", &["supplier_id", "external_id"], true).await?;
        promise(manager).await?;
        commitment(manager).await?;
        tallies(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await?;
        let by_external_id =
            Index::drop().name("person_supplier_id_external_id").table(Alias::new("person")).to_owned();
        manager.drop_index(by_external_id).await?;
        let change = Table::alter().table(Alias::new("person")).drop_column(Alias::new("external_id")).to_owned();
        manager.alter_table(change).await
    }
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).double().not_null().to_owned()
}

async fn promise(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let promise = table("promise")
        .col(id())
        .col(uuid("agreement_id"))
        .col(uuid("supplier_id"))
        .col(uuid("expectation_id"))
        .col(one_of("direction", &["supplier_to_us", "us_to_supplier", "supplier_to_customer"]))
        .col(optional(text("external_id").unique_key().to_owned()))
        .col(optional(text("promised_to")))
        .col(one_of("status", &["draft", "checked", "published", "paused", "retired"]))
        .col(int("version"))
        .foreign_key(&mut references("promise", "agreement_id", "agreement"))
        .foreign_key(&mut references("promise", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut promise.to_owned())).await?;
    index(manager, "promise", &["agreement_id", "id"], false).await?;
    index(manager, "promise", &["supplier_id", "id"], false).await?;
    index(manager, "promise", &["expectation_id"], false).await?;

    let version = table("promise_version")
        .col(uuid("promise_id"))
        .col(int("number"))
        .col(text("wording"))
        .col(one_of("metric", &["duration", "proportion", "rating", "count"]))
        .col(one_of("comparison", &["at_most", "at_least"]))
        // Seconds for a duration.
        .col(number("target"))
        .col(optional(text("unit")))
        .col(number("reliability"))
        .col(one_of("precision", &["second", "day"]))
        .col(optional(uuid("calendar_id")))
        .col(int("grace_seconds"))
        .col(one_of("period", &["week", "month", "quarter", "year"]))
        .col(instant("effective_from"))
        .col(optional(instant("published_at")))
        .col(optional(instant("unpublished_at")))
        .col(optional(uuid("approved_by")))
        .col(optional(text("approval_reason")))
        .col(optional(date("recheck_on")))
        .col(instant("created_at"))
        .primary_key(Index::create().col(Alias::new("promise_id")).col(Alias::new("number")))
        .foreign_key(&mut references("promise_version", "promise_id", "promise"))
        .foreign_key(&mut references("promise_version", "calendar_id", "calendar"))
        .to_owned();
    manager.create_table(version).await?;
    index(manager, "promise_version", &["calendar_id"], false).await?;

    let verdicts = ["contradicted", "insufficient", "unsupported", "plausible", "demonstrated"];
    let check = table("capability_check")
        .col(id())
        .col(uuid("promise_id"))
        .col(int("version"))
        .col(one_of("verdict", &verdicts))
        .col(json("content"))
        .col(optional(uuid("created_by")))
        .col(instant("created_at"))
        .foreign_key(&mut references("capability_check", "promise_id", "promise"))
        .to_owned();
    manager.create_table(check).await?;
    index(manager, "capability_check", &["promise_id", "id"], false).await?;

    let underpinning = table("underpinning")
        .col(uuid("promise_id").primary_key())
        .col(json("links"))
        .foreign_key(&mut references("underpinning", "promise_id", "promise"))
        .to_owned();
    manager.create_table(tracked(&mut underpinning.to_owned())).await
}

async fn commitment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["open", "kept", "broken", "withdrawn", "excuse_requested", "excused"];
    let causes = ["us", "supplier", "customer", "third_party", "force_majeure", "unknown"];
    let commitment = table("commitment")
        .col(id())
        .col(uuid("promise_id"))
        .col(int("promise_version"))
        .col(uuid("agreement_id"))
        .col(uuid("supplier_id"))
        .col(optional(uuid("person_id")))
        .col(one_of("status", &states))
        // Whether it was made while its version was published.
        .col(flag("is_promised"))
        .col(instant("made_at"))
        .col(instant("due_at"))
        // The last instant at which it can still be kept.
        .col(instant("breaks_at"))
        .col(optional(instant("fulfilled_at")))
        // What was reached: seconds of working time for a duration, else the measured number.
        .col(optional(number("value")))
        // The tightest target that it would have met; null when it would have met none.
        .col(optional(number("tightest")))
        // The day on which it counts: of `due_at` in the organisation's zone when it was recorded.
        .col(date("day"))
        .col(int("slot"))
        .col(optional(text("job_ref")))
        .col(optional(text("customer_ref")))
        .col(optional(one_of("cause", &causes)))
        .col(optional(text("note")))
        .col(optional(text("external_id")))
        .col(optional(uuid("supersedes_id")))
        .col(optional(uuid("superseded_by_id")))
        .col(optional(uuid("import_id")))
        .foreign_key(&mut references("commitment", "promise_id", "promise"))
        .foreign_key(&mut references("commitment", "person_id", "person"))
        .to_owned();
    manager.create_table(tracked(&mut commitment.to_owned())).await?;
    index(manager, "commitment", &["promise_id", "day", "id"], false).await?;
    index(manager, "commitment", &["supplier_id", "id"], false).await?;
    index(manager, "commitment", &["agreement_id", "id"], false).await?;
    for sql in [
        "CREATE INDEX commitment_person_id ON commitment (person_id) WHERE person_id IS NOT NULL",
        "CREATE INDEX commitment_job_ref ON commitment (job_ref, supplier_id) WHERE job_ref IS NOT NULL",
        "CREATE INDEX commitment_open ON commitment (breaks_at) WHERE status = 'open' AND superseded_by_id IS NULL",
        "CREATE INDEX commitment_open_of_promise ON commitment (promise_id) WHERE status = 'open' AND superseded_by_id IS NULL",
        "CREATE UNIQUE INDEX commitment_external_id ON commitment (external_id) \
         WHERE external_id IS NOT NULL AND superseded_by_id IS NULL",
    ] {
        manager.get_connection().execute_unprepared(sql).await?;
    }

    let excuse = table("excuse")
        .col(id())
        .col(uuid("commitment_id"))
        .col(uuid("supplier_id"))
        .col(one_of("status", &["requested", "granted", "refused", "void"]))
        .col(one_of("cause", &causes))
        .col(text("reason"))
        .col(uuid("asked_by"))
        .col(one_of("asked_by_side", &["us", "supplier"]))
        .col(optional(uuid("decided_by")))
        .col(optional(instant("decided_at")))
        .col(optional(text("decision_reason")))
        .foreign_key(&mut references("excuse", "commitment_id", "commitment"))
        .to_owned();
    manager.create_table(tracked(&mut excuse.to_owned())).await?;
    index(manager, "excuse", &["commitment_id"], false).await?;
    index(manager, "excuse", &["supplier_id", "id"], false).await?;
    index(manager, "excuse", &["status", "id"], false).await
}

async fn tallies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // `subject_id` is the promise itself, or a person within the promise.
    let tally = table("commitment_tally")
        .col(uuid("promise_id"))
        .col(uuid("subject_id"))
        .col(flag("is_promised"))
        .col(date("day"))
        .col(int("version"))
        .col(int("slot"))
        .col(int("kept"))
        .col(int("broken"))
        .col(int("excused"))
        .primary_key(
            Index::create()
                .col(Alias::new("promise_id"))
                .col(Alias::new("subject_id"))
                .col(Alias::new("is_promised"))
                .col(Alias::new("day"))
                .col(Alias::new("version"))
                .col(Alias::new("slot")),
        )
        .foreign_key(&mut references("commitment_tally", "promise_id", "promise"))
        .to_owned();
    manager.create_table(tally).await?;

    // How many commitments reached a value, in buckets 1 % wide, by month: for the target that the
    // history supports.
    let values = table("commitment_value_tally")
        .col(uuid("promise_id"))
        .col(date("month"))
        .col(int("bucket"))
        .col(int("slot"))
        .col(int("count"))
        .primary_key(
            Index::create()
                .col(Alias::new("promise_id"))
                .col(Alias::new("month"))
                .col(Alias::new("bucket"))
                .col(Alias::new("slot")),
        )
        .foreign_key(&mut references("commitment_value_tally", "promise_id", "promise"))
        .to_owned();
    manager.create_table(values).await
}
