//! The slow-down of failing sign-ins, per account and per address, in the database so that it
//! holds across instances. Nobody is locked out for good: after some failures every further attempt
//! has to wait a little longer, a minute at most. Unknown accounts are counted like known ones.
//!
//! An attempt is counted before its password is looked at, so that many at once cannot slip through
//! together; a success takes it back.

use crate::shared::crypto::sha256_parts;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::rate::Policy;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_throttle")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    pub failures: i64,
    pub next_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is counted, and how many attempts are free of waiting.
#[derive(Clone, Debug)]
pub struct Counted {
    key: Vec<u8>,
    free: i64,
}

/// Failures are forgotten after this time without a further one.
pub const FORGOTTEN: TimeDelta = TimeDelta::minutes(15);
const LONGEST: i64 = 60;

impl Counted {
    pub fn account(email: &str) -> Self {
        Self { key: sha256_parts(&[b"account", email.to_lowercase().as_bytes()]), free: 5 }
    }

    /// Many people may sign in from one address.
    pub fn address(address: &str) -> Self {
        Self { key: sha256_parts(&[b"address", address.as_bytes()]), free: 20 }
    }

    /// After so many attempts in a row: 1, 2, 4, ... seconds, a minute at most.
    fn wait(&self, attempts: i64) -> TimeDelta {
        match attempts - self.free {
            i64::MIN..0 => TimeDelta::zero(),
            over => TimeDelta::seconds(LONGEST.min(1 << over.min(6))),
        }
    }
}

/// Counts an attempt, or refuses it because the last ones are too fresh.
pub async fn attempt(txn: &Txn, now: Timestamp, counted: &[Counted]) -> Result<()> {
    for one in counted {
        let row = Entity::find_by_id(one.key.clone()).lock_exclusive().one(txn).await?;
        let known = row.filter(|row| now < row.updated_at.plus(FORGOTTEN));
        if let Some(row) = known.as_ref().filter(|row| now < row.next_at) {
            let left = row.next_at.instant() - now.instant();
            let seconds = u64::try_from(left.num_milliseconds()).unwrap_or(0).div_ceil(1000);
            let detail = format!("Too many sign-ins failed. The next attempt is possible in {seconds} s.");
            return Err(Error::new(Code::RateLimited, detail)
                .with("policy", Policy::Login.name())
                .retry_after(seconds));
        }
        let attempts = known.map_or(0, |row| row.failures) + 1;
        count(txn, now, one, attempts).await?;
    }
    Ok(())
}

async fn count(txn: &Txn, now: Timestamp, one: &Counted, attempts: i64) -> Result<()> {
    use sea_orm::sea_query::OnConflict;
    let row = ActiveModel {
        key: Set(one.key.clone()),
        failures: Set(attempts),
        next_at: Set(now.plus(one.wait(attempts))),
        updated_at: Set(now),
    };
    let again = OnConflict::column(Column::Key)
        .update_columns([Column::Failures, Column::NextAt, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(txn).await?;
    Ok(())
}

/// The attempt was no failure: the account starts anew, the address gets its attempt back.
pub async fn success(txn: &Txn, now: Timestamp, account: &Counted, address: &Counted) -> Result<()> {
    use sea_orm::ExprTrait;
    Entity::delete_by_id(account.key.clone()).exec(txn).await?;
    Entity::update_many()
        .col_expr(Column::Failures, Expr::col(Column::Failures).sub(1))
        .col_expr(Column::NextAt, Expr::value(now))
        .filter(Column::Key.eq(address.key.clone()))
        .filter(Column::Failures.gt(0))
        .exec(txn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_a_minute() {
        let account = Counted::account("a@example.com");
        let waits: Vec<_> = (1..=12).map(|attempts| account.wait(attempts).num_seconds()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(account.wait(i64::MAX).num_seconds(), 60);
    }
}
