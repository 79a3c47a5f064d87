//! What becomes of an action, step by step.

use super::numbers::{compared, measured, measured_since};
use super::save;
use crate::actions::entity::Model;
use crate::actions::rules::{self, ENDED, Verb, four_eyes, has_contact, of_side, own_proposal, refuse_twice};
use crate::actions::types::{
    ActionAbandonment, ActionClaim, ActionEffect, ActionSignature, ActionStatus, ActionVerification, NewAbandonment,
    NewActionSignature, NewClaim,
};
use crate::agreements::{PaperSignature, Side, get_agreement, side_of, signer};
use crate::organization::today;
use crate::shared::auth::{By, Scope, account};
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::Entry;
use crate::shared::id::{PersonId, SupplierId};
use crate::shared::permission::actions::Write;
use crate::suppliers::{SupplierKind, find_people, get_supplier, main_contacts};
use chrono::NaiveDate;
use sea_orm::EntityTrait;

/// What is done, with what is said to it.
#[derive(Clone)]
pub enum Step {
    Sign(NewActionSignature),
    Withdraw(String),
    Start,
    Claim(NewClaim),
    Verify(ActionVerification),
    Resume,
    Abandon(NewAbandonment),
}

impl Step {
    fn verb(&self) -> Verb {
        match self {
            Step::Sign(_) => Verb::Sign,
            Step::Withdraw(_) => Verb::Withdraw,
            Step::Start => Verb::Start,
            Step::Claim(_) => Verb::Claim,
            Step::Verify(_) => Verb::Verify,
            Step::Resume => Verb::Resume,
            Step::Abandon(_) => Verb::Abandon,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Step::Withdraw(reason) => Some(reason),
            Step::Abandon(new) => Some(&new.reason),
            _ => None,
        }
    }
}

/// Takes the step on an action as it was read under lock, and returns it as it is then.
pub async fn take(txn: &Txn, by: &By, before: &Model, step: &Step) -> Result<Model> {
    let status = step.verb().apply(before.status)?;
    let today = today(txn, &by.clock).await?;
    let mut after = Model { status, ..before.clone() };
    match step {
        Step::Sign(new) => sign(txn, by, &mut after, new, today).await?,
        Step::Withdraw(_) => own_proposal(side_of(by), before.proposed_by)?,
        Step::Start | Step::Resume => refuse_other_side(txn, by, before).await?,
        Step::Claim(new) => claim(txn, by, &mut after, new, today).await?,
        Step::Verify(said) => verify(txn, by, &mut after, said, today).await?,
        Step::Abandon(new) => abandon(by, &mut after, new, today)?,
    }
    if !matches!(step, Step::Abandon(_)) {
        // Whoever goes on has not given up.
        after.abandonments.0.clear();
    }
    if ENDED.contains(&after.status) {
        after.ended_on = Some(today);
        after.status_reason = step.reason().map(str::to_owned);
    }
    let entry = Entry::new(step.verb().action(), before.id.0).because(step.reason());
    save(txn, by, before, after, entry, today).await
}

/// The signature of the caller, or one on paper that it records.
fn signature(
    by: &By,
    title: Option<&str>,
    paper: Option<&PaperSignature>,
    today: NaiveDate,
) -> Result<ActionSignature> {
    let signer = signer(by, title, paper, today)?;
    Ok(ActionSignature {
        side: signer.side,
        name: signer.name,
        title: signer.title,
        account_id: signer.account_id,
        person_id: None,
        is_on_paper: paper.is_some(),
        signed_on: signer.signed_on,
    })
}

/// The second signature accepts it and freezes how it was before.
async fn sign(txn: &Txn, by: &By, after: &mut Model, new: &NewActionSignature, today: NaiveDate) -> Result<()> {
    let mut signed = signature(by, new.title.as_deref(), new.on_paper.as_ref(), today)?;
    refuse_twice(after.signatures.iter().map(|one| one.side), signed.side)?;
    rules::refuse_not_in_force(get_agreement(txn, by, after.agreement_id).await?.status)?;
    signed.person_id = contact(txn, after, &signed, new.person_id).await?;
    after.signatures.0.push(signed);
    if after.signatures.len() < 2 {
        return Ok(());
    }
    has_contact(&after.signatures)?;
    let window = rules::counted_before(today, after.terms.metric.baseline_days.unwrap_or(1));
    after.baseline = measured(txn, &by.clock, after, window).await?.map(Stored);
    after.accepted_on = Some(today);
    after.status = ActionStatus::Accepted;
    Ok(())
}

