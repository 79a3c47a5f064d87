//! What customers said, in numbers: satisfaction, recommendation, effort, gaps between what was expected and what
//! was lived, and how many answered. Read from tallies.

pub mod api;
mod read;
mod rules;
mod servqual;
mod store;
mod types;

pub(super) use read::numbers;
pub use read::published_to;
pub use rules::whole_months;
pub(super) use rules::{Span, spans};
pub use types::FeedbackNumbers;
pub(super) use types::{AnswersQuery, GapFigures, ItemNumber, Servqual};
#[cfg(test)]
pub(super) use types::{Bin, DimensionGap, FeedbackStep, ResponseRate, WeightsFrom};
