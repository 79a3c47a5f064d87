//! The queries of early warnings.

use super::entity::{Column, Entity, Model};
use super::types::{EarlyWarning, EarlyWarningQuery, NewEarlyWarning, Urgency, WarningAnswer};
use crate::agreements::{find_agreements, reviewed};
use crate::organization::time_zone;
use crate::reviews::types::PackWarning;
use crate::shared::auth::{By, Scope};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::{AccountId, AgreementId, EarlyWarningId};
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::zone;
use crate::suppliers::lock_for_change;
use chrono::{NaiveDate, TimeDelta};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

const ANSWER: &str = "Answer an early warning";

impl Model {
    /// Who of the staff said what is staff's own matter.
    fn shown(self, scope: Scope) -> EarlyWarning {
        let is_told = scope == Scope::Everything;
        EarlyWarning {
            id: self.id,
            agreement_id: self.agreement_id,
            supplier_id: self.supplier_id,
            text: self.text,
            urgency: self.urgency,
            raised_by: self.raised_by.filter(|_| is_told),
            answer: self.answer,
            answered_by: self.answered_by.filter(|_| is_told),
            answered_at: self.answered_at,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn list_warnings(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<EarlyWarningQuery>,
) -> Result<Page<EarlyWarning>> {
    let answered = |wanted: bool| if wanted { Column::AnsweredAt.is_not_null() } else { Column::AnsweredAt.is_null() };
    let wanted = Condition::all()
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.is_answered.map(answered));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let found = rows(db, by, Entity::visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| row.shown(by.scope)))
}

pub async fn get_warning(db: &impl ConnectionTrait, by: &By, id: EarlyWarningId) -> Result<EarlyWarning> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)?;
    Ok(row.shown(by.scope))
}

/// Raises it; owner and reviewers of the agreement are told at once.
pub async fn raise(txn: &Txn, by: &By, new: &NewEarlyWarning) -> Result<EarlyWarning> {
    let known = find_agreements(txn, by, vec![new.agreement_id], Vec::new()).await?.pop();
    let of = match known {
        Some(known) => {
            lock_for_change(txn, by, known.supplier_id).await?;
            reviewed(txn, known.id).await?
        }
        None => None,
    };
    let Some(of) = of else {
        return Err(Error::rule(Code::InvalidReference, "/agreement_id", "No agreement in force that you see."));
    };
    let now = by.clock.now();
    let row = Model {
        id: EarlyWarningId::new(&by.clock),
        agreement_id: of.id,
        supplier_id: of.supplier_id,
        text: new.text.clone(),
        urgency: new.urgency,
        raised_by: Some(by.caller.id()),
        answer: None,
        answered_by: None,
        answered_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    let within = match row.urgency {
        Urgency::Low => TimeDelta::days(14),
        Urgency::Normal => TimeDelta::days(7),
        Urgency::High => TimeDelta::days(1),
    };
    let task = |account_id: AccountId| New {
        account_id,
        kind: TaskKind::EarlyWarning,
        resource_id: row.id.0,
        supplier_id: Some(row.supplier_id),
        title: ANSWER,
        due_at: now.plus(within),
        remind_at: Some(now),
    };
    notify::require_all(txn, &by.clock, of.people.iter().copied().map(task).collect()).await?;
    let shown = row.shown(by.scope);
    let entry = Entry::new("early_warning.raise", shown.id.0).about(shown.supplier_id);
    history::record(txn, by, entry.between(None, Some(&shown))).await?;
    Ok(shown)
}

/// Answers it, once.
pub async fn answer(
    txn: &Txn,
    by: &By,
    id: EarlyWarningId,
    if_match: &IfMatch,
    given: &WarningAnswer,
) -> Result<EarlyWarning> {
    let seen = get_warning(txn, by, id).await?;
    lock_for_change(txn, by, seen.supplier_id).await?;
    let before = Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?;
    let before = before.ok_or_else(Error::not_found)?;
    if_match.check(before.revision)?;
    if before.answered_at.is_some() {
        let error = Error::new(Code::InvalidState, "It is answered already.");
        return Err(error.with("current_status", "answered").with("allowed", Vec::<String>::new()));
    }
    let now = by.clock.now();
    let after = Model {
        answer: Some(given.answer.clone()),
        answered_by: Some(by.caller.id()),
        answered_at: Some(now),
        revision: before.revision + 1,
        updated_at: now,
        ..before.clone()
    };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    notify::done(txn, &by.clock, TaskKind::EarlyWarning, id.0).await?;
    let (before, after) = (before.shown(by.scope), after.shown(by.scope));
    let entry = Entry::new("early_warning.answer", id.0).about(after.supplier_id);
    history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
    Ok(after)
}

/// Those about an agreement that wait for an answer.
pub async fn unanswered(db: &impl ConnectionTrait, agreement: AgreementId) -> Result<Vec<EarlyWarningId>> {
    let waiting = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::AnsweredAt.is_null())
        .order_by_asc(Column::Id);
    Ok(waiting.into_tuple().all(db).await?)
}

/// Those raised since a day, and those that wait for an answer, for an evidence pack.
pub async fn of_period(db: &impl ConnectionTrait, agreement: AgreementId, from: NaiveDate) -> Result<Vec<PackWarning>> {
    let begins = zone::day_begins(&time_zone(db).await?, from).unwrap_or_else(zone::end);
    let wanted = Condition::any().add(Column::CreatedAt.gte(begins)).add(Column::AnsweredAt.is_null());
    let rows = Entity::find().filter(Column::AgreementId.eq(agreement)).filter(wanted);
    let rows = rows.order_by_asc(Column::Id).all(db).await?;
    let shown = |row: Model| PackWarning {
        early_warning_id: row.id,
        urgency: row.urgency,
        text: row.text,
        raised_at: row.created_at,
        answer: row.answer,
    };
    Ok(rows.into_iter().map(shown).collect())
}
