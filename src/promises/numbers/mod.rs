//! Numbers: how often promises were kept, read from tallies.

pub mod api;
pub(super) mod rules;
mod store;
mod types;

pub use rules::{Values, series, steps};
pub use store::{Fact, Subjects, by_promise, daily, first_open, judging_versions, kept_of, month, total, values};
pub use types::{Basis, Counts, KeptRateStep, Step};
