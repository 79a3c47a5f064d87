//! Freezing the evidence of a review: read once, written as text, never read anew.

use crate::actions::{Action, of_agreement};
use crate::agreements::{Expectation, get_agreement, get_agreement_version};
use crate::alignment::get_published_alignment;
use crate::assessments::{LastAccepted, last_accepted};
use crate::feedback::published_to;
use crate::promises::{get_reciprocity, kept_of_each};
use crate::reviews::entity::{Model, pack};
use crate::reviews::types::{EvidencePack, PackAction, PackAlignment, PackAssessment, PackClause, PackReview};
use crate::reviews::warnings::of_period;
use crate::shared::auth::By;
use crate::shared::crypto::sha256;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::Window;
use crate::suppliers::get_supplier;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

/// The form of the document.
const FORMAT: i64 = 1;

/// Freezes what is known of the period now.
pub async fn freeze(txn: &Txn, by: &By, after: &mut Model, today: NaiveDate) -> Result<()> {
    if after.period_to >= today {
        let detail = format!("The period ends on {}: it is not over yet.", after.period_to);
        return Err(Error::new(Code::RuleViolated, detail));
    }
    let content = serde_json::to_string(&gather(txn, by, after).await?).map_err(Error::internal)?;
    after.pack_hash = Some(sha256(content.as_bytes()).to_vec());
    after.ready_at = Some(by.clock.now());
    let row = pack::Model { review_id: after.id, content, frozen_at: by.clock.now() };
    pack::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(())
}

/// What was frozen, byte for byte. What does not fit its hash is no evidence.
pub async fn get_pack(db: &impl ConnectionTrait, row: &Model) -> Result<String> {
    let kept = pack::Entity::find_by_id(row.id).one(db).await?.ok_or_else(Error::not_found)?;
    match row.pack_hash.as_deref() == Some(&sha256(kept.content.as_bytes())[..]) {
        true => Ok(kept.content),
        false => Err(Error::internal(std::io::Error::other("an evidence pack does not fit its hash"))),
    }
}

async fn gather(txn: &Txn, by: &By, row: &Model) -> Result<EvidencePack> {
    let (period, now) = (Window { from: row.period_from, to: row.period_to }, by.clock.now());
    let agreement = get_agreement(txn, by, row.agreement_id).await?;
    let supplier = get_supplier(txn, by.scope, row.supplier_id).await?;
    let number = agreement.version_in_force.unwrap_or(row.version);
    let version = get_agreement_version(txn, by, row.agreement_id, number).await?;
    let (divergence, top_uncovered) = get_published_alignment(txn, by, row.agreement_id, period).await?;
    Ok(EvidencePack {
        format: FORMAT,
        frozen_at: now,
        review: PackReview {
            id: row.id,
            number: row.number,
            agreement_id: row.agreement_id,
            title: version.terms.title.clone(),
            version: number,
            supplier_id: row.supplier_id,
            supplier_name: supplier.name.clone(),
            period,
        },
        promises: kept_of_each(txn, row.agreement_id, period, now).await?,
        reciprocity: get_reciprocity(txn, by, row.agreement_id, period).await?,
        feedback: published_to(txn, by, (row.supplier_id, row.agreement_id), period).await?,
        alignment: PackAlignment {
            quadrant: divergence.quadrant,
            kept: divergence.kept,
            kept_target: divergence.kept_target,
            customer_target: divergence.customer_target,
            top_uncovered,
        },
        assessment: last_accepted(txn, row.supplier_id).await?.map(assessment),
        actions: of_agreement(txn, &by.clock, row.agreement_id, period).await?.into_iter().map(action).collect(),
        expectations: version.clauses.into_iter().map(clause).collect(),
        early_warnings: of_period(txn, row.agreement_id, row.period_from).await?,
    })
}

fn action(action: Action) -> PackAction {
    let Action { id, terms, status, is_overdue, ended_on, .. } = action;
    PackAction {
        action_id: id,
        title: terms.title,
        side: terms.side,
        due_on: terms.due_on,
        status,
        is_overdue,
        ended_on,
    }
}

fn assessment(last: LastAccepted) -> PackAssessment {
    let LastAccepted { id, questionnaire_id, version, accepted_at, self_score, verified_score } = last;
    PackAssessment { assessment_id: id, questionnaire_id, version, accepted_at, self_score, verified_score }
}

fn clause(clause: Expectation) -> PackClause {
    PackClause {
        expectation_id: clause.id,
        position: clause.position,
        direction: clause.direction,
        dimension: clause.dimension,
        text: clause.text,
        review_by: clause.review_by,
        confirmed_by_us_at: clause.confirmed_by_us_at,
        confirmed_by_supplier_at: clause.confirmed_by_supplier_at,
    }
}
