//! Agreements: what a supplier and the organisation owe each other, in writing, in immutable
//! numbered versions that both sides sign.
//!
//! - Terms and clauses belong to a version. One version at most is open (written, negotiated, signed),
//!   one at most is in force; what is agreed on is frozen under its content hash.
//! - The open version is written by the side whose turn it is (`open::lock_open`). Handing it over accepts
//!   it as it stands; what one side changes the other has to accept again, so nobody agrees to
//!   something that the other side has not seen.
//! - What a supplier without accounts accepts and signs on paper, staff records; both are marked so.
//! - Neither side reads what the other one writes before it is handed over: it reads the version as it was when it
//!   handed it over itself (`store::hand_over`), and nothing of a version that it was never offered. An amendment
//!   that was not offered yet leaves no trace in what the other side reads (`Model::seen_from`). The one thing it
//!   notices is that it cannot open an amendment of its own. A draft is ours. The audit trail of staff holds everything.
//! - Either side may withdraw until a version is in force.
//! - Clauses in both directions between the supplier and us are needed to activate; a supplier that meets
//!   customers also owes something to them, and has a service code.
//! - A first version is in force from any day of its term, also a past one; a later one from a day between
//!   agreement and today. An agreement in force is `expiring` for the last 90 days.
//! - Automatic renewal moves the end of the agreement; what was signed stays as it is. An agreement that is
//!   continued by another active one is `renewed` at its end, otherwise `expired`; an open
//!   amendment is withdrawn then. `dates` looks every hour.

pub mod api;
mod cadence;
mod dates;
mod diff;
mod entity;
pub mod expectations;
mod open;
mod rules;
mod store;
pub mod templates;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::agreements::Read;

pub use dates::{DATES, DATES_EVERY, keep_dates};
pub use entity::{Entity, in_service_line, seen_by};
pub use expectations::{
    Comparison, Confirmed, Dimension, Direction, Expectation, Measure, Metric, NewExpectation, Said, clause_in_force,
    clauses_in_force, confirm_clauses, depended, dimensions_in, dimensions_of, insert_expectation, propose_changes,
};
pub use expectations::{EXPORT as EXPECTATIONS_EXPORT, STALE_EXPORT as STALE_EXPECTATIONS_EXPORT};
pub use open::{Open, open_to_write};
pub use store::{
    InForce, KnownAgreement, Reviewed, Signer, calendar_in_force, find_agreements, get_agreement,
    get_version as get_agreement_version, in_force, owners_of, people_of, reviewed, side_of, signer, statuses_of,
    titles_of, to_review,
};
pub use types::{
    Agreement, AgreementStatus, AgreementVersion, Cadence, CodeItemKind, PaperSignature, Renewal, Side, VersionStatus,
};

pub const VERSIONS_EXPORT: Source = crate::source!(
    "agreement_versions",
    Read,
    types::AgreementQuery,
    types::VersionSummary,
    store::list_versions_of_all
);
pub const EXPORT: Source = crate::source!("agreements", Read, types::AgreementQuery, Agreement, store::list_agreements);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(entity::Entity),
        Mapped::of(entity::reviewer::Entity),
        Mapped::of(entity::version::Entity),
        Mapped::of(entity::signature::Entity),
        Mapped::of(expectations::Entity),
    ]
}
