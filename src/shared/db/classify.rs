//! What a database error means, in one place. `DbErr::sql_err()` knows only unique and foreign
//! keys; busy, serialisation, deadlock, lock timeout and checks are told apart by driver code.

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
            // PostgreSQL lock_not_available: only the idempotency key sets a lock time-out.
            Some("55P03") => Error::new(
                Code::IdempotencyInProgress,
                "The first request with this idempotency key is not answered yet.",
            )
            .retry_after(1)
            .because(error),
            _ if retryable(code.as_deref()) || unavailable(&error) => {
                Error::new(Code::DatabaseBusy, "The database is busy. Nothing was changed.")
                    .retry_after(1)
                    .because(error)
            }
            _ => Error::internal(error),
        }
    }
}

/// Whether the whole transaction may succeed when it is run again.
pub fn worth_retrying(error: &Error) -> bool {
    error.code == Code::DatabaseBusy
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
