//! On SQLite tallies lie in the order of their keys, in one tree in place of two: half as many pages to read and write for
//! each, and half the space. PostgreSQL has no such tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DatabaseBackend, Statement};

pub struct Step;

const TABLES: [&str; 5] =
    ["commitment_tally", "commitment_value_tally", "feedback_tally", "feedback_month", "survey_link_tally"];
const BY_KEY: &str = " WITHOUT ROWID";

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261123_000016_tallies_by_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, |table| format!("{table}{BY_KEY}")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, |table| table.trim_end_matches(BY_KEY).to_owned()).await
    }
}

/// Makes the tables anew, from what SQLite remembers of how they were made, with all that is in them.
async fn rebuild(manager: &SchemaManager<'_>, changed: impl Fn(&str) -> String) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Sqlite {
        return Ok(());
    }
    for table in TABLES {
        let (made, indexes) = (made(manager, "table", table).await?, made(manager, "index", table).await?);
        let mut steps = vec![format!("ALTER TABLE {table} RENAME TO before")];
        steps.extend(made.iter().map(|made| changed(made)));
        steps.push(format!("INSERT INTO {table} SELECT * FROM before"));
        steps.push("DROP TABLE before".to_owned());
        steps.extend(indexes);
        for step in steps {
            manager.get_connection().execute_unprepared(&step).await?;
        }
    }
    Ok(())
}

/// The statements that made a table, or the indexes of a table.
async fn made(manager: &SchemaManager<'_>, kind: &str, table: &str) -> Result<Vec<String>, DbErr> {
    let asked = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL";
    let asked = Statement::from_sql_and_values(DatabaseBackend::Sqlite, asked, [kind.into(), table.into()]);
    manager.get_connection().query_all_raw(asked).await?.iter().map(|row| row.try_get("", "sql")).collect()
}
