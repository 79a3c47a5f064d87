//! Rows that are read again and again by their ids, kept in memory while nothing in their table
//! changes. (Not of tables without row ids, such as tallies: SQLite does not tell of their changes.) Only over SQLite, whose one writer tells which tables a commit changed; over PostgreSQL
//! others write as well, and every read asks the database.
//!
//! A change of this process is seen by whoever asks after it was answered. A change that the command
//! line makes to the same file beside a running server is seen half a second later.

use super::Db;
use crate::shared::auth::Scope;
use crate::shared::error::Result;
use quick_cache::sync::Cache;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityName, Statement};
use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use uuid::Uuid;

/// How many rows are kept. A supplier takes about one KiB.
const MOST: usize = 16_384;

type Key = (TypeId, Scope, Uuid);
type Row = Arc<dyn Any + Send + Sync>;

pub struct Hot {
    rows: Cache<Key, (Version, Row)>,
    /// Tables with rows that the transaction in work has changed.
    changing: Mutex<HashSet<String>>,
    /// How often each table has been changed.
    changed: RwLock<HashMap<String, u64>>,
    /// How often another process has changed anything.
    elsewhere: AtomicU64,
    /// SQLite's count of what others committed, when last looked at.
    seen: AtomicI64,
}

/// What a table was like: the same, as long as nobody changes it.
#[derive(Clone, Copy, PartialEq)]
struct Version {
    changed: u64,
    elsewhere: u64,
}

impl Hot {
    pub fn new() -> Self {
        Self {
            rows: Cache::new(MOST),
            changing: Mutex::default(),
            changed: RwLock::default(),
            elsewhere: AtomicU64::new(0),
            seen: AtomicI64::new(0),
        }
    }

    /// A row of this table is written, in a transaction that may still fail.
    pub fn touch(&self, table: &str) {
        let mut changing = self.changing.lock().expect("nobody panics while holding it");
        if !changing.contains(table) {
            changing.insert(table.to_owned());
        }
    }

    /// The transaction has ended, whichever way. Called before anybody is answered.
    pub fn settle(&self) {
        let changing = std::mem::take(&mut *self.changing.lock().expect("nobody panics while holding it"));
        let mut changed = self.changed.write().expect("nobody panics while holding it");
        for table in changing {
            *changed.entry(table).or_default() += 1;
        }
    }

    /// Whether another process has committed something since this was asked last, or may have. The
    /// writer's connection knows, which does not count its own commits.
    pub async fn look_around(&self, writer: &DatabaseConnection) {
        let asked = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA data_version");
        let told = writer.query_one_raw(asked).await.ok().flatten().and_then(|row| row.try_get_by_index(0).ok());
        if told.is_none_or(|now| self.seen.swap(now, Ordering::SeqCst) != now) {
            self.elsewhere.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn version(&self, table: &str) -> Version {
        let changed = self.changed.read().expect("nobody panics while holding it").get(table).copied();
        Version { changed: changed.unwrap_or_default(), elsewhere: self.elsewhere.load(Ordering::SeqCst) }
    }

    /// The version, unless a transaction in work is changing the table.
    fn at_rest(&self, table: &str) -> Option<Version> {
        let changing = self.changing.lock().expect("nobody panics while holding it");
        (!changing.contains(table)).then(|| self.version(table))
    }

    fn kept<T: Send + Sync + 'static>(&self, key: &Key, version: Version) -> Option<Arc<T>> {
        let (kept, row) = self.rows.get(key)?;
        if kept == version { row.downcast().ok() } else { None }
    }

    fn keep<T: Send + Sync + 'static>(&self, key: Key, version: Version, row: T) -> Arc<T> {
        let row = Arc::new(row);
        self.rows.insert(key, (version, row.clone()));
        row
    }
}

impl Db {
    /// What `read` finds under this id in the table of `entity`, and in no other table: from memory,
    /// when it was found there before and the table has not changed.
    pub async fn hot<T: Send + Sync + 'static>(
        &self,
        entity: impl EntityName,
        scope: Scope,
        id: Uuid,
        read: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let Some(hot) = &self.hot else {
            return read.await.map(Arc::new);
        };
        let (key, version) = ((TypeId::of::<T>(), scope, id), hot.version(entity.table_name()));
        match hot.kept(&key, version) {
            Some(row) => Ok(row),
            None => Ok(hot.keep(key, version, read.await?)),
        }
    }

    /// The rows that `read` finds under the ids that `find` finds, in their order, both in the table of
    /// `entity` alone: those that were read before come from memory. `None` when nothing is kept of the
    /// table, or when it changes meanwhile, so that ids and rows may be of different moments.
    pub async fn hot_rows<T: Send + Sync + 'static, F: Future<Output = Result<Vec<T>>>>(
        &self,
        (entity, scope): (impl EntityName, Scope),
        find: impl Future<Output = Result<Vec<Uuid>>>,
        read: impl FnOnce(Vec<Uuid>) -> F,
        id: impl Fn(&T) -> Uuid,
    ) -> Result<Option<Vec<Arc<T>>>> {
        let Some((hot, version)) = self.hot.as_ref().and_then(|hot| Some((hot, hot.at_rest(entity.table_name())?)))
        else {
            return Ok(None);
        };
        let key = |id| (TypeId::of::<T>(), scope, id);
        let ids = find.await?;
        let mut rows: Vec<Option<Arc<T>>> = ids.iter().map(|id| hot.kept(&key(*id), version)).collect();
        let missing: Vec<_> = ids.iter().zip(&rows).filter(|(_, row)| row.is_none()).map(|(id, _)| *id).collect();
        if !missing.is_empty() {
            let read = read(missing).await?.into_iter().map(|row| (id(&row), hot.keep(key(id(&row)), version, row)));
            let read: HashMap<_, _> = read.collect();
            ids.iter().zip(&mut rows).for_each(|(id, row)| *row = row.take().or_else(|| read.get(id).cloned()));
        }
        let is_of_one_moment = hot.at_rest(entity.table_name()) == Some(version);
        Ok(is_of_one_moment.then(|| rows.into_iter().flatten().collect()))
    }

    /// Notices what other processes changed in the same file.
    pub async fn look_around(&self) {
        if let Some(hot) = &self.hot {
            hot.look_around(&self.primary).await;
        }
    }
}
