//! Reviews: both sides of an agreement look at frozen evidence, on the days that the agreement names, and answer for
//! what follows.
//!
//! - `dates` calls the next review of every agreement in force from its signed cadence, once each, in order, and
//!   invites owner, reviewers and main employee contacts; what nobody held within 14 days was missed by us, who call it,
//!   and is called again. Another cadence takes the place of what was called by the one before and nobody has prepared.
//! - `ready` freezes the evidence pack: one JSON document with its SHA-256, which never changes again. Customers stand
//!   in it only as suppliers may read of them.
//! - A review is held with somebody of each side and a main employee contact of the supplier, or it was missed.
//! - Staff rates the supplier, the supplier's people rate us; nobody reads another one's ratings before they are locked,
//!   which waits for the supplier, for 14 days.
//!   The grade follows from the ratings (`rules::grade`), nobody types it in.
//! - The supplier has 14 days to respond, which stand still while it is suspended. What it disagrees with is decided by
//!   an owner who had no part in it.
//! - It closes when no early warning of the agreement waits for an answer. Clauses that were confirmed are marked so,
//!   changes become proposals in the version that is ours to write.
//! - Suppliers read reviews of theirs, reviewers those of their agreements. Evidence is there from `ready` on.
//! - In every state in which somebody is waited for they have a task, which follows a new owner or reviewer.

pub mod api;
pub mod calendar;
mod dates;
pub mod document;
mod entity;
mod rules;
mod store;
mod types;
pub mod warnings;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::reviews::Read;

pub use dates::{DATES, DATES_EVERY, keep_dates};
pub use entity::Entity;
pub use types::Review;
pub use warnings::EXPORT as EARLY_WARNINGS_EXPORT;

pub const EXPORT: Source = crate::source!("reviews", Read, types::ReviewQuery, Review, store::list_reviews);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(Entity),
        Mapped::of(entity::attendee::Entity),
        Mapped::of(entity::pack::Entity),
        Mapped::of(entity::rating::Entity),
        Mapped::of(entity::clause::Entity),
        Mapped::of(warnings::Entity),
        Mapped::of(calendar::Entity),
    ]
}
