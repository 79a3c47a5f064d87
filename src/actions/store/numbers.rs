//! What is counted of a metric: read from tallies.

use crate::actions::entity::Model;
use crate::actions::rules::{Comparison, counted_after};
use crate::actions::types::{ActionMetric, ActionMetricKind};
use crate::feedback::{Satisfied, published_satisfaction, whole_months};
use crate::promises::{first_open, judging_versions, kept_of};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use crate::shared::stats::{Rate, Window};
use crate::surveys::{Measure, items_measuring};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

const KEPT: &str = "Commitments of the promise kept, of those kept and broken; excused ones are left out.";
const SATISFIED: &str = "Answers of 4 and 5 to questions about satisfaction on a scale of 1 to 5, in whole months as they \
                         are published to suppliers.";

/// The metric over some days; none where nothing is counted.
pub async fn measured(txn: &Txn, clock: &Clock, row: &Model, window: Window) -> Result<Option<Rate>> {
    let ActionMetric { kind, promise_id, .. } = row.terms.metric;
    Ok(match (kind, promise_id) {
        (ActionMetricKind::KeptRate, Some(promise)) => {
            let counts = kept_of(txn, promise, window).await?;
            Some(Rate::new(counts.kept, counts.kept + counts.broken, window, clock.now(), KEPT))
        }
        (ActionMetricKind::Csat, _) => {
            let said: Satisfied = said(txn, row, window).await?.into_values().sum();
            let window = whole_months(window).unwrap_or(window);
            Some(Rate::new(said.satisfied, said.n, window, clock.now(), SATISFIED))
        }
        (ActionMetricKind::KeptRate | ActionMetricKind::Judgement, _) => None,
    })
}

/// What customers said in the whole months within some days, by survey and item.
async fn said(txn: &Txn, row: &Model, window: Window) -> Result<HashMap<(SurveyId, String), Satisfied>> {
    match whole_months(window) {
        None => Ok(HashMap::new()),
        Some(months) => {
            let items = items_measuring(txn, Measure::Csat).await?;
            published_satisfaction(txn, items, row.agreement_id, months).await
        }
    }
}

/// The metric since some day, as far as its days are over. Where none is, nothing is counted yet.
pub async fn measured_since(
    txn: &Txn,
    clock: &Clock,
    row: &Model,
    from: NaiveDate,
    today: NaiveDate,
) -> Result<Option<Rate>> {
    let first_open = match row.promise_id {
        Some(promise) => first_open(txn, promise, from).await?,
        None => None,
    };
    match counted_after(from, today, first_open) {
        Some(window) => measured(txn, clock, row, window).await,
        None => Ok(counted_as(row).map(|what| Rate::new(0, 0, Window { from, to: from }, clock.now(), what))),
    }
}

fn counted_as(row: &Model) -> Option<&'static str> {
    match row.terms.metric.kind {
        ActionMetricKind::KeptRate => Some(KEPT),
        ActionMetricKind::Csat => Some(SATISFIED),
        ActionMetricKind::Judgement => None,
    }
}

/// What was counted before and after, as far as it was.
pub async fn compared<'a>(txn: &Txn, row: &'a Model, after: Option<&'a Rate>) -> Result<Option<Comparison<'a>>> {
    let Some((before, after)) = row.baseline.as_ref().zip(after) else {
        return Ok(None);
    };
    let is_like = match (row.terms.metric.kind, row.promise_id) {
        // What one version counts as kept another one may count as broken.
        (ActionMetricKind::KeptRate, Some(promise)) => {
            let mut versions: HashSet<_> = judging_versions(txn, promise, before.window).await?.into_iter().collect();
            versions.extend(judging_versions(txn, promise, after.window).await?);
            versions.len() <= 1
        }
        // Another question has other answers.
        _ => {
            let asked = said(txn, row, before.window).await?.into_keys().collect::<HashSet<_>>();
            asked == said(txn, row, after.window).await?.into_keys().collect::<HashSet<_>>()
        }
    };
    Ok(Some(Comparison { before, after, is_like }))
}
