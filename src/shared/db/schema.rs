//! Bringing the schema up to date, exactly once even when several instances start together.

use super::{Db, Lease};
use crate::shared::clock::Clock;
use crate::shared::error::{Error, Result};
use accord_migration::{Migrator, MigratorTrait};
use chrono::TimeDelta;
use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, IdenStatic, Iterable};
use std::time::Duration;

const PATIENCE: u32 = 600;

/// Runs the missing steps under a lease; instances that lose it wait until the work is done.
pub async fn migrate(db: &Db, clock: &Clock) -> Result<()> {
    if pending(db).await?.is_empty() {
        return Ok(());
    }
    Lease::prepare(db).await;
    let lease = Lease::new("migrate", TimeDelta::seconds(60), clock);
    for _ in 0..PATIENCE {
        if pending(db).await?.is_empty() {
            return Ok(());
        }
        if lease.hold(db, clock).await? {
            let done = Migrator::up(&db.primary, None).await;
            lease.release(db).await?;
            return Ok(done?);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::internal(std::io::Error::other("another instance is migrating and does not finish")))
}

/// The names of the steps that are not applied yet; changes nothing.
pub async fn pending(db: &Db) -> Result<Vec<String>> {
    let steps = Migrator::get_pending_migrations_read_only(&db.primary).await?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

/// Down and up again, for the tests of the steps themselves.
pub async fn rebuild(connection: &DatabaseConnection) -> Result<()> {
    Ok(Migrator::fresh(connection).await?)
}

/// A table as the program maps it: a test compares every one with what the steps make.
pub struct Mapped {
    pub table: &'static str,
    pub columns: Vec<MappedColumn>,
}

pub struct MappedColumn {
    pub name: &'static str,
    pub is_nullable: bool,
    pub kind: ColumnType,
}

impl Mapped {
    pub fn of<E: EntityTrait>(entity: E) -> Self {
        let columns = E::Column::iter().map(|column| {
            let definition = column.def();
            let kind = definition.get_column_type().clone();
            MappedColumn { name: column.as_str(), is_nullable: definition.is_null(), kind }
        });
        Self { table: entity.table_name(), columns: columns.collect() }
    }
}
