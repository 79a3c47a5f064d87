//! What a database error means, in one place. `DbErr::sql_err()` knows only unique and foreign
//! keys; busy, serialisation, deadlock and lock time-out are told apart by driver code. A failed check is
//! a bug of ours and stays an internal error.

use crate::shared::error::{Code, Error};
use sea_orm::{DbErr, RuntimeErr};

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let code = driver_code(&error);
        match code.as_deref() {
            // SQLite: primary key, unique. PostgreSQL: unique_violation.
            Some("1555" | "2067" | "23505") => {
                Error::new(Code::Conflict, "Somebody else stored the same thing at the same time.").because(error)
            }
            // A foreign key: something is still needed, or what was referred to is gone.
            Some("787" | "1811" | "23503") => {
                Error::new(Code::InUse, "Something else refers to it, or what it refers to is gone.").because(error)
            }
            // SQLite: full, and writing failed. PostgreSQL: disk_full.
            Some("13" | "778" | "4874" | "53100") => {
                Error::new(Code::DatabaseBusy, "The database has no room to write. Nothing was changed.")
                    .retry_after(60)
                    .because(error)
            }
            _ if retryable(code.as_deref()) || unavailable(&error) => {
                Error::new(Code::DatabaseBusy, "The database is busy. Nothing was changed.")
                    .retry_after(1)
                    .because(error)
            }
            _ => Error::internal(error),
        }
    }
}

/// Whether the whole transaction may succeed when it is run again at once. (A pool without a free
/// connection has made its caller wait already.)
pub fn worth_retrying(error: &Error) -> bool {
    let cause = error.cause.as_ref().and_then(|cause| cause.downcast_ref::<DbErr>());
    cause.is_some_and(|cause| is_busy(cause) || is_connection_lost(cause))
}

/// PostgreSQL gave up waiting for a lock; only the idempotency key sets a limit for that.
pub fn is_lock_timeout(error: &DbErr) -> bool {
    driver_code(error).as_deref() == Some("55P03")
}

/// Somebody else holds the database, or a part of it, for a moment.
pub fn is_busy(error: &DbErr) -> bool {
    retryable(driver_code(error).as_deref())
}

/// SQLite busy, busy snapshot, locked; PostgreSQL serialisation failure, deadlock, statement
/// cancelled by a restart.
fn retryable(code: Option<&str>) -> bool {
    matches!(code, Some("5" | "517" | "261" | "6" | "40001" | "40P01" | "57P01" | "57P03"))
}

fn unavailable(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_connection_lost(error)
}

/// The database restarted, or the way to it broke.
pub fn is_connection_lost(error: &DbErr) -> bool {
    matches!(driver_error(error), Some(sqlx::Error::Io(_)))
}

fn driver_code(error: &DbErr) -> Option<String> {
    match driver_error(error)? {
        sqlx::Error::Database(database) => database.code().map(|code| code.into_owned()),
        _ => None,
    }
}

fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}