/// The main employee contact of the signing side who is named, or who signs with an account of the same address. Ours are
/// those of internal units.
async fn contact(
    txn: &Txn,
    row: &Model,
    signed: &ActionSignature,
    named: Option<PersonId>,
) -> Result<Option<PersonId>> {
    if let Some(named) = named {
        let of = match signed.side {
            Side::Supplier => Some(row.supplier_id),
            Side::Us => unit_of(txn, named).await?.filter(|unit| *unit != row.supplier_id),
        };
        let contacts = match of {
            Some(of) => main_contacts(txn, of).await?,
            None => Vec::new(),
        };
        return match contacts.iter().any(|(id, _)| *id == named) {
            true => Ok(Some(named)),
            false => {
                let detail = "No main employee contact of the side that signs is this person.";
                Err(Error::rule(Code::InvalidReference, "/person_id", detail))
            }
        };
    }
    let Some(account) = signed.account_id.filter(|_| signed.side == Side::Supplier) else {
        return Ok(None);
    };
    let account = account::Entity::find_by_id(account).one(txn).await?.ok_or_else(Error::not_found)?;
    let same = |email: &str| email.to_lowercase() == account.email;
    let contacts = main_contacts(txn, row.supplier_id).await?;
    Ok(contacts.into_iter().find(|(_, email)| email.as_deref().is_some_and(same)).map(|(id, _)| id))
}

/// The internal unit for which somebody works.
async fn unit_of(txn: &Txn, person: PersonId) -> Result<Option<SupplierId>> {
    let Some(person) = find_people(txn, vec![person], Vec::new()).await?.pop() else {
        return Ok(None);
    };
    let supplier = get_supplier(txn, Scope::Everything, person.supplier_id).await?;
    Ok((supplier.kind == SupplierKind::InternalUnit).then_some(supplier.id))
}

/// Whoever has to do it says how far it is; for a supplier of which nobody can sign in who may say that, staff does.
async fn refuse_other_side(txn: &Txn, by: &By, row: &Model) -> Result<()> {
    let is_silent = row.side == Side::Supplier && !account::is_any_with::<Write>(txn, row.supplier_id).await?;
    match is_silent {
        true => Ok(()),
        false => of_side(side_of(by), row.side),
    }
}

async fn claim(txn: &Txn, by: &By, after: &mut Model, new: &NewClaim, today: NaiveDate) -> Result<()> {
    refuse_other_side(txn, by, after).await?;
    if after.accepted_on.is_some_and(|day| new.effective_from < day) || new.effective_from > today {
        let detail = "That is between the day on which the action was signed and today.";
        return Err(Error::rule(Code::DateOrder, "/effective_from", detail));
    }
    let (note, effective_from) = (new.note.clone(), new.effective_from);
    let (claimed_by, claimed_at) = (by.account(), by.clock.now());
    after.claim = Some(Stored(ActionClaim { note, effective_from, claimed_by, claimed_at }));
    // What was found out before is about what was done before.
    after.effect = None;
    Ok(())
}

async fn verify(txn: &Txn, by: &By, after: &mut Model, said: &ActionVerification, today: NaiveDate) -> Result<()> {
    let claim = after.claim.as_ref().ok_or_else(Error::not_found)?;
    four_eyes(after.owner_id, claim.claimed_by, by.account())?;
    let since = measured_since(txn, &by.clock, after, claim.effective_from, today).await?;
    let found = rules::decide(compared(txn, after, since.as_ref()).await?, said.judgement.as_ref())?;
    let reached = since.as_ref().and_then(|rate| rate.value).zip(after.terms.metric.target);
    after.effect = Some(Stored(ActionEffect {
        is_effective: found.is_effective,
        method: found.method,
        after: since,
        z: found.z,
        is_target_reached: reached.map(|(value, target)| value >= target),
        judgement: said.judgement.clone(),
        verified_by: by.account(),
        verified_at: by.clock.now(),
    }));
    after.status = match found.is_effective {
        true => ActionStatus::VerifiedEffective,
        false => ActionStatus::NotEffective,
    };
    Ok(())
}

/// When both sides want that, it is over.
fn abandon(by: &By, after: &mut Model, new: &NewAbandonment, today: NaiveDate) -> Result<()> {
    let signature = signature(by, new.title.as_deref(), new.on_paper.as_ref(), today)?;
    refuse_twice(after.abandonments.iter().map(|one| one.signature.side), signature.side)?;
    after.abandonments.0.push(ActionAbandonment { reason: new.reason.clone(), signature });
    if after.abandonments.len() == 2 {
        after.status = ActionStatus::Abandoned;
    }
    Ok(())
}
