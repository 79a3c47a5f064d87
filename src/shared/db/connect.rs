//! Pools and their settings. Statement logging is off; slow statements are warned about.

use super::classify::is_busy;
use super::hot::Hot;
use crate::shared::error::Result;
use sea_orm::{ConnectOptions, Database, DatabaseBackend, DatabaseConnection};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PLANS_KEPT: usize = 256;
const SLOW: Duration = Duration::from_millis(250);
pub const ACQUIRE: Duration = Duration::from_secs(5);

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .sqlx_logging(true)
        .sqlx_logging_level(tracing::log::LevelFilter::Off)
        .sqlx_slow_statements_logging_settings(tracing::log::LevelFilter::Warn, SLOW);
    options
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2))
}

/// The primary: one connection on SQLite (its single writer, which tells `hot` what it changes), a pool on PostgreSQL.
pub async fn primary(url: &str, hot: Option<Arc<Hot>>) -> Result<DatabaseConnection> {
    let options = if let Some(hot) = hot {
        let mut options = options(url, 1);
        options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        options.map_sqlx_sqlite_pool_opts(move |pool| {
            let hot = hot.clone();
            pool.after_connect(move |writer, _| {
                let hot = hot.clone();
                Box::pin(async move {
                    writer.lock_handle().await?.set_update_hook(move |change| hot.touch(change.table));
                    Ok(())
                })
            })
        });
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(ACQUIRE)
                .statement_cache_capacity(PLANS_KEPT)
                .pragma("journal_size_limit", "67108864")
                // Most of what a batch of an import changes fits in; with SQLite's own 2 MiB it writes it several times. What
                // a statement may have to undo stays in memory, too.
                .pragma("cache_size", "-16384")
                .pragma("temp_store", "memory")
                // `keep_checkpoints` brings most of it into the file. Under load the log grows to these 64 MiB before it begins
                // anew: a change must find all of it in the file.
                .pragma("wal_autocheckpoint", "16384")
            // No `optimize_on_close`: statistics of a big supplier make the plans for small ones wrong.
        });
        options
    } else {
        let mut options = options(url, 2 * cores() + 4);
        options.test_before_acquire(false).max_lifetime(Duration::from_secs(30 * 60));
        options.map_sqlx_postgres_opts(|postgres| {
            postgres.statement_cache_capacity(PLANS_KEPT).application_name("accord")
        });
        options
    };
    connected(options).await
}

/// How many single reads run at the same time. PostgreSQL may be some way off.
pub fn readers(of: DatabaseBackend) -> usize {
    let connections = if of == DatabaseBackend::Sqlite { cores().clamp(2, 4) } else { 2 * cores() + 4 };
    connections as usize
}

/// Read-only connections beside SQLite's single writer.
pub async fn sqlite_readers(url: &str) -> Result<DatabaseConnection> {
    let mut options = options(url, 4);
    options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .read_only(true)
            .busy_timeout(ACQUIRE)
            .statement_cache_capacity(PLANS_KEPT)
            // A page of a list in one piece: the thread of SQLite would else wait after every 50 rows until they are taken.
            .row_buffer_size(256)
            // KiB for each connection. With SQLite's own 2 MiB, numbers out of a million answers take half as long again.
            .pragma("cache_size", "-8192")
    });
    connected(options).await
}

/// SQLite does not wait for whoever switches a new file to its write-ahead log at the same time:
/// it answers "busy" at once, whatever the time-out says.
async fn connected(options: ConnectOptions) -> Result<DatabaseConnection> {
    let start = Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if is_busy(&error) && start.elapsed() < ACQUIRE => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            done => return Ok(done?),
        }
    }
}
