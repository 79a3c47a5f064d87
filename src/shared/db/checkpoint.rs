//! Brings what was committed from SQLite's write-ahead log into its file, beside the writer. Left to the writer, every
//! few thousand changes one would wait until megabytes lie in their places.

use super::Db;
use sea_orm::sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use std::time::Duration;

/// Changes of this time go together: a page that many of them touch is written once. The longer it is, the more is
/// written at a time, and the longer a change waits meanwhile until the disk has taken its own: with 25 ms 99 of 100
/// waited less than 22 ms at half load, with 250 ms less than 90.
const EVERY: Duration = Duration::from_millis(25);

impl Db {
    /// Goes on as long as the process. PostgreSQL has a checkpointer of its own.
    pub async fn keep_checkpoints(self) {
        if !self.is_sqlite() {
            return;
        }
        // Nobody waits for it: it is no slow statement while an import keeps the disk busy.
        let options = self.primary.get_sqlite_connection_pool().connect_options();
        let options = options.as_ref().clone().disable_statement_logging();
        let (mut log, mut is_told) = (None::<SqliteConnection>, false);
        loop {
            self.changed().await;
            tokio::time::sleep(EVERY).await;
            let done = async {
                let mut open = match log.take() {
                    Some(open) => open,
                    None => SqliteConnection::connect_with(&options).await?,
                };
                // It takes what no reader needs to be left there, and the rest the next time.
                open.execute("PRAGMA wal_checkpoint(PASSIVE)").await?;
                Ok::<_, sea_orm::sqlx::Error>(open)
            };
            match done.await {
                Ok(open) => (log, is_told) = (Some(open), false),
                // A full disk says so once.
                Err(error) if !is_told => {
                    is_told = true;
                    tracing::warn!(%error, "the write-ahead log was not brought into the file");
                }
                Err(_) => (),
            }
        }
    }
}
