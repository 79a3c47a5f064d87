//! Lists of commitments.

use crate::promises::commitments::entity::{Column, Entity};
use crate::promises::commitments::types::{AtRiskQuery, Commitment, CommitmentQuery};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use chrono::TimeDelta;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};

pub async fn list_commitments(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CommitmentQuery>,
) -> Result<Page<Commitment>> {
    let select = Entity::visible(by).filter(matching(query));
    Ok(Page::of(rows(db, by, select, in_order(), &query.paging, &query.filter).await?, |item| item))
}

/// In the order they were recorded.
pub fn in_order() -> Order<Column, Commitment> {
    Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |commitment| (Key::Id(commitment.id.0), commitment.id.0),
    }
}

fn matching(query: &CommitmentQuery) -> Condition {
    Condition::all()
        .add_option(query.promise_id.map(|id| Column::PromiseId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.person_id.map(|id| Column::PersonId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.job_ref.clone().map(|job| Column::JobRef.eq(job)))
        .add_option(query.customer_ref.clone().map(|customer| Column::CustomerRef.eq(customer)))
        .add_option(query.external_id.clone().map(|id| Column::ExternalId.eq(id)))
        .add_option(query.due_at_gte.map(|from| Column::DueAt.gte(from)))
        .add_option(query.due_at_lt.map(|to| Column::DueAt.lt(to)))
        .add_option((!query.superseded).then(|| Column::SupersededById.is_null()))
}

/// Open, and the last word on its occasion. It is the condition that the partial indexes over open
/// commitments are made for: a bound value would not find them.
pub fn is_open() -> Expr {
    Expr::cust("commitment.status = 'open' AND commitment.superseded_by_id IS NULL")
}

pub async fn list_at_risk(db: &impl ConnectionTrait, by: &By, query: &Params<AtRiskQuery>) -> Result<Page<Commitment>> {
    let order = Order {
        column: Column::BreaksAt,
        id: Column::Id,
        descending: false,
        key: |commitment: &Commitment| (Key::At(commitment.breaks_at), commitment.id.0),
    };
    let until = by.clock.now().plus(TimeDelta::seconds(query.within.seconds()));
    let wanted = Condition::all()
        .add(is_open())
        .add(Column::BreaksAt.lte(until))
        .add_option(query.promise_id.map(|id| Column::PromiseId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)));
    let select = Entity::visible(by).filter(wanted);
    Ok(Page::of(rows(db, by, select, order, &query.paging, &query.filter).await?, |item| item))
}
