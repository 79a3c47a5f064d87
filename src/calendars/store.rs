//! The queries of calendars.

use super::entity::{Column, Entity};
use super::rules::WorkingTime;
use crate::organization;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::CalendarId;
use crate::shared::zone;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// When work is done: in the given calendar, otherwise in the organisation's default calendar,
/// otherwise around the clock in the organisation's zone.
pub async fn working_time(db: &impl ConnectionTrait, calendar: Option<CalendarId>) -> Result<WorkingTime> {
    let row = match calendar {
        Some(id) => Entity::find_by_id(id),
        None => Entity::find().filter(Column::IsDefault.eq(true)),
    };
    Ok(match row.one(db).await? {
        Some(row) => WorkingTime::of_calendar(zone::known(&row.time_zone), &row.hours, &row.holidays),
        None => WorkingTime::around_the_clock(organization::time_zone(db).await?),
    })
}

/// Refuses a calendar that is not there; `pointer` is the member that names it.
pub async fn refuse_unknown(txn: &Txn, id: CalendarId, pointer: &str) -> Result<()> {
    let there = Entity::find_by_id(id).select_only().expr(Expr::value(1));
    match there.into_tuple::<i32>().one(txn).await? {
        Some(_) => Ok(()),
        None => Err(Error::rule(Code::InvalidReference, pointer, "There is no such calendar.")),
    }
}
