//! Expectations: the clauses of an agreement, in three directions.

mod entity;
mod types;

pub use entity::{Column, Entity};
pub use types::{Comparison, Dimension, Direction, Metric};
