//! What a review says of clauses.

use super::save;
use crate::agreements::clause_in_force;
use crate::reviews::entity::{Model, clause};
use crate::reviews::rules::Verb;
use crate::reviews::types::{ClauseReview, ClauseVerdict, NewClauseReview};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{ExpectationId, ReviewId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

fn shown(row: clause::Model) -> ClauseReview {
    let clause::Model { expectation_id, verdict, proposal, said_at, .. } = row;
    ClauseReview { expectation_id, verdict, proposal, said_at }
}

pub async fn list_clauses(db: &impl ConnectionTrait, review: ReviewId) -> Result<Vec<ClauseReview>> {
    let rows = clause::Entity::find().filter(clause::Column::ReviewId.eq(review));
    let rows = rows.order_by_asc(clause::Column::ExpectationId).all(db).await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// Writes what is said of a clause in force, in the place of what was said before; with the review as it is then.
pub async fn put_clause(
    txn: &Txn,
    by: &By,
    before: &Model,
    id: ExpectationId,
    new: &NewClauseReview,
) -> Result<(ClauseReview, i64)> {
    Verb::Confirm.apply(before.status)?;
    clause_in_force(txn, by, before.agreement_id, id).await?;
    let wrong = |detail: &str| Err(Error::rule(Code::RuleViolated, "/proposal", detail));
    match (new.verdict, &new.proposal) {
        (ClauseVerdict::Change, None) => return wrong("Say how it should read."),
        (ClauseVerdict::Confirmed, Some(_)) => return wrong("What is confirmed reads as it does."),
        _ => {}
    }
    let known = clause::Entity::find_by_id((before.id, id)).one(txn).await?.map(shown);
    let row = clause::Model {
        review_id: before.id,
        expectation_id: id,
        verdict: new.verdict,
        proposal: new.proposal.clone(),
        said_by: by.caller.id(),
        said_at: by.clock.now(),
    };
    use clause::Column::{ExpectationId, Proposal, ReviewId, SaidAt, SaidBy, Verdict};
    let replaced =
        OnConflict::columns([ReviewId, ExpectationId]).update_columns([Verdict, Proposal, SaidBy, SaidAt]).to_owned();
    let insert = clause::Entity::insert(row.clone().into_active_model()).on_conflict(replaced);
    insert.exec_without_returning(txn).await?;
    let after = save(txn, &by.clock, before, before.clone()).await?;
    let said = shown(row);
    let entry = Entry::new(Verb::Confirm.action(), before.id.0).about(before.supplier_id);
    history::record(txn, by, entry.between(known.as_ref(), Some(&said))).await?;
    Ok((said, after.revision))
}
