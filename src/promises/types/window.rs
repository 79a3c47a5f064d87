//! The days that a number is asked for.

use chrono::NaiveDate;
use poem_openapi::Object;

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
