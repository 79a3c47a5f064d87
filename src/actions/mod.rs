//! Actions: improvements that both sides of an agreement sign, and that count only when they worked.
//!
//! - Staff proposes; the other side signs, or counters with the whole terms. Every proposal stays under its number, and
//!   each takes the signatures back: nobody has signed what it has not seen.
//! - One signature per side makes it accepted; one of the two is of, or names, a main employee contact of its side.
//!   The metric of the days before is frozen then: nobody chooses a baseline afterwards.
//! - The side that has to do it starts, claims and resumes it; for a supplier of which nobody signs in, staff does.
//! - Claimed is not done: staff who neither own nor claimed it verify by effect. Where both sides of the comparison have
//!   30 occasions and more, judged by the same version of the promise, numbers decide alone; otherwise a written
//!   judgement does.
//! - Satisfaction is counted as suppliers read it: in whole months of at least five answers.
//! - Given up only by both sides.
//! - Whoever sees an agreement sees its actions. Tasks follow the owner of the agreement.

pub mod api;
mod entity;
mod handing_over;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::actions::Read;

pub use entity::Entity;
pub use handing_over::{HANDED_OVER_EVERY, HANDING_OVER, hand_over};
pub use store::{of_agreement, propose, signed_since, unsigned};
pub use types::{Action, ActionMetric, ActionMetricKind, ActionStatus, ActionTerms, NewAction};

pub const EXPORT: Source = crate::source!("actions", Read, types::ActionQuery, Action, store::list_actions);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(Entity), Mapped::of(entity::proposal::Entity)]
}
