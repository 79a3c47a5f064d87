//! `Idempotency-Key`: a POST that is sent twice has one effect and one answer. The key is stored
//! in the transaction of the effect, so it survives a restart and holds across instances. Kept
//! are outcomes after validation (2xx, 409, 422), for 24 hours. A secret that is shown only once is
//! not kept: the repeated answer has null in its place.

use crate::shared::auth::{By, Gate};
use crate::shared::clock::Clock;
use crate::shared::crypto::{mac, sha256_parts};
use crate::shared::db::{Db, Txn, Writing, is_lock_timeout};
use crate::shared::error::{Code, Error, Refusal, Result};
use crate::shared::header::{self, Header};
use crate::shared::reply::{Reply, Sent};
use poem::Request;
use poem_openapi::registry::MetaSchema;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement, TransactionTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The optional `Idempotency-Key` header, with the operation it was sent to.
pub struct Once {
    key: Option<String>,
    operation: String,
}

/// A key bound to its caller, operation and content.
#[derive(Clone)]
pub struct Keyed(Option<Bound>);

#[derive(Clone)]
struct Bound {
    scope: Vec<u8>,
    fingerprint: Vec<u8>,
    keeps_refusals: bool,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
enum Outcome {
    Done(Sent),
    Refused(Refusal),
}

impl Once {
    /// `content` is the digest of the body; empty for operations without one.
    pub fn over(&self, by: &By, content: &[u8]) -> Keyed {
        self.bound(&by.gate, &[by.caller.id().as_bytes(), by.scope.as_bytes()], content, true)
    }

    /// The same for whoever holds a link. What is refused there is not kept: strangers could fill the table with it.
    pub fn over_link(&self, gate: &Gate, link: Uuid, content: &[u8]) -> Keyed {
        self.bound(gate, &[link.as_bytes(), b"link"], content, false)
    }

    fn bound(&self, gate: &Gate, who: &[&[u8]; 2], content: &[u8], keeps_refusals: bool) -> Keyed {
        let operation = self.operation.as_bytes();
        Keyed(self.key.as_ref().map(|key| Bound {
            scope: sha256_parts(&[who[0], who[1], operation, key.as_bytes()]),
            // Under a key: a body may hold a password, and nobody who reads the table shall guess it.
            fingerprint: mac(gate.keys().cursor_key(), content),
            keeps_refusals,
            clock: gate.clock().clone(),
        }))
    }
}

impl Db {
    /// `Db::write` for operations that take an idempotency key.
    pub async fn once<I, R, F>(&self, keyed: Keyed, input: I, change: F) -> Result<R>
    where
        I: Send + Sync + 'static,
        R: Reply,
        F: for<'a> Fn(&'a Txn, &'a I) -> Writing<'a, R> + Send + Sync + 'static,
    {
        let Some(bound) = keyed.0 else {
            return self.write(input, change).await;
        };
        let outcome = self
            .write((bound, input, change), |txn, (bound, input, change)| {
                Box::pin(async move {
                    if !claim(txn, bound).await? {
                        return replay(txn, bound).await;
                    }
                    let savepoint = txn.begin().await?;
                    let outcome = match change(&savepoint, input).await {
                        Ok(reply) => {
                            savepoint.commit().await?;
                            Outcome::Done(reply.sent().clone())
                        }
                        Err(error) if bound.keeps_refusals && is_final(&error) => {
                            savepoint.rollback().await?;
                            Outcome::Refused((*error).clone())
                        }
                        Err(error) => return Err(error),
                    };
                    keep(txn, bound, &outcome).await?;
                    Ok(outcome)
                })
            })
            .await?;
        match outcome {
            Outcome::Done(sent) => Ok(R::again(sent)),
            Outcome::Refused(refusal) => Err(refusal.into()),
        }
    }
}

/// Stores the key; false when it is there already. On PostgreSQL a second request waits here
/// until the first has committed, five seconds at most.
async fn claim(txn: &Txn, bound: &Bound) -> Result<bool> {
    let waits = txn.get_database_backend() == DatabaseBackend::Postgres;
    if waits {
        txn.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
    }
    let sql = "INSERT INTO idempotency_key (scope, fingerprint, created_at) VALUES ($1, $2, $3) \
               ON CONFLICT (scope) DO NOTHING";
    let values = [bound.scope.clone().into(), bound.fingerprint.clone().into(), bound.clock.now().into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    let claimed = txn.execute_raw(statement).await.map_err(|error| match is_lock_timeout(&error) {
        true => in_progress(),
        false => error.into(),
    })?;
    if waits {
        txn.execute_unprepared("SET LOCAL lock_timeout TO DEFAULT").await?;
    }
    Ok(claimed.rows_affected() == 1)
}

/// Refusals that the same request would meet again. Those that pass (somebody else was quicker)
/// are not kept, so that the same key may be sent again.
fn is_final(error: &Error) -> bool {
    matches!(error.code.status(), 409 | 422) && !matches!(error.code, Code::Conflict | Code::IdempotencyInProgress)
}

async fn replay(txn: &Txn, bound: &Bound) -> Result<Outcome> {
    let sql = "SELECT fingerprint, outcome FROM idempotency_key WHERE scope = $1";
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, [bound.scope.clone().into()]);
    let row = txn.query_one_raw(statement).await?.ok_or_else(in_progress)?;
    if row.try_get::<Vec<u8>>("", "fingerprint")? != bound.fingerprint {
        return Err(Error::new(
            Code::IdempotencyKeyReused,
            "This key was sent with another body. Use a new key for a new request.",
        ));
    }
    let kept: Option<String> = row.try_get("", "outcome")?;
    let outcome = serde_json::from_str(&kept.ok_or_else(in_progress)?).map_err(Error::internal)?;
    Ok(match outcome {
        Outcome::Done(sent) => Outcome::Done(Sent { replayed: true, ..sent }),
        Outcome::Refused(refusal) => Outcome::Refused(Refusal { replayed: true, ..refusal }),
    })
}

async fn keep(txn: &Txn, bound: &Bound, outcome: &Outcome) -> Result<()> {
    let sql = "UPDATE idempotency_key SET outcome = $1 WHERE scope = $2";
    let outcome = serde_json::to_string(outcome).map_err(Error::internal)?;
    let values = [outcome.into(), bound.scope.clone().into()];
    txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    Ok(())
}

fn in_progress() -> Error {
    Error::new(Code::IdempotencyInProgress, "The first request with this key is not answered yet.").retry_after(1)
}

impl Header for Once {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(255),
            pattern: Some("^[!-~]+$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn read(request: &Request) -> Result<Self> {
        let key = request.headers().get("idempotency-key").map(|given| parse(given.as_bytes())).transpose()?;
        Ok(Self { key, operation: format!("{} {}", request.method(), request.original_uri()) })
    }
}

header::parameter!(Once);

/// Visible ASCII, bare or quoted (the draft's structured string).
fn parse(given: &[u8]) -> Result<String> {
    let bare = given.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(given);
    if (1..=255).contains(&bare.len()) && bare.iter().all(u8::is_ascii_graphic) {
        return Ok(String::from_utf8_lossy(bare).into_owned());
    }
    let detail = "1 to 255 visible ASCII characters.".to_owned();
    Err(header::refused(Code::InvalidIdempotencyKey, "Idempotency-Key", "pattern", detail))
}
