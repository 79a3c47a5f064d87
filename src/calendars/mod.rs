//! Calendars: a time zone, weekly hours and holidays, in which business time is counted.

mod entity;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;

pub use rules::WorkingTime;
pub use store::{refuse_unknown, working_time};
pub use types::{Holiday, Weekday, WorkingHours};

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity)]
}
