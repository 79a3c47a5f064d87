//! The queries of actions. Reads start from what the caller sees. Whoever changes something locks the supplier first, then
//! the action.

mod duties;
mod numbers;
mod steps;
mod terms;

pub use duties::hand_over;
pub use steps::{Step, take};
pub use terms::{counter, propose, update};

use super::entity::{Column, Entity, Model, proposal};
use super::rules::{ENDED, UNDONE};
use super::types::{Action, ActionEffect, ActionProposal, ActionQuery, ActionStatus};
use crate::organization::today;
use crate::shared::auth::{By, Scope};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{ActionId, AgreementId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::stats::Window;
use crate::suppliers::lock_for_change;
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

impl Model {
    /// Who of the staff verified it is staff's own matter.
    pub fn shown(self, scope: Scope, today: NaiveDate) -> Action {
        let effect = self.effect.map(|effect| ActionEffect {
            verified_by: effect.0.verified_by.filter(|_| scope == Scope::Everything),
            ..effect.0
        });
        Action {
            id: self.id,
            agreement_id: self.agreement_id,
            supplier_id: self.supplier_id,
            status: self.status,
            status_reason: self.status_reason,
            proposal: self.proposal,
            proposed_by: self.proposed_by,
            terms: self.terms.0,
            is_overdue: UNDONE.contains(&self.status) && self.due_on < today,
            signatures: self.signatures.0,
            accepted_on: self.accepted_on,
            baseline: self.baseline.map(|baseline| baseline.0),
            claim: self.claim.map(|claim| claim.0),
            effect,
            abandonments: self.abandonments.0,
            ended_on: self.ended_on,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn list_actions(db: &impl ConnectionTrait, by: &By, query: &Params<ActionQuery>) -> Result<Page<Action>> {
    let today = today(db, &by.clock).await?;
    let overdue = Condition::all().add(Column::Status.is_in(UNDONE)).add(Column::DueOn.lt(today));
    let wanted = Condition::all()
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.side.map(|side| Column::Side.eq(side)))
        .add_option(query.owner_id.map(|id| Column::OwnerId.eq(id)))
        .add_option(query.is_overdue.map(|wanted| if wanted { overdue } else { overdue.not() }));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let select = Entity::visible(by).filter(wanted);
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| row.shown(by.scope, today)))
}

async fn find_action(db: &impl ConnectionTrait, by: &By, id: ActionId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

pub async fn get_action(db: &impl ConnectionTrait, by: &By, id: ActionId) -> Result<Action> {
    let today = today(db, &by.clock).await?;
    Ok(find_action(db, by, id).await?.shown(by.scope, today))
}

/// Everything that was ever proposed, oldest first.
pub async fn list_proposals(db: &impl ConnectionTrait, by: &By, id: ActionId) -> Result<Vec<ActionProposal>> {
    find_action(db, by, id).await?;
    let found = proposal::Entity::find()
        .filter(proposal::Column::ActionId.eq(id))
        .order_by_asc(proposal::Column::Number)
        .all(db)
        .await?;
    let shown = |row: proposal::Model| ActionProposal {
        action_id: row.action_id,
        number: row.number,
        proposed_by: row.proposed_by,
        terms: row.terms.0,
        note: row.note,
        created_at: row.created_at,
    };
    Ok(found.into_iter().map(shown).collect())
}

/// The actions of an agreement that are not over, or ended on one of these days, as both sides read them; oldest first.
pub async fn of_agreement(
    db: &impl ConnectionTrait,
    clock: &Clock,
    agreement: AgreementId,
    ended: Window,
) -> Result<Vec<Action>> {
    let today = today(db, clock).await?;
    let is_open = Column::Status.is_not_in(ENDED);
    let found = Entity::find()
        .filter(Column::AgreementId.eq(agreement))
        .filter(Condition::any().add(is_open).add(Column::EndedOn.between(ended.from, ended.to)))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|row| {
            let supplier = Scope::Supplier(row.supplier_id);
            row.shown(supplier, today)
        })
        .collect())
}

/// The actions of an agreement that wait for a signature, oldest first.
pub async fn unsigned(db: &impl ConnectionTrait, agreement: AgreementId) -> Result<Vec<ActionId>> {
    let proposed = Entity::find().select_only().column(Column::Id).filter(Column::AgreementId.eq(agreement));
    let proposed = proposed.filter(Column::Status.eq(ActionStatus::Proposed)).order_by_asc(Column::Id);
    Ok(proposed.into_tuple().all(db).await?)
}

/// The actions of an agreement that both sides have signed, from a day on.
pub async fn signed_since(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    since: Option<NaiveDate>,
) -> Result<Vec<ActionId>> {
    let signed = Entity::find().select_only().column(Column::Id).filter(Column::AgreementId.eq(agreement));
    let signed = match since {
        Some(day) => signed.filter(Column::AcceptedOn.gte(day)),
        None => signed.filter(Column::AcceptedOn.is_not_null()),
    };
    Ok(signed.order_by_asc(Column::Id).into_tuple().all(db).await?)
}

/// Reads an action to change it, with its supplier: nobody else can until the transaction ends. Users of a suspended
/// supplier may only read.
pub async fn lock_action(txn: &Txn, by: &By, id: ActionId) -> Result<Model> {
    let seen = find_action(txn, by, id).await?;
    lock_for_change(txn, by, seen.supplier_id).await?;
    let row = Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive();
    row.one(txn).await?.ok_or_else(Error::not_found)
}

/// Writes what an action became, who did it, and what is due then.
async fn save(txn: &Txn, by: &By, before: &Model, after: Model, entry: Entry, today: NaiveDate) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: by.clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    duties::tell(txn, &by.clock, before, &after).await?;
    let shown = |row: &Model| row.clone().shown(by.scope, today);
    let entry = entry.about(before.supplier_id).between(Some(&shown(before)), Some(&shown(&after)));
    history::record(txn, by, entry).await?;
    Ok(after)
}
