//! Expectations: the clauses of an agreement, in three directions.
//!
//! - A clause keeps its id and its number through all versions of its agreement.
//! - Clauses are written in the open version, by the side whose turn it is. Whoever writes a clause
//!   accepts it; the other side's acceptance is gone.
//! - What is measured has its numbers here: promises take them from the clause in force.
//! - A supplier's clause may depend on ours and the other way round, never in a circle.
//! - Clauses in force are confirmed by both sides from time to time; the stale ones are listed.

pub mod api;
mod entity;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::agreements::Read;

pub use entity::{Column, Entity};
pub use rules::{Measure, Said, content, not_accepted};
pub use store::{Confirmed, confirm_clauses, propose_changes};
pub use store::{accept_all, clause_in_force, clauses_in_force, clauses_of, copy_into, copy_to, delete_all};
pub use store::{depended, dimensions_in, dimensions_of, insert_expectation};
pub use types::{Comparison, Dimension, Direction, Expectation, ExpectationId, Metric, NewExpectation};

pub(super) use rules::Place;
#[cfg(test)]
pub(super) use rules::check_change;
pub(super) use store::insert_all;

pub const EXPORT: Source =
    crate::source!("expectations", Read, types::ExpectationQuery, Expectation, store::list_in_force);
pub const STALE_EXPORT: Source =
    crate::source!("stale_expectations", Read, types::StaleQuery, types::StaleExpectation, store::list_stale);
