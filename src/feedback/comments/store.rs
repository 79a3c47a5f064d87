//! The queries of comments.

use super::super::entity::{Column, Entity};
use super::super::tallies::month;
use super::super::types::FeedbackStatus;
use super::types::{CommentQuery, SharedComment};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::id::{AgreementId, FeedbackId, PersonId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, QueryFilter};

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Shared {
    id: FeedbackId,
    supplier_id: SupplierId,
    agreement_id: Option<AgreementId>,
    comment: Option<String>,
    compliment: Option<String>,
    complimented_id: Option<PersonId>,
    day: NaiveDate,
}

pub async fn list_comments(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CommentQuery>,
) -> Result<Page<SharedComment>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |row: &Shared| (Key::Id(row.id.0), row.id.0),
    };
    let wanted = Condition::all()
        .add(Column::IsCommentShared.eq(true))
        .add(Column::IsHidden.eq(false))
        .add(Column::Status.eq(FeedbackStatus::Counted))
        .add(Column::SupersededById.is_null())
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.complimented_id.map(|id| Column::ComplimentedId.eq(id)));
    let found = rows(db, by, Entity::told(by).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| SharedComment {
        supplier_id: row.supplier_id,
        agreement_id: row.agreement_id,
        comment: row.comment,
        compliment: row.compliment,
        complimented_id: row.complimented_id,
        month: month(row.day),
    }))
}
