//! The list of feedback.

use super::super::entity::{Column, Entity, Model};
use super::super::types::{Feedback, FeedbackQuery};
use super::shown;
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};

pub async fn list_feedback(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<FeedbackQuery>,
) -> Result<Page<Feedback>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let select = Entity::visible(by).filter(matching(query));
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| shown(by, row)))
}

fn matching(query: &FeedbackQuery) -> Condition {
    Condition::all()
        .add_option(query.survey_id.map(|id| Column::SurveyId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.person_id.map(|id| Column::PersonId.eq(id)))
        .add_option(query.job_ref.as_ref().map(|job| Column::JobRef.eq(job)))
        .add_option(query.customer_ref.as_ref().map(|customer| Column::CustomerRef.eq(customer)))
        .add_option(query.receipt.as_ref().map(|receipt| Column::Receipt.eq(receipt)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.respondent_kind.map(|kind| Column::RespondentKind.eq(kind)))
        .add_option(query.stage.map(|stage| Column::Stage.eq(stage)))
        .add_option(query.is_unhappy.map(|is_unhappy| Column::IsUnhappy.eq(is_unhappy)))
        .add_option(query.external_id.as_ref().map(|key| Column::ExternalId.eq(key.clone())))
        .add_option(query.answered_at_gte.map(|from| Column::AnsweredAt.gte(from)))
        .add_option(query.answered_at_lt.map(|to| Column::AnsweredAt.lt(to)))
        .add_option((!query.superseded).then(|| Column::SupersededById.is_null()))
}
