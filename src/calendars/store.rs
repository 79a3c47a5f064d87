//! The queries of calendars.

use super::entity::{ActiveModel, Column, Entity};
use super::rules::{self, WorkingTime};
use super::types::{Calendar, CalendarChange, CalendarQuery, Holiday, NewCalendar};
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn, merge};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::CalendarId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::zone;
use jiff::tz::TimeZone;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveValue, QueryFilter, QuerySelect};
use std::collections::HashMap;

pub async fn list_calendars(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CalendarQuery>,
) -> Result<Page<Calendar>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |calendar: &Calendar| (Key::Id(calendar.id.0), calendar.id.0),
    };
    let rows = rows(db, by, Entity::find(), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |item| item))
}

pub async fn get_calendar(db: &impl ConnectionTrait, id: CalendarId) -> Result<Calendar> {
    let row = Entity::find_by_id(id).into_partial_model::<Calendar>();
    row.one(db).await?.ok_or_else(Error::not_found)
}

/// Calendars by name, with their zone: `Shop hours (Europe/Berlin)`.
pub async fn calendar_names(db: &impl ConnectionTrait, ids: Vec<CalendarId>) -> Result<HashMap<CalendarId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find().select_only().column(Column::Id).column(Column::Name).column(Column::TimeZone);
    let rows = rows.filter(Column::Id.is_in(ids)).into_tuple::<(CalendarId, String, String)>().all(db).await?;
    Ok(rows.into_iter().map(|(id, name, zone)| (id, format!("{name} ({zone})"))).collect())
}

/// Reads a calendar to change it: nobody else can until the transaction ends.
pub async fn lock_calendar(txn: &Txn, id: CalendarId) -> Result<Calendar> {
    let row = Entity::find_by_id(id).lock_exclusive().into_partial_model::<Calendar>();
    row.one(txn).await?.ok_or_else(Error::not_found)
}

/// The same for the calendar that stands wherever none is named.
pub async fn lock_default(txn: &Txn) -> Result<Option<Calendar>> {
    let row = Entity::find().filter(Column::IsDefault.eq(true)).lock_exclusive();
    Ok(row.into_partial_model::<Calendar>().one(txn).await?)
}

pub async fn insert_calendar(txn: &Txn, by: &By, new: &NewCalendar) -> Result<CalendarId> {
    let (id, now) = (CalendarId::new(&by.clock), by.clock.now());
    let row = ActiveModel {
        id: Set(id),
        name: Set(new.name.clone()),
        time_zone: Set(zone::checked(&new.time_zone, "/time_zone")?),
        hours: Set(Stored(rules::checked_hours(&new.hours)?)),
        holidays: Set(Stored(rules::checked_holidays(&new.holidays)?)),
        is_default: Set(false),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// Applies a patch to the calendar as it was read under lock, and returns it as it is then.
pub async fn update_calendar(txn: &Txn, by: &By, before: &Calendar, change: &CalendarChange) -> Result<Calendar> {
    let time_zone = change.time_zone.wanted().map(|zone| zone::checked(zone, "/time_zone")).transpose()?;
    let hours = change.hours.wanted().map(|hours| rules::checked_hours(hours)).transpose()?;
    let holidays = change.holidays.wanted().map(|days| rules::checked_holidays(days)).transpose()?;
    let patch = ActiveModel {
        name: change.name.clone().into_active_value(),
        time_zone: time_zone.map_or(NotSet, Set),
        hours: hours.map_or(NotSet, |hours| Set(Stored(hours))),
        holidays: holidays.map_or(NotSet, |holidays| Set(Stored(holidays))),
        ..Default::default()
    };
    save(txn, by, before, patch).await
}

pub async fn update_holidays(txn: &Txn, by: &By, before: &Calendar, holidays: Vec<Holiday>) -> Result<Calendar> {
    save(txn, by, before, ActiveModel { holidays: Set(Stored(holidays)), ..Default::default() }).await
}

pub async fn update_default(txn: &Txn, by: &By, before: &Calendar, is_default: bool) -> Result<Calendar> {
    save(txn, by, before, ActiveModel { is_default: Set(is_default), ..Default::default() }).await
}

async fn save(txn: &Txn, by: &By, before: &Calendar, patch: ActiveModel) -> Result<Calendar> {
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, patch) else {
        return Ok(before.clone());
    };
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    get_calendar(txn, before.id).await
}

pub async fn delete_calendar(txn: &Txn, id: CalendarId) -> Result<()> {
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

/// The calendar of promises that are made where none is named.
pub async fn find_default(db: &impl ConnectionTrait) -> Result<Option<CalendarId>> {
    let default = Entity::find().filter(Column::IsDefault.eq(true)).select_only().column(Column::Id);
    Ok(default.into_tuple().one(db).await?)
}

/// When work is done: in the given calendar, without one around the clock in the organisation's zone. One for
/// each that is asked for.
pub async fn working_times(
    db: &impl ConnectionTrait,
    zone: &TimeZone,
    calendars: Vec<Option<CalendarId>>,
) -> Result<HashMap<Option<CalendarId>, WorkingTime>> {
    let wanted = Column::Id.is_in(calendars.iter().flatten().copied());
    let known = Entity::find().filter(wanted).into_partial_model::<Calendar>().all(db).await?;
    let of = |calendar: Option<CalendarId>| {
        let found = calendar.and_then(|id| known.iter().find(|row| row.id == id));
        let working = found.map(rules::working_time);
        (calendar, working.unwrap_or_else(|| WorkingTime::around_the_clock(zone.clone())))
    };
    Ok(calendars.into_iter().map(of).collect())
}

/// Refuses a calendar that is not there; `pointer` is the member that names it.
pub async fn refuse_unknown(txn: &Txn, id: CalendarId, pointer: &str) -> Result<()> {
    let there = Entity::find_by_id(id).select_only().expr(Expr::value(1));
    match there.into_tuple::<i32>().one(txn).await? {
        Some(_) => Ok(()),
        None => Err(Error::rule(Code::InvalidReference, pointer, "There is no such calendar.")),
    }
}
