//! The windows that numbers are asked for, in days of the organisation's time zone.

use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::Window;
use chrono::{Datelike, Days, NaiveDate};
use poem_openapi::Object;

/// How many days a number looks back unless it is told.
const USUAL: u64 = 365;
/// How many days it looks at, at most.
const MOST: i64 = 3660;

const EARLIEST: i32 = 1900;

/// Which days a number is about: the last 365 up to today unless it is said otherwise.
#[derive(Debug, Clone, Default, Object)]
pub struct WindowQuery {
    /// First day, in the organisation's zone; a year before the last when left out.
    pub from: Option<NaiveDate>,
    /// Last day; today when left out.
    pub to: Option<NaiveDate>,
    /// How many days, instead of `from` and `to`: 90 are the last 90 days up to `as_of`.
    #[oai(validator(minimum(value = "1"), maximum(value = "3660")))]
    pub window: Option<i64>,
    /// The day on which the window ends, instead of `to`; today when left out.
    pub as_of: Option<NaiveDate>,
}

/// The days asked for.
pub fn window(asked: &WindowQuery, today: NaiveDate) -> Result<Window> {
    if asked.to.is_some() && asked.as_of.is_some() {
        return Err(Error::query(Code::RuleViolated, "as_of", "Say once on which day it ends: `to` or `as_of`."));
    }
    if asked.window.is_some() && (asked.from.is_some() || asked.to.is_some()) {
        return Err(Error::query(Code::RuleViolated, "window", "Either a number of days or `from` and `to`."));
    }
    let to = asked.to.or(asked.as_of).unwrap_or(today);
    let days = asked.window.and_then(|days| u64::try_from(days).ok()).unwrap_or(USUAL);
    let from = asked.from.or(to.checked_sub_days(Days::new(days.saturating_sub(1)))).unwrap_or(to);
    match (to - from).num_days() {
        _ if from.year() < EARLIEST => {
            Err(Error::query(Code::RuleViolated, "from", "Nothing is known from before 1900."))
        }
        ..0 => Err(Error::query(Code::DateOrder, "from", "The window would end before it begins.")),
        MOST.. => Err(Error::query(Code::RuleViolated, "from", "A window holds 3,660 days at most.")),
        _ => Ok(Window { from, to }),
    }
}
