//! Bringing the schema up to date, exactly once even when several instances start together.

use super::{Db, Lease};
use crate::shared::clock::Clock;
use crate::shared::error::{Error, Result};
use accord_migration::{Migrator, MigratorTrait, SchemaManager};
use chrono::TimeDelta;
use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, Iterable, Statement};
use std::time::Duration;

const PATIENCE: u32 = 3000;
/// Where sea-orm-migration notes the applied steps.
const APPLIED: &str = "seaql_migrations";

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
            let done = apply(db, clock, &lease).await;
            let _ = lease.release(db).await;
            return done;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::internal(std::io::Error::other("another instance is migrating and does not finish")))
}

/// Applies the missing steps and keeps the lease meanwhile, however long they take.
async fn apply(db: &Db, clock: &Clock, lease: &Lease) -> Result<()> {
    let mut work = std::pin::pin!(Migrator::up(&db.primary, None));
    loop {
        tokio::select! {
            done = &mut work => return Ok(done?),
            // On SQLite the steps hold the one connection; nobody else migrates that file meanwhile.
            () = tokio::time::sleep(Duration::from_secs(20)), if !db.is_sqlite() => {
                lease.hold(db, clock).await?;
            }
        }
    }
}

/// The names of the steps that are not applied yet; changes nothing. Steps of a newer program are
/// left alone: old and new programs run side by side during an upgrade.
pub async fn pending(db: &Db) -> Result<Vec<String>> {
    let connection = db.fresh();
    let mut applied = Vec::new();
    if SchemaManager::new(connection.pool()).has_table(APPLIED).await? {
        let sql = format!("SELECT version FROM {APPLIED}");
        let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
        for row in rows {
            applied.push(row.try_get::<String>("", "version")?);
        }
    }
    let all = Migrator::migrations().into_iter().map(|step| step.name().to_owned());
    Ok(all.filter(|step| !applied.contains(step)).collect())
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
