//! Commitments: every occasion on which a promise was made to somebody.

pub(super) mod entity;
mod tallies;
mod types;

pub use entity::{Entity, excuse, tally, value_tally};
pub use types::{Cause, CommitmentStatus};
