//! Agreements: what a supplier and the organisation owe each other, in writing, in immutable
//! numbered versions that both sides sign.

mod entity;
pub mod expectations;
mod types;

use crate::shared::db::schema::Mapped;

pub use entity::{in_service_line, seen_by};
pub use expectations::{Comparison, Dimension, Direction, Metric};
pub use types::{AgreementStatus, Side, VersionStatus};

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
