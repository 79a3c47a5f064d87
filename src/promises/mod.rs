//! Promises: measurable expectations made explicit, every occasion on which they were made, and
//! whether they can be kept again and again.
//!
//! - A promise belongs to a clause of an agreement in force. What the supplier and we promise each other has the
//!   numbers of the signed clause; what customers are promised is ours to decide.
//!   When an amendment changes these, `differs_from_clause` says so at once, nothing is published or resumed
//!   before it has a version with the signed numbers, and the hourly job (`signed`) pauses what is published.
//! - Numbers change by a new version only; each is published for one span of time at most. An occasion is judged
//!   by the version in force when it was promised.
//! - Nothing is published but through the gate (`capability`). A promise to customers may say on which others it
//!   rests (`underpinning`); `reciprocity` holds what we keep against what the supplier keeps.
//! - `document` is the agreement as a page to print, `chart` a promise's kept rate as a picture.
//! - Suppliers read the promises of agreements they see. They never write any.

pub mod api;
pub mod capability;
pub mod chart;
pub mod commitments;
mod customers;
pub mod document;
mod entity;
mod kept;
pub mod numbers;
mod publishing;
pub mod reciprocity;
mod rules;
mod signed;
mod store;
mod types;
pub mod underpinning;
mod words;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::promises::Read;

pub use capability::EXPORT as CHECKS_EXPORT;
pub use commitments::{AT_RISK_EXPORT, CANDIDATES_EXPORT, EXCUSES_EXPORT, EXPORT as COMMITMENTS_EXPORT};
pub use commitments::{IMPORTER as COMMITMENTS, SWEEPING, SWEPT_EVERY, differences, sweep};
pub use customers::{BROKEN, JOB, KeptToCustomers, customer_jobs, kept_to_customers};
pub use kept::{PromiseKept, kept_of_each};
pub use numbers::{Counts, Step, first_open, judging_versions, kept_of, steps};
pub use reciprocity::{Reciprocity, get_reciprocity};
pub use signed::{EVERY as COMPARED_EVERY, KIND as COMPARING, run as compare};
pub use store::get_promise;

pub const EXPORT: Source = crate::source!("promises", Read, types::PromiseQuery, types::Promise, store::list_promises);
pub const VERSIONS_EXPORT: Source =
    crate::source!("promise_versions", Read, types::VersionQuery, types::PromiseVersion, store::list_versions_of_all);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(entity::Entity),
        Mapped::of(entity::version::Entity),
        Mapped::of(entity::check::Entity),
        Mapped::of(entity::underpinning::Entity),
        Mapped::of(commitments::Entity),
        Mapped::of(commitments::excuse::Entity),
        Mapped::of(commitments::tally::Entity),
        Mapped::of(commitments::value_tally::Entity),
    ]
}
