//! SQLite plans without statistics. Those it gathered while one supplier had nearly all rows told it to read whole
//! tables for every other one, and it gathers them anew only when a table has grown tenfold.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261123_000017_no_statistics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            let database = manager.get_connection();
            database.execute_unprepared("DROP TABLE IF EXISTS sqlite_stat1").await?;
            // This connection forgets them, too.
            database.execute_unprepared("ANALYZE sqlite_schema").await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
