//! Feedback: how customers lived what was promised.
//!
//! - An answer stores only what was answered: there are no defaults.
//! - Facts are never edited: an import that says otherwise supersedes. Every change moves the tallies in its own
//!   transaction; numbers are read from those alone.
//! - What a supplier's own people may have answered, or somebody twice, is kept and counts nothing.
//! - What single customers wrote reaches a supplier only with their consent, numbers only of five answers and more, which change by
//!   five at least.

pub mod api;
pub mod charts;
pub mod comments;
mod entity;
pub mod follow_ups;
mod import;
mod lived;
mod months;
pub mod numbers;
mod rules;
mod store;
mod tallies;
mod types;
mod verify;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::feedback::Read;

pub use comments::EXPORT as COMMENTS_EXPORT;
pub use entity::Entity;
pub use follow_ups::EXPORT as FOLLOW_UPS_EXPORT;
pub use import::IMPORTER;
pub use lived::{OnJobs, Satisfied, Told, published_satisfaction, published_told, satisfied_with, told, unhappy_on};
pub use months::{EVERY as MONTHS_EVERY, KIND as MONTHS, run as publish_months};
pub use numbers::{FeedbackNumbers, published_to, whole_months};
pub use verify::differences;

pub const EXPORT: Source =
    crate::source!("feedback", Read, types::FeedbackQuery, types::Feedback, store::list_feedback);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(Entity),
        Mapped::of(entity::tally::Entity),
        Mapped::of(entity::month::Entity),
        Mapped::of(entity::follow_up::Entity),
    ]
}
