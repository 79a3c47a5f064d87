//! The windows that numbers are asked for, in days of the organisation's time zone.

use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::stats::Window;
use chrono::{Days, NaiveDate};

/// How many days a number looks back unless it is told.
const USUAL: u64 = 365;
/// How many days it looks at, at most.
const MOST: i64 = 3660;

/// The days asked for: the last 365 up to today unless it is said otherwise.
pub fn window(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<Window> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or(to.checked_sub_days(Days::new(USUAL - 1)).unwrap_or(to));
    let wrong = |detail: &str| {
        let field = FieldError {
            parameter: Some("from".to_owned()),
            code: "out_of_range".to_owned(),
            detail: detail.to_owned(),
            ..FieldError::default()
        };
        Err(Error::new(Code::InvalidParameter, detail).fields(vec![field]))
    };
    match (to - from).num_days() {
        ..0 => wrong("The window would end before it begins."),
        MOST.. => wrong("A window holds 3,660 days at most."),
        _ => Ok(Window { from, to }),
    }
}
