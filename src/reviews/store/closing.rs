//! What closes with a review.

use super::{clauses, freezing, next_day};
use crate::agreements::{Confirmed, clauses_in_force, confirm_clauses, open_to_write, propose_changes, reviewed};
use crate::reviews::entity::Model;
use crate::reviews::rules;
use crate::reviews::types::{ClauseReview, ClauseVerdict, ResponseKind};
use crate::reviews::warnings::unanswered;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::ExpectationId;
use chrono::NaiveDate;

/// Refuses while an early warning waits, or without the evidence that holds what we kept of what we owe; then hands
/// what was said of clauses to the agreement, as long as it is in force. Returns those that it has no more: nothing is
/// to be done about them.
pub async fn close(txn: &Txn, by: &By, row: &Model, today: NaiveDate) -> Result<Vec<ExpectationId>> {
    let waiting = unanswered(txn, row.agreement_id).await?.into_iter().map(|id| id.0).collect();
    rules::refuse_waiting("early_warnings", waiting, "Early warnings of the supplier wait for an answer.")?;
    freezing::get_pack(txn, row).await?;
    if reviewed(txn, row.agreement_id).await?.is_none() {
        return Ok(Vec::new());
    }
    let said = clauses::list_clauses(txn, row.id).await?;
    let in_force = clauses_in_force(txn, said.iter().map(|one| one.expectation_id).collect()).await?;
    let is_there = |one: &ClauseReview| in_force.iter().any(|clause| clause.id == one.expectation_id);
    let (said, gone): (Vec<_>, Vec<_>) = said.into_iter().partition(is_there);
    let mut gone: Vec<_> = gone.into_iter().map(|one| one.expectation_id).collect();
    let confirmed: Vec<_> = said.iter().filter(|one| one.verdict == ClauseVerdict::Confirmed).collect();
    // What was said after the supplier had agreed is ours alone.
    let agreed_at = row.responded_at.filter(|_| row.response == Some(ResponseKind::Agree));
    let by_both = confirmed.iter().filter(|one| agreed_at.is_some_and(|at| one.said_at <= at));
    let marks = Confirmed {
        agreement: row.agreement_id,
        supplier: row.supplier_id,
        clauses: &confirmed.iter().map(|one| one.expectation_id).collect::<Vec<_>>(),
        by_both: &by_both.map(|one| one.expectation_id).collect::<Vec<_>>(),
        review_by: next_day(txn, row, today).await?,
    };
    confirm_clauses(txn, by, &marks).await?;
    let changes = said.into_iter().filter_map(|one| Some((one.expectation_id, one.proposal?)));
    let changes: Vec<_> = changes.collect();
    if !changes.is_empty() {
        let open = open_to_write(txn, by, row.agreement_id).await?;
        gone.extend(propose_changes(txn, by, &open, &changes).await?);
    }
    Ok(gone)
}
