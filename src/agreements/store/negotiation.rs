//! The moves by which two sides come to terms. Every function gets the agreement locked, returns
//! nothing, and leaves history to its caller.

use super::super::entity::{self, version};
use super::super::expectations::{accept_all, clauses_of, content, copy_to, not_accepted};
use super::super::open::{Open, lock_open, lock_open_for};
use super::super::rules::{self, Verb};
use super::super::types::{AgreementStatus, Consent, Offer, Side, Terms, VersionStatus};
use super::versions::forget_handed_over;
use super::{
    hand_over, index, insert_version, lock_agreement, repeated, save, save_for, side_of, terms_of, version_row,
};
use crate::shared::auth::{By, Scope};
use crate::shared::clock::Clock;
use crate::shared::crypto;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::etag::IfMatch;
use crate::shared::id::AgreementId;
use crate::shared::json::canonical;
use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

/// Hands the open version to the other side, which reads it from now on as it is now: who offers it accepts every
/// clause as it stands.
pub async fn offer(txn: &Txn, by: &By, id: AgreementId, if_match: &IfMatch, verb: Verb, offer: &Offer) -> Result<()> {
    let open = lock_open(txn, by, id).await?;
    open.agreement.check(if_match, verb)?;
    let Open { agreement, version, side } = &open;
    if verb == Verb::Counter && *side == Side::Us && version.shared_at.is_none() {
        return Err(rules::invalid_state("Nothing was offered yet: `propose` it.", agreement.seen.status));
    }
    let now = by.clock.now();
    accept_all(txn, id, version.number, *side, now).await?;
    let mut row = accepted(version, *side, now);
    row.turn = Set(side.other());
    row.shared_at = Set(version.shared_at.or(Some(now)));
    row.note = Set(offer.note.clone());
    save_version(txn, by, version, row).await?;
    hand_over(txn, id, version.number).await?;
    let status = match (agreement.seen.status, side) {
        (AgreementStatus::Amending, _) => AgreementStatus::Amending,
        (_, Side::Us) => AgreementStatus::Proposed,
        (_, Side::Supplier) => AgreementStatus::Countered,
    };
    let is_shown = agreement.row.shown_version == version.number;
    let shown = if is_shown { repeated(&terms_of(version)) } else { Default::default() };
    let change = entity::ActiveModel { status: Set(status), is_shared: Set(true), drafted_by: Set(None), ..shown };
    save(txn, by, &agreement.row, change).await?;
    index(txn, id, false).await
}

/// Accepts what the other side offered; the version is frozen then. What a supplier accepted on paper, staff
/// accepts in its place.
pub async fn agree(txn: &Txn, by: &By, id: AgreementId, if_match: &IfMatch, consent: &Consent) -> Result<()> {
    if consent.on_paper && by.scope != Scope::Everything {
        return Err(Error::new(Code::Forbidden, "Only staff records what was accepted on paper."));
    }
    let side = if consent.on_paper { Side::Supplier } else { side_of(by) };
    let open = lock_open_for(txn, by, id, side).await?;
    open.agreement.check(if_match, Verb::Agree)?;
    let Open { agreement, version, side } = &open;
    let now = by.clock.now();
    if consent.accept_all || consent.on_paper {
        accept_all(txn, id, version.number, *side, now).await?;
    }
    let clauses = clauses_of(txn, id, version.number).await?;
    let accepted_by_other = match side {
        Side::Us => version.accepted_by_supplier_at,
        Side::Supplier => version.accepted_by_us_at,
    };
    if version.shared_at.is_none() || accepted_by_other.is_none() || !not_accepted(&clauses, side.other()).is_empty() {
        let detail = "The other side has not accepted what it says now: offer it with `propose` or `counter`.";
        return Err(rules::invalid_state(detail, agreement.seen.status));
    }
    let missing = not_accepted(&clauses, *side).into_iter().map(|clause| FieldError {
        pointer: Some(format!("#/clauses/{}", clause.id)),
        code: "not_accepted".to_owned(),
        detail: format!("Clause {} is not accepted.", clause.position),
        ..FieldError::default()
    });
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        let detail = "Accept every clause first, one by one or with `accept_all`.";
        return Err(Error::new(Code::RuleViolated, detail).fields(missing));
    }
    let clauses: Vec<_> = clauses.iter().map(content).collect();
    let mut row = accepted(version, *side, now);
    row.status = Set(VersionStatus::Agreed);
    row.agreed_at = Set(Some(now));
    row.is_agreed_on_paper = Set(consent.on_paper);
    row.content_hash = Set(Some(content_hash(id, version.number, &terms_of(version), clauses)));
    save_version(txn, by, version, row).await?;
    forget_handed_over(txn, id, version.number).await?;
    let status = match agreement.row.status {
        AgreementStatus::Amending => AgreementStatus::Amending,
        _ => AgreementStatus::Agreed,
    };
    save(txn, by, &agreement.row, entity::ActiveModel { status: Set(status), ..Default::default() }).await
}

