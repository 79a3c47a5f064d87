//! Self-assessments of suppliers with their answers.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000011_assessments"
    }
}

const STATUSES: [&str; 9] = [
    "assigned",
    "in_progress",
    "submitted",
    "under_review",
    "changes_requested",
    "accepted",
    "reopened",
    "expired",
    "cancelled",
];
const VERDICTS: [&str; 4] = ["open", "confirmed", "adjusted", "evidence_requested"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let assessment = table("assessment")
            .col(id())
            .col(uuid("questionnaire_id"))
            .col(int("version"))
            .col(uuid("supplier_id"))
            .col(one_of("status", &STATUSES))
            .col(optional(text("status_reason")))
            .col(date("period_from"))
            .col(date("period_to"))
            .col(date("due_on"))
            // The day on which it was due before it was extended.
            .col(optional(date("extended_from")))
            .col(date("expires_on"))
            .col(optional(uuid("previous_id")))
            .col(optional(int("repeats_every_months")))
            .col(optional(date("repeats_on")))
            .col(optional(uuid("assigned_by")))
            .col(optional(text("attested_name")))
            .col(optional(text("attested_position")))
            .col(optional(text("attested_statement")))
            .col(optional(uuid("attested_by")))
            .col(optional(instant("submitted_at")))
            .col(optional(instant("accepted_at")))
            .col(ColumnDef::new(Alias::new("self_score")).double().null().to_owned())
            .col(ColumnDef::new(Alias::new("verified_score")).double().null().to_owned())
            .foreign_key(&mut references("assessment", "questionnaire_id", "questionnaire"))
            .foreign_key(&mut references("assessment", "supplier_id", "supplier"))
            .foreign_key(&mut references("assessment", "previous_id", "assessment"))
            .to_owned();
        manager.create_table(tracked(&mut assessment.to_owned())).await?;
        index(manager, "assessment", &["supplier_id", "questionnaire_id"], false).await?;
        index(manager, "assessment", &["questionnaire_id"], false).await?;
        for sql in [
            "CREATE INDEX assessment_expires ON assessment (expires_on) WHERE status IN ('assigned', 'in_progress')",
            "CREATE INDEX assessment_repeats ON assessment (repeats_on) WHERE repeats_on IS NOT NULL",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }

        let answer = table("assessment_answer")
            .col(uuid("assessment_id"))
            .col(text("question"))
            .col(optional(json("given")))
            .col(optional(text("not_applicable_reason")))
            .col(optional(text("note")))
            // Ids of files.
            .col(json("evidence"))
            .col(flag("is_prefilled"))
            .col(optional(uuid("answered_by")))
            .col(instant("answered_at"))
            .col(one_of("verdict", &VERDICTS))
            .col(optional(json("adjusted")))
            .col(optional(text("reason")))
            .col(optional(uuid("verified_by")))
            .col(optional(instant("verified_at")))
            .col(int("revision"))
            .primary_key(Index::create().col(Alias::new("assessment_id")).col(Alias::new("question")))
            .foreign_key(&mut references("assessment_answer", "assessment_id", "assessment"))
            .to_owned();
        manager.create_table(answer).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["assessment_answer", "assessment"]).await
    }
}
