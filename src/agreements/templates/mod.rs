//! Templates of agreements: built in, read-only, with clauses in all three directions over the RATER
//! dimensions, a cadence of reviews and the service code. An agreement that starts from one gets
//! copies, to be changed at will.
//!
//! Each template is a JSON file beside this one, in the shape of the API.

pub mod api;
mod rules;
mod types;

use super::expectations::insert_all;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;

pub use rules::find;
pub use types::AgreementTemplate;

/// Writes the template's clauses into a version that has none.
pub async fn start_from(txn: &Txn, clock: &Clock, template: &AgreementTemplate, at: (AgreementId, i64)) -> Result<()> {
    insert_all(txn, rules::clauses(template, clock, at)).await
}
