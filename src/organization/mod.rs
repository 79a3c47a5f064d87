//! The organisation that runs this installation: its name, time zone, language and contact.
//!
//! There is one row. Whoever reads or changes it first makes it, with defaults; when two do at the
//! same time, one row is made. Staff reads it, owners change it, suppliers do not see it.

pub mod api;
mod entity;
mod store;
mod types;

use crate::shared::db::schema::Mapped;

pub use store::{get_organization, home, lock_organization, time_zone, today};

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity)]
}
