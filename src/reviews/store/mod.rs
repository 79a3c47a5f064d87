//! The queries of reviews. Reads start from what the caller sees. Whoever changes something locks the supplier first,
//! then the review.

mod attendees;
mod calling;
mod clauses;
mod closing;
mod duties;
mod freezing;
mod ratings;
mod steps;

pub use attendees::both_sides;
pub use calling::{Call, ahead, call, call_extra, cancel_outdated, last_days, update_review};
pub use clauses::{list_clauses, put_clause};
pub use duties::{handed_over, settle};
pub use freezing::get_pack;
pub use ratings::get_ratings;
pub use steps::{Step, lapse, miss, respond_by, take};
use steps::{involved, noted};

use super::entity::{Column, Entity, Model};
use super::rules::WAITING;
use super::types::{Review, ReviewQuery, ReviewResponse, ReviewRuling, ReviewStatus};
use crate::organization::today;
use crate::shared::auth::{By, Scope};
use crate::shared::clock::Clock;
use crate::shared::crypto;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::id::ReviewId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::suppliers::lock_for_change;
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

impl Model {
    /// As it is read, without who takes part. Who of the staff decided is staff's own matter, and whether it would do
    /// it again stays with staff until ratings are locked.
    fn shown(self, scope: Scope, today: NaiveDate) -> Review {
        let is_ours = scope == Scope::Everything;
        let is_told = is_ours || self.ratings_locked_at.is_some();
        let ruled = self.ruling.zip(self.ruling_reason).zip(self.decided_at);
        Review {
            id: self.id,
            agreement_id: self.agreement_id,
            supplier_id: self.supplier_id,
            version: self.version,
            number: self.number,
            origin: self.origin,
            instead_of_id: self.instead_of_id,
            status: self.status,
            status_reason: self.status_reason,
            missed_by: self.missed_by,
            period_from: self.period_from,
            period_to: self.period_to,
            scheduled_on: self.scheduled_on,
            is_overdue: WAITING.contains(&self.status) && self.scheduled_on < today,
            attendees: Vec::new(),
            ready_at: self.ready_at,
            pack_hash: self.pack_hash.as_deref().map(crypto::hex),
            held_on: self.held_on,
            ratings_locked_at: self.ratings_locked_at,
            score: self.score,
            grade: self.grade,
            would_use_again: self.would_use_again.filter(|_| is_told),
            would_use_again_reason: self.would_use_again_reason.filter(|_| is_told),
            respond_by: self.respond_by,
            response: self.response.zip(self.responded_at).map(|(kind, responded_at)| ReviewResponse {
                kind,
                text: self.response_text,
                responded_by: self.responded_by,
                is_on_behalf: self.responded_on_behalf.unwrap_or(false),
                responded_at,
            }),
            decision: ruled.map(|((outcome, reason), decided_at)| ReviewRuling {
                outcome,
                reason,
                decided_by: self.decided_by.filter(|_| is_ours),
                decided_at,
            }),
            finalised_at: self.finalised_at,
            committed_at: self.committed_at,
            action_ids: self.action_ids.unwrap_or_default().0,
            closed_at: self.closed_at,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// Reviews as the caller reads them.
pub async fn shown(db: &impl ConnectionTrait, by: &By, rows: Vec<Model>) -> Result<Vec<Review>> {
    let today = today(db, &by.clock).await?;
    let mut attendees = attendees::of(db, by.scope, rows.iter().map(|row| row.id).collect()).await?;
    let each = rows.into_iter().map(|row| {
        let attendees = attendees.remove(&row.id).unwrap_or_default();
        Review { attendees, ..row.shown(by.scope, today) }
    });
    Ok(each.collect())
}

pub async fn shown_one(db: &impl ConnectionTrait, by: &By, row: Model) -> Result<Review> {
    shown(db, by, vec![row]).await?.pop().ok_or_else(Error::not_found)
}

pub async fn list_reviews(db: &impl ConnectionTrait, by: &By, query: &Params<ReviewQuery>) -> Result<Page<Review>> {
    let wanted = Condition::all()
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.scheduled_from.map(|day| Column::ScheduledOn.gte(day)))
        .add_option(query.scheduled_to.map(|day| Column::ScheduledOn.lte(day)));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let found = rows(db, by, Entity::visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    let reviews = shown(db, by, found.data.clone()).await?;
    Ok(Page::with(found, reviews))
}

/// The review as it stands, for those who see it.
pub async fn find_review(db: &impl ConnectionTrait, by: &By, id: ReviewId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

pub async fn get_review(db: &impl ConnectionTrait, by: &By, id: ReviewId) -> Result<Review> {
    let row = find_review(db, by, id).await?;
    shown_one(db, by, row).await
}

/// Reads a review to change it, with its supplier: nobody else can until the transaction ends. Users of a suspended
/// supplier may only read.
pub async fn lock_review(txn: &Txn, by: &By, id: ReviewId) -> Result<Model> {
    let seen = find_review(txn, by, id).await?;
    lock_for_change(txn, by, seen.supplier_id).await?;
    Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)
}

/// Writes what a review became.
async fn save(txn: &Txn, clock: &Clock, before: &Model, after: Model) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(after)
}

/// The next review of the agreement that is called for a later day.
async fn next_day(txn: &Txn, row: &Model, today: NaiveDate) -> Result<Option<NaiveDate>> {
    let next = Entity::find()
        .filter(Column::AgreementId.eq(row.agreement_id))
        .filter(Column::Status.eq(ReviewStatus::Scheduled))
        .filter(Column::ScheduledOn.gt(today));
    let next = sea_orm::QueryOrder::order_by_asc(next, Column::ScheduledOn).one(txn).await?;
    Ok(next.map(|next| next.scheduled_on))
}
