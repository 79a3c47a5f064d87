//! Questionnaires with their versions.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000010_questionnaires"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let questionnaire = table("questionnaire")
            .col(id())
            .col(text("name"))
            .col(bytes("sort_key"))
            .col(one_of("status", &["draft", "published", "retired"]))
            // The latest published version, and the one that is being written.
            .col(optional(int("version")))
            .col(optional(int("draft_version")))
            .to_owned();
        manager.create_table(tracked(&mut questionnaire.to_owned())).await?;
        index(manager, "questionnaire", &["sort_key", "id"], false).await?;

        let version = table("questionnaire_version")
            .col(uuid("questionnaire_id"))
            .col(int("number"))
            .col(json("terms"))
            .col(optional(instant("published_at")))
            .col(instant("created_at"))
            .primary_key(Index::create().col(Alias::new("questionnaire_id")).col(Alias::new("number")))
            .foreign_key(&mut references("questionnaire_version", "questionnaire_id", "questionnaire"))
            .to_owned();
        manager.create_table(version).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["questionnaire_version", "questionnaire"]).await
    }
}
