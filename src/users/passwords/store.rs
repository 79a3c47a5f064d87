//! What password resets read and write.

use super::entity::{self, Column, Entity, ResetId};
use crate::shared::app::App;
use crate::shared::auth::secret::{self, RESET};
use crate::shared::auth::{Anyone, account, password, session};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::AccountId;
use crate::shared::mail::{self, Letter, Mail, Order};
use crate::shared::time::Timestamp;
use crate::users::letters::said;
use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

/// How long a link works,
const VALID: TimeDelta = TimeDelta::minutes(30);
/// and for how long after one no other is made.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Every link is a row of its own, so its token has one round only.
const ROUND: i64 = 1;

/// Orders the mail for an address. For one without an account the same is written: a history row and
/// a job, which finds nothing to send.
pub async fn request(app: &App, anyone: &Anyone, email: &str) -> Result<()> {
    let input = (app.clock.clone(), email.to_owned(), anyone.context.request_id.clone());
    app.db.write(input, |txn, (clock, email, request)| Box::pin(order_mail(txn, clock, email, request))).await
}

async fn order_mail(txn: &Txn, clock: &Clock, email: &str, request: &str) -> Result<()> {
    let id = ResetId::new(clock);
    let account = account::by_email(txn, email).await?.filter(|account| account.disabled_at.is_none());
    let action = "user.password_reset_requested";
    let entry = match &account {
        Some(account) => Entry::new(action, account.id.0).about_any(account.supplier_id),
        None => Entry::of_nothing(action),
    };
    history::record_as(txn, clock, Author::nobody(request), entry).await?;
    if let Some(account) = account {
        insert_reset(txn, clock.now(), id, &account).await?;
    }
    mail::order(txn, clock, Order { letter: Letter::PasswordReset, id: id.0, round: ROUND }).await
}

/// Stores a link, unless the account has a fresh one. The account is locked, so that two requests at
/// once make one.
async fn insert_reset(txn: &Txn, now: Timestamp, id: ResetId, account: &account::Model) -> Result<()> {
    account::Entity::find_by_id(account.id).lock_exclusive().one(txn).await?;
    let own = || Entity::find().filter(Column::AccountId.eq(account.id));
    let is_fresh = Column::ExpiresAt.gt(now.plus(VALID - PAUSE));
    if own().filter(is_fresh).one(txn).await?.is_some() {
        return Ok(());
    }
    let row = entity::ActiveModel {
        id: Set(id),
        account_id: Set(account.id),
        expires_at: Set(now.plus(VALID)),
        used_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The mail with a link, unless there is nobody to get it.
pub async fn mail(app: &App, order: Order) -> Result<Option<Mail>> {
    let Some((row, account)) = find(app.db.fresh(), ResetId(order.id)).await? else {
        return Ok(None);
    };
    if refuse_over(&row, &account, app.clock.now()).is_err() {
        return Ok(None);
    }
    let token = secret::signed(&app.gate.keys().link_key(), RESET, row.id.0, ROUND);
    let said = said(app, Letter::PasswordReset, &account.name, token, row.expires_at).await?;
    Ok(Some(Mail { letter: Letter::PasswordReset, to: account.email, said }))
}

async fn find(db: &impl ConnectionTrait, id: ResetId) -> Result<Option<(entity::Model, account::Model)>> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let account = account::Entity::find_by_id(row.account_id).one(db).await?;
    Ok(account.map(|account| (row, account)))
}

fn refuse_over(row: &entity::Model, account: &account::Model, now: Timestamp) -> Result<()> {
    match row.used_at.is_none() && now < row.expires_at && account.disabled_at.is_none() {
        true => Ok(()),
        false => Err(Error::new(Code::LinkExpired, "The link was used, replaced or is too old. Ask for another one.")),
    }
}

/// Stores the new password of whoever holds the token.
pub async fn confirm(app: &App, anyone: &Anyone, token: &str, password: String) -> Result<()> {
    let unknown = || Error::new(Code::InvalidToken, "The token is not one of ours.");
    let id = secret::names(RESET, token).map(ResetId).ok_or_else(unknown)?;
    if !secret::is_signed(&app.gate.keys().link_key(), RESET, token, id.0, ROUND) {
        return Err(unknown());
    }
    let (row, account) = find(app.db.fresh(), id).await?.ok_or_else(unknown)?;
    refuse_over(&row, &account, app.clock.now())?;
    password::check(&password, &[&account.email, &account.name], "/password").await?;
    let hash = password::hash(password, app.password_cost).await?;
    let reset = Reset { clock: app.clock.clone(), id, hash, request: anyone.context.request_id.clone() };
    app.db.write(reset, |txn, reset| Box::pin(reset.carry_out(txn))).await?;
    app.gate.forget();
    Ok(())
}

/// Removes links that were over at this time already.
pub async fn forget_until(txn: &Txn, then: Timestamp) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lt(then)).exec(txn).await?.rows_affected)
}

/// Removes the links of an account, which work no more then.
pub async fn forget(txn: &Txn, account: AccountId) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(txn).await?;
    Ok(())
}

struct Reset {
    clock: Clock,
    id: ResetId,
    hash: String,
    request: Arc<str>,
}

impl Reset {
    async fn carry_out(&self, txn: &Txn) -> Result<()> {
        let now = self.clock.now();
        let gone = || Error::new(Code::LinkExpired, "The link is over.");
        let row = Entity::find_by_id(self.id).one(txn).await?.ok_or_else(gone)?;
        // The account is locked, not the link: two links of one account at once wait for each other.
        let account = account::Entity::find_by_id(row.account_id).lock_exclusive().one(txn).await?.ok_or_else(gone)?;
        let row = Entity::find_by_id(self.id).one(txn).await?.ok_or_else(gone)?;
        refuse_over(&row, &account, now)?;
        account::set_password(txn, &self.clock, account.id, &self.hash, false).await?;
        Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(now))
            .filter(Column::AccountId.eq(account.id))
            .filter(Column::UsedAt.is_null())
            .exec(txn)
            .await?;
        let entry = Entry::new("user.password_reset", account.id.0).about_any(account.supplier_id);
        history::record_as(
            txn,
            &self.clock,
            Author::account(account.id, account.supplier_id, &account.name, &self.request),
            entry,
        )
        .await?;
        session::end_all(txn, now, account.id, None).await?;
        Ok(())
    }
}
