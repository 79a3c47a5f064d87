//! Reviews with who attended, what was rated and what was frozen for them; early warnings; calendar feeds.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000014_reviews"
    }
}

const STATUSES: [&str; 11] = [
    "scheduled",
    "ready",
    "held",
    "responding",
    "disputed",
    "decided",
    "finalised",
    "committed",
    "closed",
    "missed",
    "cancelled",
];
const SIDES: [&str; 2] = ["us", "supplier"];
const CRITERIA: [&str; 6] = ["reliability", "quality", "responsiveness", "communication", "problem_solving", "value"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let review = table("review")
            .col(id())
            .col(uuid("agreement_id"))
            .col(uuid("supplier_id"))
            .col(int("version"))
            .col(int("number"))
            .col(one_of("origin", &["cadence", "extra", "instead"]))
            // The day of the cadence; none for what the cadence did not ask for.
            .col(optional(date("planned_on")))
            .col(optional(uuid("instead_of_id")))
            .col(one_of("status", &STATUSES))
            .col(optional(text("status_reason")))
            .col(optional(one_of("missed_by", &["us", "supplier", "both"])))
            .col(date("period_from"))
            .col(date("period_to"))
            .col(date("scheduled_on"))
            // How often it was moved.
            .col(int("moves"))
            .col(optional(instant("ready_at")))
            .col(optional(bytes("pack_hash")))
            .col(optional(date("held_on")))
            .col(optional(instant("ratings_locked_at")))
            .col(ColumnDef::new(Alias::new("score")).double().null().to_owned())
            .col(optional(one_of("grade", &["A", "B", "C", "D", "E", "F"])))
            .col(optional(flag("would_use_again")))
            .col(optional(text("would_use_again_reason")))
            .col(optional(uuid("would_use_again_by")))
            .col(optional(date("respond_by")))
            .col(optional(one_of("response", &["agree", "partly", "disagree", "none"])))
            .col(optional(text("response_text")))
            .col(optional(uuid("responded_by")))
            .col(optional(instant("responded_at")))
            .col(optional(one_of("ruling", &["upheld", "sent_back"])))
            .col(optional(text("ruling_reason")))
            .col(optional(uuid("decided_by")))
            .col(optional(instant("decided_at")))
            .col(optional(instant("finalised_at")))
            .col(optional(instant("committed_at")))
            .col(optional(instant("closed_at")))
            .foreign_key(&mut references("review", "agreement_id", "agreement"))
            .foreign_key(&mut references("review", "supplier_id", "supplier"))
            .foreign_key(&mut references("review", "instead_of_id", "review"))
            .to_owned();
        manager.create_table(tracked(&mut review.to_owned())).await?;
        index(manager, "review", &["agreement_id", "number"], true).await?;
        index(manager, "review", &["agreement_id", "planned_on"], true).await?;
        index(manager, "review", &["supplier_id"], false).await?;
        index(manager, "review", &["scheduled_on"], false).await?;
        for sql in [
            "CREATE INDEX review_waiting ON review (scheduled_on) WHERE status IN ('scheduled', 'ready')",
            "CREATE INDEX review_respond_by ON review (respond_by) WHERE status = 'responding'",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }

        let attendee = table("review_attendee")
            .col(id())
            .col(uuid("review_id"))
            .col(one_of("side", &SIDES))
            .col(optional(uuid("account_id")))
            .col(optional(uuid("person_id")))
            // As it was when the review was called or held.
            .col(text("name"))
            .col(flag("is_main_contact"))
            .col(optional(flag("is_present")))
            .foreign_key(&mut references("review_attendee", "review_id", "review"))
            .to_owned();
        manager.create_table(attendee).await?;
        index(manager, "review_attendee", &["review_id", "account_id"], true).await?;
        index(manager, "review_attendee", &["review_id", "person_id"], true).await?;

        let pack = table("review_pack")
            .col(ColumnDef::new(Alias::new("review_id")).uuid().not_null().primary_key().to_owned())
            // The JSON document, byte for byte.
            .col(text("content"))
            .col(instant("frozen_at"))
            .foreign_key(&mut references("review_pack", "review_id", "review"))
            .to_owned();
        manager.create_table(pack).await?;

        let rating = table("review_rating")
            .col(uuid("review_id"))
            .col(uuid("rater_id"))
            .col(one_of("criterion", &CRITERIA))
            // 1; 2 for what was changed after a dispute.
            .col(int("round"))
            .col(one_of("side", &SIDES))
            .col(int("score"))
            .col(optional(text("narrative")))
            // Why it was changed.
            .col(optional(text("reason")))
            .col(instant("rated_at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("review_id"))
                    .col(Alias::new("rater_id"))
                    .col(Alias::new("criterion"))
                    .col(Alias::new("round")),
            )
            .foreign_key(&mut references("review_rating", "review_id", "review"))
            .to_owned();
        manager.create_table(rating).await?;

        let clause = table("review_expectation")
            .col(uuid("review_id"))
            .col(uuid("expectation_id"))
            .col(one_of("verdict", &["confirmed", "change"]))
            .col(optional(text("proposal")))
            .col(uuid("said_by"))
            .col(instant("said_at"))
            .primary_key(Index::create().col(Alias::new("review_id")).col(Alias::new("expectation_id")))
            .foreign_key(&mut references("review_expectation", "review_id", "review"))
            .to_owned();
        manager.create_table(clause).await?;

        let warning = table("early_warning")
            .col(id())
            .col(uuid("agreement_id"))
            .col(uuid("supplier_id"))
            .col(text("text"))
            .col(one_of("urgency", &["low", "normal", "high"]))
            .col(optional(uuid("raised_by")))
            .col(optional(text("answer")))
            .col(optional(uuid("answered_by")))
            .col(optional(instant("answered_at")))
            .foreign_key(&mut references("early_warning", "agreement_id", "agreement"))
            .foreign_key(&mut references("early_warning", "supplier_id", "supplier"))
            .to_owned();
        manager.create_table(tracked(&mut warning.to_owned())).await?;
        index(manager, "early_warning", &["agreement_id"], false).await?;
        index(manager, "early_warning", &["supplier_id"], false).await?;

        let feed = table("calendar_feed")
            .col(ColumnDef::new(Alias::new("account_id")).uuid().not_null().primary_key().to_owned())
            // Goes into the MAC of the token: those of earlier rounds are void.
            .col(int("round"))
            .col(flag("is_on"))
            // The feed goes with its account.
            .foreign_key(references("calendar_feed", "account_id", "account").on_delete(ForeignKeyAction::Cascade))
            .to_owned();
        manager.create_table(tracked(&mut feed.to_owned())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "calendar_feed",
            "early_warning",
            "review_expectation",
            "review_rating",
            "review_pack",
            "review_attendee",
            "review",
        ];
        drop(manager, &tables).await
    }
}
