//! Gathers what the numbers are made of.

use super::rules::{self, Lived, When};
use super::types::{Alignment, Divergence, ExpectationProposal, Quadrant, Watermelon, WatermelonQuery};
use super::words;
use crate::agreements::{
    Agreement, Dimension, Expectation, NewExpectation, dimensions_in, get_agreement, in_force, insert_expectation,
    open_to_write,
};
use crate::feedback::{published_satisfaction, published_told, satisfied_with, told, unhappy_on, whole_months};
use crate::promises::{BROKEN, JOB, customer_jobs, kept_to_customers};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::page::{Page, page_of};
use crate::shared::params::Params;
use crate::shared::stats::Window;
use crate::surveys::{Measure, items_measuring};
use sea_orm::ConnectionTrait;

pub async fn get_alignment(db: &impl ConnectionTrait, by: &By, id: AgreementId, window: Window) -> Result<Alignment> {
    let agreement = get_agreement(db, by, id).await?;
    let satisfaction = items_measuring(db, Measure::Csat).await?;
    let kept = kept_to_customers(db, Some(id), window).await?.remove(&id).unwrap_or_default();
    let satisfied = satisfied_with(db, satisfaction, Some(id), window).await?.remove(&id).unwrap_or_default();
    let lived = Lived { kept, satisfied, customer_target: agreement.terms.customer_target };
    let jobs = unhappy_on(db, id, window, (customer_jobs(id), JOB, BROKEN)).await?;
    let covered = covered(db, &agreement).await?;
    let told = told(db, id, rules::items(), window).await?;
    let when = When { window, as_of: by.clock.now() };
    Ok(rules::aligned((id, agreement.supplier_id), &lived, jobs, (&covered, &told), when))
}

/// What follows from it as suppliers may read it: what customers lived is taken from the whole months of the window as they
/// are published. Where there is none, nothing follows.
pub async fn get_published_alignment(
    db: &impl ConnectionTrait,
    by: &By,
    id: AgreementId,
    window: Window,
) -> Result<(Divergence, Option<Dimension>)> {
    let agreement = get_agreement(db, by, id).await?;
    let kept = kept_to_customers(db, Some(id), window).await?.remove(&id).unwrap_or_default();
    let (satisfied, told) = match whole_months(window) {
        Some(months) => {
            let items = items_measuring(db, Measure::Csat).await?;
            let satisfied = published_satisfaction(db, items, id, months).await?.into_values().sum();
            (satisfied, published_told(db, id, rules::items(), months).await?)
        }
        None => Default::default(),
    };
    let lived = Lived { kept, satisfied, customer_target: agreement.terms.customer_target };
    let covered = covered(db, &agreement).await?;
    let when = When { window, as_of: by.clock.now() };
    let top_uncovered = if told.is_empty() { None } else { rules::missed_most(&covered, &told) };
    Ok((rules::compare(&lived, when), top_uncovered))
}

/// The dimensions that clauses in force are about.
async fn covered(db: &impl ConnectionTrait, agreement: &Agreement) -> Result<Vec<Dimension>> {
    match agreement.version_in_force {
        Some(number) => dimensions_in(db, agreement.id, number).await,
        None => Ok(Vec::new()),
    }
}

/// The agreements that are watermelons, the worst first: all that the caller sees are compared.
pub async fn list_watermelons(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<WatermelonQuery>,
    window: Window,
) -> Result<Page<Watermelon>> {
    let satisfaction = items_measuring(db, Measure::Csat).await?;
    let kept = kept_to_customers(db, None, window).await?;
    let satisfied = satisfied_with(db, satisfaction, None, window).await?;
    let when = When { window, as_of: by.clock.now() };
    let mut found = Vec::new();
    for agreement in in_force(db, by).await? {
        let is_wanted = query.supplier_id.is_none_or(|id| id == agreement.supplier_id);
        let (Some(kept), Some(satisfied)) = (kept.get(&agreement.id), satisfied.get(&agreement.id)) else {
            continue;
        };
        let lived = Lived { kept: *kept, satisfied: *satisfied, customer_target: agreement.customer_target };
        let divergence = rules::compare(&lived, when);
        if is_wanted && divergence.quadrant == Quadrant::Watermelon {
            let (agreement_id, supplier_id, title) = (agreement.id, agreement.supplier_id, agreement.title);
            found.push(Watermelon { agreement_id, supplier_id, title, divergence });
        }
    }
    page_of(by, found, worst_first, &query.paging, &query.filter)
}

/// The greatest difference has the lowest key, in millionths of a point.
fn worst_first(watermelon: &Watermelon) -> (i64, uuid::Uuid) {
    #[expect(clippy::cast_possible_truncation, reason = "a difference is 100 points at most")]
    let points = (watermelon.divergence.points.unwrap_or_default() * 1e6).round() as i64;
    (-points, watermelon.agreement_id.0)
}

/// Writes a clause into the version that is ours to write; an agreement in force is amended for it.
pub async fn propose(
    txn: &Txn,
    by: &By,
    id: AgreementId,
    wanted: &ExpectationProposal,
    window: Window,
) -> Result<Expectation> {
    let open = open_to_write(txn, by, id).await?;
    let covered = dimensions_in(txn, id, open.number()).await?;
    let told = told(txn, id, rules::items(), window).await?;
    let dimension = rules::proposed(wanted.dimension, &covered, &told)?;
    let text = wanted.text.clone().unwrap_or_else(|| words::usual(wanted.direction, dimension).to_owned());
    insert_expectation(txn, by, &open, &NewExpectation::in_words(wanted.direction, dimension, text)).await
}
