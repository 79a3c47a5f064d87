//! Leases: who may do a thing that only one instance should do at a time. A row with an end, not
//! a lock: it works on every database, and a holder that dies loses it by itself.

use super::Db;
use crate::shared::clock::Clock;
use crate::shared::error::Result;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

pub struct Lease {
    name: &'static str,
    holder: String,
    term: TimeDelta,
}

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL)";

impl Lease {
    pub fn new(name: &'static str, term: TimeDelta, clock: &Clock) -> Self {
        Self { name, holder: clock.uuid().to_string(), term }
    }

    /// The table stands outside the migrations because migrating itself needs a lease. Two
    /// instances may create it at once; the loser's error means that it is there.
    pub async fn prepare(db: &Db) {
        let _ = db.primary.execute_unprepared(TABLE).await;
    }

    /// Takes or renews the lease; whether it is ours now.
    pub async fn hold(&self, db: &Db, clock: &Clock) -> Result<bool> {
        let now = clock.now();
        let until = now.plus(self.term).instant().timestamp_millis();
        let changed = self
            .run(
                db,
                "INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
                 WHERE lease.holder = excluded.holder OR lease.expires_at < $4",
                vec![until.into(), now.instant().timestamp_millis().into()],
            )
            .await?;
        Ok(changed == 1)
    }

    pub async fn release(&self, db: &Db) -> Result<()> {
        self.run(db, "DELETE FROM lease WHERE name = $1 AND holder = $2", vec![]).await.map(drop)
    }

    async fn run(&self, db: &Db, sql: &str, more: Vec<sea_orm::Value>) -> Result<u64> {
        let mut values = vec![self.name.into(), self.holder.clone().into()];
        values.extend(more);
        let backend = if db.is_sqlite() { DatabaseBackend::Sqlite } else { DatabaseBackend::Postgres };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(db.primary.execute_raw(statement).await?.rows_affected())
    }
}
