//! What customers said, in numbers: satisfaction, recommendation, effort, gaps between what was expected and what
//! was lived, and how many answered. Read from tallies.

pub mod api;
mod rules;
mod servqual;
mod store;
mod types;

pub(super) use rules::{Span, spans};
