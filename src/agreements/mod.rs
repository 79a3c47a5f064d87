//! Agreements: what a supplier and the organisation owe each other, in writing, in immutable
//! numbered versions that both sides sign.

pub mod api;
mod cadence;
mod dates;
mod entity;
pub mod expectations;
mod open;
mod rules;
mod store;
pub mod templates;
mod types;

use crate::shared::db::schema::Mapped;

pub use dates::{DATES, DATES_EVERY, keep_dates};
pub use entity::{in_service_line, seen_by};
pub use expectations::{Comparison, Dimension, Direction, Expectation, Metric, clause_in_force};
pub use store::get_agreement;
pub use types::{Agreement, AgreementStatus, Cadence, Side, VersionStatus};

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(entity::Entity),
        Mapped::of(entity::reviewer::Entity),
        Mapped::of(entity::version::Entity),
        Mapped::of(entity::signature::Entity),
        Mapped::of(expectations::Entity),
    ]
}
