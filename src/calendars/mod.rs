//! Calendars: a time zone, weekly hours and holidays, in which business time is counted.
//!
//! - An instant is working time when the clock on the wall stands within the hours of a day that is
//!   no holiday; real seconds count, whatever the clock does.
//! - One calendar at most is the default; promises made where none is named count in it. Without one,
//!   they count around the clock in the organisation's zone, and go on so when there is one later.
//! - Everybody reads calendars; owners and managers change them. One that something refers to is not
//!   deleted.

pub mod api;
mod entity;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::calendars::Read;

pub use rules::WorkingTime;
#[cfg(fuzzing)]
pub use rules::{checked_holidays, checked_hours, read_file};
pub use store::{calendar_names, find_default, refuse_unknown, working_times};
pub use types::{Holiday, Weekday, WorkingHours};

pub const EXPORT: Source =
    crate::source!("calendars", Read, types::CalendarQuery, types::Calendar, store::list_calendars);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity)]
}