/// What both sides sign, as one number. Numbers are written as RFC 8785 says: `1`, not `1.0`.
fn content_hash(agreement: AgreementId, version: i64, terms: &Terms, clauses: Vec<Value>) -> Vec<u8> {
    fn plain(value: &mut Value) {
        match value {
            Value::Number(number) => {
                let whole = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
                if let Some(whole) = whole {
                    *value = json!(whole as i64);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(plain),
            Value::Object(members) => members.values_mut().for_each(plain),
            _ => {}
        }
    }
    let mut all = json!({"agreement_id": agreement, "version": version, "terms": terms, "clauses": clauses});
    plain(&mut all);
    crypto::sha256(&canonical(&all))
}

/// Gives the open version up. Before the first activation that ends the agreement; later the signed
/// version simply goes on.
pub async fn withdraw(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    if_match: &IfMatch,
    reason: &str,
    today: NaiveDate,
) -> Result<()> {
    let agreement = lock_agreement(txn, by, id).await?;
    agreement.check(if_match, Verb::Withdraw)?;
    let row = &agreement.row;
    withdraw_version(txn, &by.clock, row).await?;
    let given_up = entity::ActiveModel { open_version: Set(None), drafted_by: Set(None), ..Default::default() };
    if let Some(side) = row.drafted_by {
        return save_for(txn, by, side, row, given_up).await;
    }
    let change = match row.status {
        AgreementStatus::Amending => {
            entity::ActiveModel { status: Set(rules::standing(row.ends_on, today)), ..given_up }
        }
        _ => entity::ActiveModel {
            status: Set(AgreementStatus::Withdrawn),
            status_reason: Set(Some(reason.to_owned())),
            ..given_up
        },
    };
    save(txn, by, row, change).await
}

/// Gives the open version up, and what was handed over of it.
pub async fn withdraw_version(txn: &Txn, clock: &Clock, agreement: &entity::Model) -> Result<()> {
    use sea_orm::ExprTrait;
    let Some(number) = agreement.open_version else {
        return Ok(());
    };
    version::Entity::update_many()
        .col_expr(version::Column::Status, Expr::value(VersionStatus::Withdrawn))
        .col_expr(version::Column::Revision, Expr::col(version::Column::Revision).add(1))
        .col_expr(version::Column::UpdatedAt, Expr::value(clock.now()))
        .filter(version::Column::AgreementId.eq(agreement.id))
        .filter(version::Column::Number.is_in([number, -number]))
        .exec(txn)
        .await?;
    Ok(())
}

/// Opens the next version, a copy of the one in force, written by the side that asks for it. The other side does
/// not know of it before it is offered.
pub async fn amend(txn: &Txn, by: &By, id: AgreementId, if_match: &IfMatch, offer: &Offer) -> Result<()> {
    let agreement = lock_agreement(txn, by, id).await?;
    agreement.check(if_match, Verb::Amend)?;
    let (row, side) = (&agreement.row, side_of(by));
    if row.drafted_by.is_some() {
        let detail = "The other side is writing the next version: answer it when it is offered, or ask for it.";
        return Err(rules::invalid_state(detail, agreement.seen.status));
    }
    let in_force = version_row(txn, id, row.shown_version).await?;
    let number = super::last_version(txn, id).await? + 1;
    // Automatic renewal has moved the end; nobody wants the old one back.
    let terms = Terms { ends_on: row.ends_on, ..terms_of(&in_force) };
    insert_version(txn, by, id, number, side, &terms).await?;
    let now = by.clock.now();
    let accepted = version::ActiveModel {
        agreement_id: Set(id),
        number: Set(number),
        accepted_by_us_at: Set(Some(now)),
        accepted_by_supplier_at: Set(Some(now)),
        note: Set(offer.note.clone()),
        ..Default::default()
    };
    version::Entity::update(accepted).exec_without_returning(txn).await?;
    copy_to(txn, id, in_force.number, number).await?;
    let change =
        entity::ActiveModel { open_version: Set(Some(number)), drafted_by: Set(Some(side)), ..Default::default() };
    save_for(txn, by, side, row, change).await
}

fn accepted(version: &version::Model, side: Side, now: crate::shared::time::Timestamp) -> version::ActiveModel {
    let own = |by: Side, before| Set(if by == side { Some(now) } else { before });
    version::ActiveModel {
        accepted_by_us_at: own(Side::Us, version.accepted_by_us_at),
        accepted_by_supplier_at: own(Side::Supplier, version.accepted_by_supplier_at),
        ..Default::default()
    }
}

/// Writes a change of a version whose agreement is locked, as its next revision.
pub async fn save_version(txn: &Txn, by: &By, before: &version::Model, change: version::ActiveModel) -> Result<()> {
    let row = version::ActiveModel {
        agreement_id: Set(before.agreement_id),
        number: Set(before.number),
        revision: Set(before.revision + 1),
        updated_at: Set(by.clock.now()),
        ..change
    };
    version::Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}
