//! What closes with a review.

use super::{clauses, freezing, next_day};
use crate::agreements::{Confirmed, confirm_clauses, open_to_write, propose_changes, reviewed};
use crate::reviews::entity::Model;
use crate::reviews::rules;
use crate::reviews::types::{ClauseVerdict, ResponseKind};
use crate::reviews::warnings::unanswered;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use chrono::NaiveDate;

/// Refuses while an early warning waits, or without the evidence that holds what we kept of what we owe; then hands
/// what was said of clauses to the agreement, as long as it is in force.
pub async fn close(txn: &Txn, by: &By, row: &Model, today: NaiveDate) -> Result<()> {
    let waiting = unanswered(txn, row.agreement_id).await?.into_iter().map(|id| id.0).collect();
    rules::refuse_waiting("early_warnings", waiting, "Early warnings of the supplier wait for an answer.")?;
    freezing::get_pack(txn, row).await?;
    if reviewed(txn, row.agreement_id).await?.is_none() {
        return Ok(());
    }
    let said = clauses::list_clauses(txn, row.id).await?;
    let confirmed = said.iter().filter(|one| one.verdict == ClauseVerdict::Confirmed);
    let confirmed: Vec<_> = confirmed.map(|one| one.expectation_id).collect();
    let marks = Confirmed {
        agreement: row.agreement_id,
        supplier: row.supplier_id,
        clauses: &confirmed,
        by_both: row.response == Some(ResponseKind::Agree),
        review_by: next_day(txn, row, today).await?,
    };
    confirm_clauses(txn, by, &marks).await?;
    let changes = said.into_iter().filter_map(|one| Some((one.expectation_id, one.proposal?)));
    let changes: Vec<_> = changes.collect();
    if changes.is_empty() {
        return Ok(());
    }
    let open = open_to_write(txn, by, row.agreement_id).await?;
    propose_changes(txn, by, &open, &changes).await
}
