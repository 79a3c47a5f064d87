//! Of reviews: when it was written down that they were held, whether staff responded for the supplier, and which
//! actions came out of them.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

const TABLE: &str = "review";

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000015_reviews_told"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [instant("held_at"), flag("responded_on_behalf"), json("action_ids")];
        for mut column in columns.map(optional) {
            let change = Table::alter().table(Alias::new(TABLE)).add_column(&mut column).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["held_at", "responded_on_behalf", "action_ids"] {
            let change = Table::alter().table(Alias::new(TABLE)).drop_column(Alias::new(column)).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}
