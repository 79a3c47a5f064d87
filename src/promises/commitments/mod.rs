//! Commitments: every occasion on which a promise was made to somebody.

mod entity;
mod types;

pub use entity::{Entity, excuse, tally, value_tally};
pub use types::{Cause, CommitmentStatus};
