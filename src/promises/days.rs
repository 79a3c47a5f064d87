//! Days in the organisation's time zone, and the windows that numbers are asked for.

use crate::organization::time_zone;
use crate::shared::auth::By;
use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::Window;
use crate::shared::zone;
use chrono::{Days, NaiveDate};
use sea_orm::ConnectionTrait;

/// How many days a number looks back unless it is told.
const USUAL: u64 = 365;
/// How many days it looks at, at most.
const MOST: i64 = 3660;

/// The organisation's day.
pub async fn today(db: &impl ConnectionTrait, by: &By) -> Result<NaiveDate> {
    Ok(zone::day_of(&time_zone(db).await?, by.clock.now()))
}

/// The days asked for: the last 365 up to today unless it is said otherwise.
pub fn window(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<Window> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or(to.checked_sub_days(Days::new(USUAL - 1)).unwrap_or(to));
    match (to - from).num_days() {
        ..0 => Err(Error::query(Code::DateOrder, "from", "The window would end before it begins.")),
        MOST.. => Err(Error::query(Code::RuleViolated, "from", "A window holds 3,660 days at most.")),
        _ => Ok(Window { from, to }),
    }
}
