//! The queries of excuses.

use super::super::entity::excuse::{ActiveModel, Column, Entity, Model};
use super::super::entity::{self};
use super::super::types::{CommitmentId, ExcuseStatus};
use super::types::{Excuse, ExcuseQuery, ExcuseRequest};
use crate::agreements::{Direction, seen_by, side_of};
use crate::promises::entity as promise;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::id::PromiseId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

pub async fn list_excuses(db: &impl ConnectionTrait, by: &By, query: &Params<ExcuseQuery>) -> Result<Page<Excuse>> {
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |excuse: &Excuse| (Key::Id(excuse.id), excuse.id),
    };
    // Asked of each excuse on the page: a list of all commitments would be made anew for every page.
    let commitment = Query::select()
        .expr(Expr::value(1))
        .from(entity::Entity)
        .and_where(Expr::col((entity::Entity, entity::Column::Id)).equals((Entity, Column::CommitmentId)))
        .cond_where(seen_by(by, entity::Column::AgreementId))
        .to_owned();
    let wanted = Condition::all()
        .add(Expr::exists(commitment))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.commitment_id.map(|id| Column::CommitmentId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)));
    let found = rows(db, by, Entity::find().filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |excuse| excuse))
}

pub async fn direction(db: &impl ConnectionTrait, id: PromiseId) -> Result<Direction> {
    let found = promise::Entity::find_by_id(id).select_only().column(promise::Column::Direction);
    found.into_tuple::<Direction>().one(db).await?.ok_or_else(Error::not_found)
}

pub async fn insert_excuse(txn: &Txn, by: &By, of: &entity::Model, asked: &ExcuseRequest) -> Result<()> {
    let now = by.clock.now();
    let row = ActiveModel {
        id: Set(by.clock.uuid()),
        commitment_id: Set(of.id),
        supplier_id: Set(of.supplier_id),
        status: Set(ExcuseStatus::Requested),
        cause: Set(asked.cause),
        reason: Set(asked.reason.clone()),
        asked_by: Set(by.caller.id()),
        asked_by_side: Set(side_of(by)),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The request that waits to be decided.
pub async fn requested(txn: &Txn, commitment: CommitmentId) -> Result<Model> {
    let waiting = Entity::find()
        .filter(Column::CommitmentId.eq(commitment))
        .filter(Column::Status.eq(ExcuseStatus::Requested))
        .lock_exclusive();
    waiting.one(txn).await?.ok_or_else(Error::not_found)
}

pub async fn decide(txn: &Txn, by: &By, excuse: &Model, status: ExcuseStatus, reason: Option<String>) -> Result<()> {
    let now = by.clock.now();
    let row = ActiveModel {
        id: Set(excuse.id),
        status: Set(status),
        decided_by: Set(Some(by.caller.id())),
        decided_at: Set(Some(now)),
        decision_reason: Set(reason),
        revision: Set(excuse.revision + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Corrected commitments take their excuses with them.
pub async fn void(txn: &Txn, by: &By, commitments: Vec<CommitmentId>) -> Result<()> {
    use sea_orm::sea_query::ExprTrait;
    if commitments.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(ExcuseStatus::Void))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(by.clock.now()))
        .filter(Column::CommitmentId.is_in(commitments))
        .filter(Column::Status.is_in([ExcuseStatus::Requested, ExcuseStatus::Granted]))
        .exec(txn)
        .await?;
    Ok(())
}
