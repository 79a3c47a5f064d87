//! The queries of follow-ups. Reads start from what the caller sees.

use super::opening::task;
use super::rules::{RUNNING, is_overdue};
use super::types::{FollowUp, FollowUpId, FollowUpQuery};
use crate::agreements::seen_by;
use crate::feedback::entity::follow_up::{Column, Entity, Model};
use crate::shared::auth::{By, account};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AccountId;
use crate::shared::notify::{self, TaskKind};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::{Permission, Role, feedback};
use crate::shared::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

impl FollowUp {
    pub fn of(row: Model, now: Timestamp) -> Self {
        Self {
            id: FollowUpId(row.id),
            feedback_id: row.feedback_id,
            agreement_id: row.agreement_id,
            supplier_id: row.supplier_id,
            status: row.status,
            owner_id: row.owner_id,
            due_at: row.due_at,
            is_overdue: is_overdue(row.status, row.due_at, now),
            contacted_at: row.contacted_at,
            ended_at: row.ended_at,
            note: row.note,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Entity {
    /// Where every read of follow-ups starts.
    pub fn visible(by: &By) -> sea_orm::Select<Entity> {
        Entity::find().filter(seen_by(by, Column::AgreementId))
    }
}

pub async fn list_follow_ups(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<FollowUpQuery>,
) -> Result<Page<FollowUp>> {
    let now = by.clock.now();
    let order = Order {
        column: Column::DueAt,
        id: Column::Id,
        descending: false,
        key: |row: &Model| (Key::At(row.due_at), row.id),
    };
    let overdue = Condition::all().add(Column::Status.is_in(RUNNING)).add(Column::DueAt.lt(now));
    let wanted = Condition::all()
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.owner_id.map(|id| Column::OwnerId.eq(id)))
        .add_option(query.mine.then(|| Column::OwnerId.eq(by.caller.id())))
        .add_option(query.overdue.map(|wanted| if wanted { overdue } else { overdue.not() }))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)));
    let select = Entity::visible(by).filter(wanted);
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| FollowUp::of(row, now)))
}

pub async fn get_follow_up(db: &impl ConnectionTrait, by: &By, id: FollowUpId) -> Result<FollowUp> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)?;
    Ok(FollowUp::of(row, by.clock.now()))
}

/// Reads a follow-up to change it: nobody else can until the transaction ends.
pub async fn lock_follow_up(txn: &Txn, by: &By, id: FollowUpId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)
}

/// Writes what a follow-up became, and from whom it is due then.
pub async fn update_follow_up(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: by.clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    match after.owner_id.filter(|_| RUNNING.contains(&after.status)) {
        None => notify::done(txn, &by.clock, TaskKind::FollowUp, after.id).await?,
        Some(owner) => {
            // Whoever it is handed to is told at once.
            let remind_at = (by.account() != Some(owner)).then(|| by.clock.now());
            let due = vec![task(&after, owner, remind_at)];
            notify::hand_over(txn, &by.clock, TaskKind::FollowUp, after.id, due).await?;
        }
    }
    Ok(after)
}

/// Refuses an owner who may not follow up, or cannot sign in.
pub async fn refuse_stranger(txn: &Txn, owner: AccountId) -> Result<()> {
    let found = account::Entity::find_by_id(owner).one(txn).await?.filter(|account| account.disabled_at.is_none());
    let column = found.and_then(|account| Role::ALL.iter().position(|role| *role == account.role));
    match column.is_some_and(|column| feedback::FollowUp::CELLS[column]) {
        true => Ok(()),
        false => Err(Error::rule(Code::InvalidReference, "/owner_id", "Nobody who may follow up has this account.")),
    }
}
