//! Calendars: a time zone, weekly hours and holidays, in which business time is counted.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000004_calendars"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let calendar = table("calendar")
            .col(id())
            .col(text("name"))
            .col(text("time_zone"))
            .col(json("hours"))
            .col(json("holidays"))
            .col(flag("is_default"))
            .to_owned();
        manager.create_table(tracked(&mut calendar.to_owned())).await?;
        // One default at most, also when two are chosen at the same time.
        let one = "CREATE UNIQUE INDEX calendar_is_default ON calendar (is_default) WHERE is_default";
        manager.get_connection().execute_unprepared(one).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["calendar"]).await
    }
}
