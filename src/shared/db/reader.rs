//! Reads of one statement each, over connections that are kept for them. sqlx's pool asks every connection that comes
//! back whether it is alive: a second way to the database and back for each statement, as dear as the statement itself.
//! These wait in a stack of ours, until something goes wrong with one.

use super::classify::{is_busy, is_connection_lost};
use super::connect::{ACQUIRE, readers};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection, Database, Executor, IntoArguments, Pool, Postgres, Sqlite};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a connection lives: what PostgreSQL remembers for it grows.
const KEPT: Duration = Duration::from_secs(30 * 60);

/// Runs statements that only read. Transactions begin on the pool itself.
#[derive(Clone)]
pub struct Reader {
    pool: DatabaseConnection,
    kept: Kept,
}

#[derive(Clone)]
enum Kept {
    Sqlite(Arc<Stack<Sqlite>>),
    Postgres(Arc<Stack<Postgres>>),
}

impl Reader {
    /// With connections besides those of the pool.
    pub fn new(pool: DatabaseConnection) -> Self {
        let backend = pool.get_database_backend();
        let kept = match backend {
            DatabaseBackend::Sqlite => Kept::Sqlite(Stack::new(pool.get_sqlite_connection_pool(), readers(backend))),
            _ => Kept::Postgres(Stack::new(pool.get_postgres_connection_pool(), readers(backend))),
        };
        Self { pool, kept }
    }

    pub fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    pub fn close(&self) {
        match &self.kept {
            Kept::Sqlite(stack) => stack.idle().clear(),
            Kept::Postgres(stack) => stack.idle().clear(),
        }
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.pool.get_database_backend()
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.kept {
            Kept::Sqlite(stack) => stack.first(statement).await,
            Kept::Postgres(stack) => stack.first(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.kept {
            Kept::Sqlite(stack) => stack.all(statement).await,
            Kept::Postgres(stack) => stack.all(statement).await,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }
}

struct Stack<D: Database> {
    options: Arc<<D::Connection as Connection>::Options>,
    turns: Semaphore,
    idle: Mutex<Vec<Taken<D>>>,
}

struct Taken<D: Database> {
    connection: D::Connection,
    since: Instant,
}

impl<D: Database> Stack<D> {
    fn idle(&self) -> MutexGuard<'_, Vec<Taken<D>>> {
        self.idle.lock().expect("nobody panics while holding it")
    }
}

impl<D> Stack<D>
where
    D: Database,
    SqlxValues: IntoArguments<D>,
    QueryResult: From<D::Row>,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    fn new(pool: &Pool<D>, connections: usize) -> Arc<Self> {
        Arc::new(Self { options: pool.connect_options(), turns: Semaphore::new(connections), idle: Mutex::default() })
    }

    async fn first(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (_turn, mut taken) = self.take().await?;
        let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
        let found = query.fetch_optional(&mut taken.connection).await;
        Ok(self.put_back(taken, found)?.map(QueryResult::from))
    }

    async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (_turn, mut taken) = self.take().await?;
        let query = sqlx::query_with(AssertSqlSafe(statement.sql), values(statement.values));
        let found = query.fetch_all(&mut taken.connection).await;
        Ok(self.put_back(taken, found)?.into_iter().map(QueryResult::from).collect())
    }

    async fn take(&self) -> Result<(SemaphorePermit<'_>, Taken<D>), DbErr> {
        let waited_long = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let turn = match self.turns.try_acquire() {
            Ok(turn) => Ok(turn),
            Err(_) => tokio::time::timeout(ACQUIRE, self.turns.acquire()).await.map_err(waited_long)?,
        };
        let turn = turn.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        let idle = self.idle().pop();
        if let Some(taken) = idle {
            if taken.since.elapsed() < KEPT {
                return Ok((turn, taken));
            }
            let _ = taken.connection.close().await;
        }
        // Not by way of the pool: all of its connections may be held by transactions that wait for this one.
        let opening = D::Connection::connect_with(&self.options);
        let connection = tokio::time::timeout(ACQUIRE, opening).await.map_err(waited_long)?.map_err(not_opened)?;
        Ok((turn, Taken { connection, since: Instant::now() }))
    }

    /// A connection of which something is not known does not come back: nor does that of a caller who was given up.
    fn put_back<T>(&self, taken: Taken<D>, found: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        match found {
            Ok(found) => {
                self.idle().push(taken);
                Ok(found)
            }
            Err(error) => {
                let error = DbErr::Query(RuntimeErr::SqlxError(error.into()));
                if is_connection_lost(&error) || is_busy(&error) {
                    // So are the others, as a rule: the database was started again.
                    self.idle().clear();
                }
                Err(error)
            }
        }
    }
}

fn values(values: Option<sea_orm::Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or(sea_orm::Values(Vec::new())))
}

fn not_opened(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
