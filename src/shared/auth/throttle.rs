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
    pub fn address(network: u128) -> Self {
        Self { key: sha256_parts(&[b"address", &network.to_be_bytes()]), free: 20 }
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
        let row = lock(txn, now, one).await?;
        if now < row.next_at {
            let left = row.next_at.instant() - now.instant();
            let seconds = u64::try_from(left.num_milliseconds()).unwrap_or(0).div_ceil(1000);
            let detail = format!("Too many sign-ins failed. The next attempt is possible in {seconds} s.");
            return Err(Error::new(Code::RateLimited, detail)
                .with("policy", Policy::Login.name())
                .retry_after(seconds));
        }
        let is_forgotten = row.updated_at.plus(FORGOTTEN) <= now;
        let attempts = if is_forgotten { 1 } else { row.failures + 1 };
        let (next_at, updated_at) = (Set(now.plus(one.wait(attempts))), Set(now));
        let row = ActiveModel { key: Set(row.key), failures: Set(attempts), next_at, updated_at };
        Entity::update(row).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// The row, which is made first: only a row that is there can be locked against others who try at once.
async fn lock(txn: &Txn, now: Timestamp, one: &Counted) -> Result<Model> {
    let fresh = ActiveModel { key: Set(one.key.clone()), failures: Set(0), next_at: Set(now), updated_at: Set(now) };
    Entity::insert(fresh).on_conflict_do_nothing().exec_without_returning(txn).await?;
    let row = Entity::find_by_id(one.key.clone()).lock_exclusive().one(txn).await?;
    row.ok_or_else(|| Error::new(Code::DatabaseBusy, "Old failures are just being forgotten.").retry_after(1))
}

/// The attempt was no failure: the account starts anew, the address gets its attempt back.
pub async fn success(txn: &Txn, now: Timestamp, account: &Counted, address: &Counted) -> Result<()> {
    use sea_orm::ExprTrait;
    forgive(txn, now, account).await?;
    set_failures(txn, now, address, Expr::col(Column::Failures).sub(1)).await
}

/// Whoever is counted starts anew. The row stays, because others may be waiting for it.
pub async fn forgive(txn: &Txn, now: Timestamp, one: &Counted) -> Result<()> {
    set_failures(txn, now, one, Expr::value(0)).await
}

async fn set_failures(txn: &Txn, now: Timestamp, one: &Counted, failures: Expr) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Failures, failures)
        .col_expr(Column::NextAt, Expr::value(now))
        .filter(Column::Key.eq(one.key.clone()))
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
