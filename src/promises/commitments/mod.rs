//! Commitments: every occasion on which a promise was made to somebody.
//!
//! - Judged by the version of the promise that was in force when it was made.
//! - Facts are never edited: a correction supersedes, and only the superseding row counts.
//! - Every change moves the tallies in its own transaction; numbers are read from those alone.
//! - Open ones break by themselves (`sweep`).

pub mod api;
pub(super) mod entity;
pub mod excuses;
mod import;
mod rules;
mod store;
mod sweep;
mod tallies;
mod types;
mod verify;

use crate::shared::export::Source;
use crate::shared::permission::commitments::Read;

pub use entity::{Entity, excuse, tally, value_tally};
pub use excuses::EXPORT as EXCUSES_EXPORT;
pub use import::IMPORTER;
pub(super) use rules::Lateness;
pub(super) use store::is_open;
pub use sweep::{EVERY as SWEPT_EVERY, KIND as SWEEPING, run as sweep};
pub use types::{Cause, CommitmentStatus};
pub use verify::differences;

pub const EXPORT: Source =
    crate::source!("commitments", Read, types::CommitmentQuery, types::Commitment, store::list_commitments);
pub const AT_RISK_EXPORT: Source =
    crate::source!("commitments_at_risk", Read, types::AtRiskQuery, types::Commitment, store::list_at_risk);
pub const CANDIDATES_EXPORT: Source =
    crate::source!("excuse_candidates", Read, types::CandidateQuery, types::Commitment, store::list_candidates);
