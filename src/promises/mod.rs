//! Promises: measurable expectations made explicit, every occasion on which they were made, and
//! whether they can be kept again and again.

mod chart;
pub mod commitments;
mod document;
mod entity;
mod types;
mod words;

use crate::shared::db::schema::Mapped;

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(entity::Entity),
        Mapped::of(entity::version::Entity),
        Mapped::of(entity::check::Entity),
        Mapped::of(entity::underpinning::Entity),
        Mapped::of(commitments::Entity),
        Mapped::of(commitments::excuse::Entity),
        Mapped::of(commitments::tally::Entity),
        Mapped::of(commitments::value_tally::Entity),
    ]
}
