//! The queries of calendar feeds.

use super::entity::{Column, Entity, Model};
use super::rules::Event;
use crate::agreements::titles_of;
use crate::organization::today;
use crate::reviews::entity as review;
use crate::reviews::types::ReviewStatus;
use crate::shared::auth::{By, Gate, secret};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::AccountId;
use crate::shared::permission::reviews::Read;
use crate::shared::words::date;
use chrono::Days;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::sync::Arc;

/// How many days back a calendar shows.
const BACK: Days = Days::new(400);
/// How many reviews a calendar shows at most.
const MOST: u64 = 2000;

fn only_people() -> Error {
    Error::new(Code::Forbidden, "People have calendars, not API keys.")
}

/// Gives a new address, which voids the one before; the token in it, and the row.
pub async fn give(txn: &Txn, by: &By) -> Result<(String, Model)> {
    let account_id = by.account().ok_or_else(only_people)?;
    let (before, now) = (Entity::find_by_id(account_id).lock_exclusive().one(txn).await?, by.clock.now());
    let row = match before {
        None => {
            let row = Model { account_id, round: 1, is_on: true, revision: 1, created_at: now, updated_at: now };
            Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
            row
        }
        Some(before) => {
            let (round, revision) = (before.round + 1, before.revision + 1);
            write(txn, Model { round, is_on: true, revision, updated_at: now, ..before }).await?
        }
    };
    history::record(txn, by, Entry::new("calendar_feed.give", account_id.0).about_any(by.caller.supplier_id)).await?;
    let key = by.gate.keys().link_key();
    Ok((secret::signed(&key, secret::CALENDAR, account_id.0, row.round), row))
}

/// Voids the address, if there is one.
pub async fn revoke(txn: &Txn, by: &By) -> Result<()> {
    let account_id = by.account().ok_or_else(only_people)?;
    let before = Entity::find_by_id(account_id).lock_exclusive().one(txn).await?.filter(|before| before.is_on);
    let Some(before) = before else {
        return Ok(());
    };
    let (round, revision) = (before.round + 1, before.revision + 1);
    write(txn, Model { round, is_on: false, revision, updated_at: by.clock.now(), ..before }).await?;
    let entry = Entry::new("calendar_feed.revoke", account_id.0).about_any(by.caller.supplier_id);
    history::record(txn, by, entry).await
}

async fn write(txn: &Txn, row: Model) -> Result<Model> {
    Entity::update(row.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(row)
}

/// On behalf of whom a token reads, with the rights they have now. Whatever is wrong with it is told alike.
pub async fn reader(gate: &Arc<Gate>, token: &str, request_id: &str) -> Result<By> {
    let refused = || Error::new(Code::InvalidToken, "This address is not, or no longer, that of a calendar.");
    let id = secret::names(secret::CALENDAR, token).ok_or_else(refused)?;
    let row = Entity::find().filter(Column::AccountId.eq(AccountId(id))).filter(Column::IsOn.eq(true));
    let row = row.one(gate.db().fresh()).await?.ok_or_else(refused)?;
    if !secret::is_signed(&gate.keys().link_key(), secret::CALENDAR, token, id, row.round) {
        return Err(refused());
    }
    let by = gate.acting("account", id, request_id).await.map_err(|_| refused())?;
    match by.caller.may::<Read>() {
        true => Ok(by),
        false => Err(refused()),
    }
}

/// The reviews that somebody sees, as days in a calendar; those that are cancelled say so.
pub async fn events(db: &impl ConnectionTrait, by: &By, public_url: &str) -> Result<Vec<Event>> {
    use review::Column;
    let first = today(db, &by.clock).await?;
    let first = first.checked_sub_days(BACK).unwrap_or(first);
    let rows = review::Entity::visible(by)
        .filter(Column::ScheduledOn.gte(first))
        .order_by_desc(Column::ScheduledOn)
        .order_by_desc(Column::Id)
        .limit(MOST)
        .all(db)
        .await?;
    let titles = titles_of(db, rows.iter().map(|row| row.agreement_id).collect()).await?;
    let event = |row: review::Model| {
        let title = titles.get(&row.agreement_id).cloned().unwrap_or_default();
        Event {
            uid: format!("review-{}@accord", row.id),
            on: row.held_on.unwrap_or(row.scheduled_on),
            title: format!("Review {}: {title}", row.number),
            description: format!("About {} to {}.", date(row.period_from), date(row.period_to)),
            url: format!("{public_url}/v1/reviews/{}", row.id),
            moves: row.moves + i64::from(row.held_on.is_some()),
            is_cancelled: matches!(row.status, ReviewStatus::Cancelled | ReviewStatus::Missed),
            changed_at: row.updated_at,
        }
    };
    Ok(rows.into_iter().map(event).collect())
}
