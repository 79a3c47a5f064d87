//! What raters say.

use crate::agreements::{Side, side_of};
use crate::reviews::entity::Model;
use crate::reviews::entity::rating::{Column, Entity, Model as Row};
use crate::reviews::rules::{self, Rated};
use crate::reviews::types::{GivenRating, NewRatings, RatingSummary, ReviewRatings, ReviewStatus};
use crate::shared::auth::{By, Scope};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::ReviewId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// The round of what changes after a dispute.
const AGAIN: i64 = 2;

/// Everything that was said, in both rounds.
async fn said(db: &impl ConnectionTrait, id: ReviewId) -> Result<Vec<Rated>> {
    let rows = Entity::find().filter(Column::ReviewId.eq(id)).order_by_asc(Column::RatedAt).all(db).await?;
    let rated = |row: Row| Rated {
        rater: row.rater_id,
        side: row.side,
        criterion: row.criterion,
        round: row.round,
        score: row.score,
        narrative: row.narrative,
        reason: row.reason,
    };
    Ok(rows.into_iter().map(rated).collect())
}

/// What stands.
async fn rated(db: &impl ConnectionTrait, id: ReviewId) -> Result<Vec<Rated>> {
    Ok(rules::effective(said(db, id).await?))
}

/// How our side rates the supplier.
pub async fn of_supplier(db: &impl ConnectionTrait, id: ReviewId) -> Result<RatingSummary> {
    Ok(rules::summary(&rated(db, id).await?, Side::Us, true))
}

/// Who rated.
pub async fn raters(db: &impl ConnectionTrait, id: ReviewId) -> Result<Vec<Uuid>> {
    Ok(rated(db, id).await?.into_iter().map(|one| one.rater).collect())
}

/// Whether the supplier has rated us.
pub async fn is_heard(db: &impl ConnectionTrait, id: ReviewId) -> Result<bool> {
    let theirs = Entity::find().filter(Column::ReviewId.eq(id)).filter(Column::Side.eq(Side::Supplier));
    Ok(theirs.count(db).await? > 0)
}

/// Whether somebody rated anew after a dispute.
pub async fn is_changed(db: &impl ConnectionTrait, id: ReviewId) -> Result<bool> {
    let again = Entity::find().filter(Column::ReviewId.eq(id)).filter(Column::Round.eq(AGAIN));
    Ok(again.count(db).await? > 0)
}

/// As the caller reads them: its own, and everybody's once they are locked. What changes after a dispute is read once
/// the review is finalised.
pub async fn get_ratings(db: &impl ConnectionTrait, by: &By, row: &Model) -> Result<ReviewRatings> {
    let (all, me, is_locked) = (said(db, row.id).await?, by.caller.id(), row.ratings_locked_at.is_some());
    let mine = rules::effective(all.iter().filter(|one| one.rater == me).cloned().collect());
    let mine = mine.into_iter().map(|one| GivenRating {
        criterion: one.criterion,
        score: one.score,
        narrative: one.narrative,
    });
    let mine = mine.collect();
    let is_told = |one: &Rated| one.round != AGAIN || row.finalised_at.is_some();
    let all = rules::effective(all.into_iter().filter(is_told).collect());
    let shown = |side, is_own| if is_locked { rules::summary(&all, side, is_own) } else { RatingSummary::default() };
    let is_ours = by.scope == Scope::Everything;
    let (of_supplier, of_us) = (shown(Side::Us, is_ours), shown(Side::Supplier, !is_ours));
    Ok(ReviewRatings { is_locked, mine, of_supplier, of_us })
}

/// Writes what the caller says, in the place of what it said before in this round.
pub async fn rate(txn: &Txn, by: &By, review: &Model, new: &NewRatings) -> Result<()> {
    let (side, rated_at) = (side_of(by), by.clock.now());
    rules::may_rate_again(review.status, review.ruling, side == Side::Us)?;
    let is_again = review.status == ReviewStatus::Decided;
    rules::check_ratings(new, is_again)?;
    if is_again {
        // Whoever decided had no part in it, and so did not rate before.
        rules::refuse_newcomer(raters(txn, review.id).await?.contains(&by.caller.id()))?;
    }
    let row = |rating: &crate::reviews::types::NewRating| Row {
        review_id: review.id,
        rater_id: by.caller.id(),
        criterion: rating.criterion,
        round: if is_again { AGAIN } else { 1 },
        side,
        score: rating.score,
        narrative: rating.narrative.clone(),
        reason: new.reason.clone(),
        rated_at,
    };
    let replaced = OnConflict::columns([Column::ReviewId, Column::RaterId, Column::Criterion, Column::Round])
        .update_columns([Column::Score, Column::Narrative, Column::Reason, Column::RatedAt])
        .to_owned();
    let rows = new.ratings.iter().map(|rating| row(rating).into_active_model());
    Entity::insert_many(rows).on_conflict(replaced).exec_without_returning(txn).await?;
    Ok(())
}
