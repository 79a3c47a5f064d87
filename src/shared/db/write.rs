//! The write door. On SQLite changes run one after another on the single writer and share one commit
//! when they queue up (group commit: one fsync, every caller is answered after it). When one of them is refused,
//! they all run again, each under a savepoint. On PostgreSQL each has its own transaction, run again on serialisation
//! failures. A change is therefore a plain function of a transaction and its input, without any
//! effect outside the database.

use super::hot::Hot;
use super::{Db, Txn, classify};
use crate::shared::error::{Code, Error, Result};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::sqlx::Connection;
use sea_orm::{DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc, oneshot};

/// What a change returns: it may borrow its transaction and its input.
pub type Writing<'a, T> = BoxFuture<'a, Result<T>>;

const QUEUED: usize = 4096;
const SHARED_COMMIT: usize = 128;
const ATTEMPTS: u32 = 5;

impl Db {
    /// Runs `change` in a transaction and returns what it returns once that is durable. An error
    /// leaves nothing behind.
    pub async fn write<I, T, F>(&self, input: I, change: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Txn, &'a I) -> Writing<'a, T> + Send + Sync + 'static,
    {
        match &self.queue {
            Some(queue) => queue.run(input, change).await,
            None => {
                let done = on_postgres(&self.primary, &input, &change).await;
                self.committed.notify_waiters();
                done
            }
        }
    }
}

async fn on_postgres<I, T, F>(primary: &DatabaseConnection, input: &I, change: &F) -> Result<T>
where
    F: for<'a> Fn(&'a Txn, &'a I) -> Writing<'a, T>,
{
    let mut attempt = 1;
    loop {
        let outcome = async {
            let txn = primary.begin().await?;
            let answer = change(&txn, input).await?;
            txn.commit().await.map_err(not_committed)?;
            Ok(answer)
        };
        match outcome.await {
            Err(error) if classify::worth_retrying(&error) && attempt < ATTEMPTS => {
                let jitter = u64::from(crate::shared::crypto::random::<1>()[0]) / 8;
                tokio::time::sleep(Duration::from_millis(10 * (1 << attempt) + jitter)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// A connection that is lost here takes the answer with it: run again, the change might be stored
/// twice, so only the caller may repeat it, with its idempotency key.
fn not_committed(error: sea_orm::DbErr) -> Error {
    if classify::is_connection_lost(&error) {
        let detail = "The database went away: whether the request was carried out is not known.";
        return Error::new(Code::InternalError, detail).because(error);
    }
    error.into()
}

/// SQLite's queue of changes in front of the single writer.
#[derive(Clone)]
pub struct Queue(mpsc::Sender<Box<dyn Queued>>);

trait Queued: Send {
    /// Runs the change; whether its effect is to be kept.
    fn run<'a>(&'a mut self, txn: &'a Txn) -> BoxFuture<'a, Fate>;
    fn answer(self: Box<Self>, committed: Result<()>);
}

#[derive(PartialEq)]
enum Fate {
    Keep,
    Undo,
    /// The database itself failed: nothing that shares the transaction can be trusted.
    Broken,
}

struct Change<I, T, F> {
    input: I,
    change: F,
    /// Once it has run.
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl Queue {
    pub fn start(writer: DatabaseConnection, committed: Arc<Notify>, hot: Arc<Hot>) -> Self {
        let (sender, mut receiver) = mpsc::channel(QUEUED);
        tokio::spawn(async move {
            let mut waiting: Vec<Box<dyn Queued>> = Vec::with_capacity(SHARED_COMMIT);
            while receiver.recv_many(&mut waiting, SHARED_COMMIT).await > 0 {
                let mut batch = std::mem::take(&mut waiting);
                if let Err(error) = together(&writer, &hot, &mut batch).await {
                    one_by_one(&writer, &hot, batch, error).await;
                } else {
                    batch.into_iter().for_each(|change| change.answer(Ok(())));
                }
                committed.notify_waiters();
            }
        });
        Self(sender)
    }

    async fn run<I, T, F>(&self, input: I, change: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Txn, &'a I) -> Writing<'a, T> + Send + Sync + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let change = Change { input, change, outcome: None, caller };
        self.0.try_send(Box::new(change)).map_err(|_| stopping())?;
        answer.await.unwrap_or_else(|_| Err(Error::internal(std::io::Error::other("the writer has stopped"))))
    }
}

fn stopping() -> Error {
    Error::new(Code::Overloaded, "Too many changes are waiting. Nothing was changed.").retry_after(1)
}

async fn begin(writer: &DatabaseConnection) -> Result<Txn> {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
    Ok(writer.begin_with_options(options).await?)
}

/// All changes in one transaction; afterwards nothing that they changed is remembered as it was before.
async fn together(writer: &DatabaseConnection, hot: &Hot, batch: &mut [Box<dyn Queued>]) -> Result<()> {
    let mut done = one_after_the_other(writer, batch).await;
    if let Ok(Kept::Nothing) = done {
        done = under_savepoints(writer, batch).await;
    }
    if done.is_err() {
        renew(writer).await;
    }
    hot.settle();
    done.map(drop)
}

/// What a transaction has kept of its changes.
enum Kept {
    All,
    Nothing,
}

/// SQLite ends a transaction by itself when the disk is full, and the driver does not hear of it: it would
/// take the next transaction for a part of that one, and never commit it. So the next one gets another connection.
async fn renew(writer: &DatabaseConnection) {
    if let Ok(connection) = writer.get_sqlite_connection_pool().acquire().await {
        let _ = connection.detach().close_hard().await;
    }
}

/// As a rule all are kept, and nobody waits for savepoints. Where one of several would be undone, nothing is kept.
async fn one_after_the_other(writer: &DatabaseConnection, batch: &mut [Box<dyn Queued>]) -> Result<Kept> {
    let txn = begin(writer).await?;
    let is_alone = batch.len() == 1;
    for change in batch {
        match change.run(&txn).await {
            Fate::Keep => (),
            Fate::Undo => {
                txn.rollback().await?;
                return Ok(if is_alone { Kept::All } else { Kept::Nothing });
            }
            Fate::Broken => return Err(stopping()),
        }
    }
    txn.commit().await?;
    Ok(Kept::All)
}

/// Each change under a savepoint of its own.
async fn under_savepoints(writer: &DatabaseConnection, batch: &mut [Box<dyn Queued>]) -> Result<Kept> {
    let txn = begin(writer).await?;
    for change in batch {
        let savepoint = txn.begin().await?;
        match change.run(&savepoint).await {
            Fate::Keep => savepoint.commit().await?,
            Fate::Undo => savepoint.rollback().await?,
            Fate::Broken => return Err(stopping()),
        }
    }
    txn.commit().await?;
    Ok(Kept::All)
}

/// After a shared transaction failed: each change again, alone, so that one cannot harm another.
/// Not when somebody else holds the database: each would wait for it as long as all have already.
async fn one_by_one(writer: &DatabaseConnection, hot: &Hot, batch: Vec<Box<dyn Queued>>, error: Error) {
    let hopeless = batch.len() == 1 || error.code == Code::DatabaseBusy;
    for change in batch {
        let mut change = [change];
        let done = if hopeless { Err(error.clone()) } else { together(writer, hot, &mut change).await };
        let [change] = change;
        change.answer(done);
    }
}

impl<I, T, F> Queued for Change<I, T, F>
where
    I: Send + Sync,
    T: Send,
    F: for<'a> Fn(&'a Txn, &'a I) -> Writing<'a, T> + Send + Sync,
{
    fn run<'a>(&'a mut self, txn: &'a Txn) -> BoxFuture<'a, Fate> {
        async move {
            if self.caller.is_closed() {
                // Nobody waits for it any more: it was given up before its turn came, and has done nothing.
                return Fate::Keep;
            }
            let running = AssertUnwindSafe((self.change)(txn, &self.input)).catch_unwind();
            let outcome =
                running.await.unwrap_or_else(|_| Err(Error::internal(std::io::Error::other("a change panicked"))));
            let fate = match &outcome {
                Ok(_) => Fate::Keep,
                Err(error) if matches!(error.code, Code::InternalError | Code::DatabaseBusy) => Fate::Broken,
                Err(_) => Fate::Undo,
            };
            self.outcome = Some(outcome);
            fate
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let _ = self.caller.send(match self.outcome {
            Some(Err(refusal)) => Err(refusal),
            Some(Ok(done)) => committed.map(|()| done),
            None => committed.and_then(|()| Err(stopping())),
        });
    }
}
