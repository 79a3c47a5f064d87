//! What is proposed, and proposed otherwise.

use super::{duties, save};
use crate::actions::entity::{Entity, Model, proposal};
use crate::actions::rules::{self, Verb, other_proposes, own_proposal};
use crate::actions::types::{ActionChange, ActionStatus, ActionTerms, CounterAction};
use crate::agreements::{Agreement, Side, get_agreement, side_of};
use crate::organization::today;
use crate::promises::get_promise;
use crate::shared::auth::{By, account};
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{ActionId, AgreementId};
use crate::suppliers::{find_people, lock_for_change};
use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

/// Proposes an action under an agreement that is in force.
pub async fn propose(
    txn: &Txn,
    by: &By,
    agreement: AgreementId,
    terms: &ActionTerms,
    note: Option<&str>,
) -> Result<ActionId> {
    let unknown = |error| unless_found(error, "/agreement_id", "There is no such agreement.");
    let seen = get_agreement(txn, by, agreement).await.map_err(unknown)?;
    // Whoever changes an agreement locks its supplier: from here on it is what it is.
    lock_for_change(txn, by, seen.supplier_id).await?;
    let agreement = get_agreement(txn, by, agreement).await.map_err(unknown)?;
    rules::refuse_not_in_force(agreement.status)?;
    let (today, now) = (today(txn, &by.clock).await?, by.clock.now());
    let terms = checked(txn, by, &agreement, terms.clone(), today).await?;
    let row = Model {
        id: ActionId::new(&by.clock),
        agreement_id: agreement.id,
        supplier_id: agreement.supplier_id,
        status: ActionStatus::Proposed,
        status_reason: None,
        proposal: 1,
        proposed_by: side_of(by),
        side: terms.side,
        owner_id: terms.owner_id,
        person_id: terms.person_id,
        promise_id: terms.metric.promise_id,
        due_on: terms.due_on,
        terms: Stored(terms),
        signatures: Stored(Vec::new()),
        accepted_on: None,
        baseline: None,
        claim: None,
        effect: None,
        abandonments: Stored(Vec::new()),
        ended_on: None,
        created_by: by.account().filter(|_| side_of(by) == Side::Us),
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    keep(txn, &row, note).await?;
    duties::tell(txn, &by.clock, &row, &row).await?;
    let entry = Entry::new("action.create", row.id.0).about(row.supplier_id).because(note);
    let id = row.id;
    history::record(txn, by, entry.between(None, Some(&row.shown(by.scope, today)))).await?;
    Ok(id)
}

/// What is not there, or not seen, cannot be referred to; every other error is itself.
fn unless_found(error: Error, member: &str, detail: &str) -> Error {
    match error.code {
        Code::NotFound => Error::rule(Code::InvalidReference, member, detail),
        _ => error,
    }
}

/// Changes what the caller's own side proposed; the action as it is then.
pub async fn update(txn: &Txn, by: &By, before: Model, change: &ActionChange) -> Result<Model> {
    Verb::Update.apply(before.status)?;
    own_proposal(side_of(by), before.proposed_by)?;
    let mut terms = before.terms.0.clone();
    change.title.apply(&mut terms.title);
    change.description.apply(&mut terms.description);
    change.side.apply(&mut terms.side);
    change.owner_id.apply(&mut terms.owner_id);
    change.person_id.apply(&mut terms.person_id);
    change.due_on.apply(&mut terms.due_on);
    change.metric.apply(&mut terms.metric);
    match terms == before.terms.0 {
        true => Ok(before),
        false => put(txn, by, before, terms, None, Verb::Update).await,
    }
}

/// Puts other terms in place of what the other side proposed.
pub async fn counter(txn: &Txn, by: &By, before: Model, new: &CounterAction) -> Result<Model> {
    Verb::Counter.apply(before.status)?;
    other_proposes(side_of(by), before.proposed_by)?;
    put(txn, by, before, new.terms.clone(), new.note.as_deref(), Verb::Counter).await
}

/// Whoever has signed has signed something else: the next proposal takes the signatures back.
async fn put(txn: &Txn, by: &By, before: Model, terms: ActionTerms, note: Option<&str>, verb: Verb) -> Result<Model> {
    let today = today(txn, &by.clock).await?;
    let agreement = get_agreement(txn, by, before.agreement_id).await?;
    rules::refuse_not_in_force(agreement.status)?;
    let terms = checked(txn, by, &agreement, terms, today).await?;
    let (proposal, proposed_by) = (before.proposal + 1, side_of(by));
    let after = Model { proposal, proposed_by, signatures: Stored(Vec::new()), ..before.clone().with(terms) };
    let after = save(txn, by, &before, after, Entry::new(verb.action(), before.id.0).because(note), today).await?;
    keep(txn, &after, note).await?;
    Ok(after)
}

/// Keeps what was proposed.
async fn keep(txn: &Txn, row: &Model, note: Option<&str>) -> Result<()> {
    let kept = proposal::Model {
        action_id: row.id,
        number: row.proposal,
        proposed_by: row.proposed_by,
        terms: row.terms.clone(),
        note: note.map(str::to_owned),
        created_at: row.updated_at,
    };
    proposal::Entity::insert(kept.into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// The terms, filled up; refused where they refer to what is not there.
async fn checked(
    txn: &Txn,
    by: &By,
    agreement: &Agreement,
    terms: ActionTerms,
    today: NaiveDate,
) -> Result<ActionTerms> {
    let terms = rules::complete(terms, agreement.owner_id, today)?;
    let unknown = |member: &str, detail: &str| Err(Error::rule(Code::InvalidReference, member, detail));
    if let Some(owner) = terms.owner_id.filter(|_| terms.side == Side::Us) {
        use account::Column::{DisabledAt, SupplierId};
        let staff = account::Entity::find_by_id(owner).filter(SupplierId.is_null()).filter(DisabledAt.is_null());
        if staff.count(txn).await? == 0 {
            return unknown("/owner_id", "Nobody of the staff has this account.");
        }
    }
    if let Some(person) = terms.person_id {
        let known = find_people(txn, vec![person], Vec::new()).await?;
        if !known.iter().any(|known| known.supplier_id == agreement.supplier_id) {
            return unknown("/person_id", "Nobody of the supplier is this person.");
        }
    }
    if let Some(promise) = terms.metric.promise_id {
        let (member, detail) = ("/metric/promise_id", "The agreement has no such promise.");
        let found = get_promise(txn, by, promise).await.map_err(|error| unless_found(error, member, detail))?;
        if found.agreement_id != agreement.id {
            return unknown(member, detail);
        }
    }
    Ok(terms)
}
