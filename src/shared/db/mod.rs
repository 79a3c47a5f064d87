//! The databases. `Db::write` is the only door to a change; `Db::read` serves lists and numbers
//! (on PostgreSQL perhaps from a replica), `Db::fresh` serves single reads and everything about
//! rights.

mod bulk;
mod checkpoint;
mod classify;
mod connect;
mod hot;
mod lease;
mod merge;
mod reader;
pub mod schema;
mod stored;
mod sum;
mod write;

pub use bulk::insert_all;
pub use classify::is_lock_timeout;
pub use lease::Lease;
pub use merge::merge;
pub use reader::Reader;
pub use sea_orm::DatabaseTransaction as Txn;
pub use stored::Stored;
pub use sum::sum;
pub use write::Writing;

use crate::shared::clock::Clock;
use crate::shared::error::Result;
use sea_orm::{AccessMode, ConnectionTrait, DatabaseBackend, DatabaseConnection, IsolationLevel, TransactionTrait};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Clone)]
pub struct Db {
    primary: DatabaseConnection,
    fresh: Reader,
    lists: Reader,
    queue: Option<write::Queue>,
    committed: Arc<Notify>,
    hot: Option<Arc<hot::Hot>>,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// `sqlite://path?mode=rwc` or `postgres://...`
    pub primary: String,
    /// A PostgreSQL replica for lists, exports and numbers.
    pub replica: Option<String>,
}

impl Addresses {
    /// The file of a SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.primary.strip_prefix("sqlite:")?.split('?').next()?;
        let path = path.strip_prefix("//").unwrap_or(path);
        (path != ":memory:").then(|| path.into())
    }
}

impl Db {
    /// Connects and, if some schema step is missing, takes the lease and migrates.
    pub async fn open(addresses: &Addresses, clock: &Clock) -> Result<Self> {
        let db = Self::connect(addresses).await?;
        schema::migrate(&db, clock).await?;
        Ok(db)
    }

    /// Connects without touching the schema.
    pub async fn connect(addresses: &Addresses) -> Result<Self> {
        let hot = addresses.primary.starts_with("sqlite:").then(|| Arc::new(hot::Hot::new()));
        let primary = connect::primary(&addresses.primary, hot.clone()).await?;
        let sqlite = primary.get_database_backend() == DatabaseBackend::Sqlite;
        let fresh = Reader::new(match sqlite {
            true => connect::sqlite_readers(&addresses.primary).await?,
            false => primary.clone(),
        });
        let lists = match &addresses.replica {
            Some(replica) if !sqlite => Reader::new(connect::primary(replica, None).await?),
            _ => fresh.clone(),
        };
        let committed = Arc::new(Notify::new());
        let queue = hot.as_ref().map(|hot| write::Queue::start(primary.clone(), committed.clone(), hot.clone()));
        Ok(Self { primary, fresh, lists, queue, committed, hot })
    }

    /// For lists, exports and numbers. It may lag behind on a replica.
    pub fn read(&self) -> &Reader {
        &self.lists
    }

    /// For what somebody just wrote and for rights: always the primary's data.
    pub fn fresh(&self) -> &Reader {
        &self.fresh
    }

    /// For reads of several statements that belong together: they see one moment.
    pub async fn snapshot(&self) -> Result<Txn> {
        Ok(match self.is_sqlite() {
            true => self.fresh.pool().begin().await?,
            false => {
                let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                self.fresh.pool().begin_with_config(Some(isolation), Some(access)).await?
            }
        })
    }

    pub fn is_sqlite(&self) -> bool {
        self.queue.is_some()
    }

    /// Returns after somebody in this process has committed a change.
    pub async fn changed(&self) {
        self.committed.notified().await;
    }

    /// A consistent copy of a running SQLite database into a new file.
    pub async fn backup(&self, file: &std::path::Path) -> Result<()> {
        let statement = sea_orm::Statement::from_sql_and_values(
            DatabaseBackend::Sqlite,
            "VACUUM INTO ?",
            [file.to_string_lossy().into_owned().into()],
        );
        self.primary.execute_raw(statement).await?;
        Ok(())
    }

    pub async fn close(self) {
        for reader in [self.fresh, self.lists] {
            reader.close();
            let _ = reader.pool().clone().close().await;
        }
        let _ = self.primary.close().await;
    }
}
