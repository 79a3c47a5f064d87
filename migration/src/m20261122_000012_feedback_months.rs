//! Months of feedback as suppliers read them: they change in steps of several answers, never by one.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

const TABLE: &str = "feedback_month";
const OF_MONTHS: &str = "feedback_tally_month";

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000012_feedback_months"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut month = table(TABLE)
            .col(uuid("base_id"))
            .col(date("day"))
            .col(uuid("survey_id"))
            .col(text("item"))
            .col(instant("published_at"))
            .col(int("n"))
            .col(int("total"))
            .col(int("squares"))
            .col(int("expected"))
            .col(int("lived"))
            .to_owned();
        for name in ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"] {
            month.col(int(name));
        }
        let mut key = Index::create();
        for column in ["base_id", "day", "survey_id", "item"] {
            key.col(Alias::new(column));
        }
        manager.create_table(month.primary_key(&mut key).to_owned()).await?;
        // The months are read by themselves, once a day.
        let of_months = Index::create()
            .name(OF_MONTHS)
            .table(Alias::new("feedback_tally"))
            .col(Alias::new("day"))
            .and_where(Expr::col(Alias::new("is_month")))
            .to_owned();
        manager.create_index(of_months).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(OF_MONTHS).table(Alias::new("feedback_tally")).to_owned()).await?;
        drop(manager, &[TABLE]).await
    }
}
