//! Reading the history of a promise, and keeping what was found.

use super::super::commitments::Lateness;
use super::super::entity::{self as promise, Entity as Promises, check, version};
use super::super::numbers::{Basis, Counts, Fact, Subjects, Values, daily, judging_versions, values};
use super::super::types::{Period, Precision, shown_target};
use super::rules::{self, Tally};
use super::types::{Capability, CapabilityCheck, CapabilitySource, CheckId, CheckQuery, PeriodOutcome};
use crate::agreements::{Comparison, Metric};
use crate::calendars::{WorkingTime, working_times};
use crate::organization::time_zone;
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Error, Result};
use crate::shared::id::{CalendarId, PromiseId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::stats::Window;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// What is asked of a history.
#[derive(Clone, Debug)]
pub struct Question {
    pub promise_id: PromiseId,
    pub metric: Metric,
    pub comparison: Comparison,
    /// Seconds for a duration.
    pub target: f64,
    pub reliability: f64,
    pub grace_seconds: i64,
    pub period: Period,
    pub precision: Precision,
    pub calendar_id: Option<CalendarId>,
    pub window: Window,
    /// The day on which it is asked: the period that it lies in is not over.
    pub today: NaiveDate,
}

impl Question {
    /// Whether the history supports a version.
    pub fn about(version: &version::Model, window: Window, today: NaiveDate) -> Self {
        Self {
            promise_id: version.promise_id,
            metric: version.metric,
            comparison: version.comparison,
            target: version.target,
            reliability: version.reliability,
            grace_seconds: version.grace_seconds,
            period: version.period,
            precision: version.precision,
            calendar_id: version.calendar_id,
            window,
            today,
        }
    }

    /// What a version measures but for the target, and whether the target is the same.
    fn compared_to(&self, version: &version::Model) -> (bool, std::cmp::Ordering) {
        let measures_alike = (self.metric, self.comparison, self.precision, self.calendar_id, self.grace_seconds)
            == (version.metric, version.comparison, version.precision, version.calendar_id, version.grace_seconds);
        (measures_alike, self.target.total_cmp(&version.target))
    }

    /// By how much the target of an occasion may be tighter as a version judges it than as it is asked: for grace that
    /// is less now, and for days that are looked at by the second now (the longest has 25 hours).
    fn allowance(&self, version: &version::Model) -> f64 {
        if self.metric != Metric::Duration {
            return 0.0;
        }
        let days = version.precision == Precision::Day && self.precision == Precision::Second;
        let less = (version.grace_seconds - self.grace_seconds).max(0) + if days { 25 * 3600 } else { 0 };
        if less > 0 { less as f64 + 1.0 } else { 0.0 }
    }

    /// The tightest target that an occasion would have met, as it is asked.
    fn tightest(&self, working: &WorkingTime, fact: &Fact) -> Option<f64> {
        match self.metric {
            Metric::Duration => {
                let late = Lateness { precision: self.precision, grace_seconds: self.grace_seconds };
                Some(late.shortest(working, fact.made_at, fact.fulfilled_at?))
            }
            _ => fact.tightest,
        }
    }
}

/// How the outcomes that were recorded relate to the target asked about.
enum Recorded {
    Same,
    /// All by one target: a looser one than asked about, or a tighter one.
    Looser,
    Tighter,
    Mixed,
}

/// By which targets the occasions were judged.
fn recorded(question: &Question, judging: &[&version::Model]) -> Recorded {
    let mut compared = judging.iter().map(|version| question.compared_to(version));
    let Some((true, first)) = compared.next() else {
        return if judging.is_empty() { Recorded::Same } else { Recorded::Mixed };
    };
    let one_target = judging.windows(2).all(|pair| pair[0].target.total_cmp(&pair[1].target).is_eq());
    if !compared.all(|(alike, _)| alike) || !one_target {
        return Recorded::Mixed;
    }
    match (first, question.comparison) {
        (std::cmp::Ordering::Equal, _) => Recorded::Same,
        (std::cmp::Ordering::Less, Comparison::AtMost) | (std::cmp::Ordering::Greater, Comparison::AtLeast) => {
            Recorded::Looser
        }
        _ => Recorded::Tighter,
    }
}

/// Outcomes held against the target asked about, where it is another than the recorded one.
fn judged(question: &Question, recorded: &Recorded, outcomes: Tally, values: &Values) -> Tally {
    let met = rules::meeting(values, question.target, question.comparison);
    // Buckets are about whole months: their share is what counts.
    let k = rules::scaled(met, outcomes.n);
    let k = match recorded {
        Recorded::Same => outcomes.k,
        Recorded::Looser => k.min(outcomes.k),
        Recorded::Tighter => k.max(outcomes.k),
        Recorded::Mixed => k,
    };
    Tally { n: outcomes.n, k }
}

fn counted<'a>(days: impl Iterator<Item = &'a (NaiveDate, Counts)>) -> Tally {
    days.fold(Tally::default(), |sum, (_, counts)| Tally {
        n: sum.n + counts.kept + counts.broken,
        k: sum.k + counts.kept,
    })
}

/// Holds a history against what is to be promised.
pub async fn assess(
    db: &impl ConnectionTrait,
    question: &Question,
    versions: &[version::Model],
    now: Timestamp,
) -> Result<Capability> {
    let (window, promise, today) = (question.window, question.promise_id, question.today);
    let yesterday = today.pred_opt().unwrap_or(today);
    let full = rules::full_periods(question.period, window.to.min(yesterday));
    let first = full.iter().map(|period| period.from).min().unwrap_or(window.from).min(window.from);
    let judging = judging_versions(db, promise, Window { from: first, to: window.to }).await?;
    let judging: Vec<_> = versions.iter().filter(|version| judging.contains(&version.number)).collect();
    let recorded = recorded(question, &judging);
    let days = daily(db, Subjects::Promise(promise), Basis::All, Window { from: first, to: window.to }).await?;
    let within = |part: Window| counted(days.iter().filter(move |(day, _)| (part.from..=part.to).contains(day)));
    let working = working_time(db, question.calendar_id).await?;
    let allowance = judging.iter().map(|version| question.allowance(version)).fold(0.0, f64::max);
    let read = async |part: Window| {
        let anew = |fact: &Fact| question.tightest(&working, fact);
        let found = values(db, promise, (part, within(part).n), today, anew).await?;
        Ok::<_, Error>(if found.is_exact { found } else { found.raised(allowance) })
    };
    let reached = read(window).await?;
    let all = judged(question, &recorded, within(window), &reached);
    let mut periods = Vec::with_capacity(full.len());
    for part in full {
        let outcomes = within(part);
        // At most three: a promise that was judged by this very target needs no values.
        let tally = match recorded {
            Recorded::Same => outcomes,
            _ => judged(question, &recorded, outcomes, &read(part).await?),
        };
        periods.push((part, tally));
    }
    let source = match recorded {
        Recorded::Same => CapabilitySource::Outcomes,
        _ => CapabilitySource::Values,
    };
    Ok(finding(question, all, &periods, &reached, source, now))
}

/// When time passes in a calendar; without one, around the clock.
async fn working_time(db: &impl ConnectionTrait, calendar: Option<CalendarId>) -> Result<WorkingTime> {
    let home = time_zone(db).await?;
    working_times(db, &home, vec![calendar]).await?.remove(&calendar).ok_or_else(Error::not_found)
}

fn finding(
    question: &Question,
    all: Tally,
    periods: &[(Window, Tally)],
    reached: &Values,
    source: CapabilitySource,
    now: Timestamp,
) -> Capability {
    let reliability = question.reliability;
    let tallies: Vec<_> = periods.iter().map(|(_, tally)| *tally).collect();
    let bounds = rules::bounds(all);
    let is_known = source == CapabilitySource::Outcomes && rules::supports(all, reliability);
    let known = is_known.then_some(question.target);
    let supported = rules::supported_target(reached, reliability, question.comparison, known);
    let (target, target_duration) = shown_target(question.metric, question.target);
    let (supported_target, supported_target_duration) =
        supported.map_or((None, None), |target| shown_target(question.metric, target));
    let periods = periods.iter().map(|(part, tally)| PeriodOutcome {
        from: part.from,
        to: part.to,
        n: tally.n,
        k: tally.k,
        share: rules::shown_share(*tally),
        is_below: rules::is_below(*tally, reliability),
    });
    let mut found = Capability {
        verdict: rules::verdict(all, &tallies, reliability),
        summary: String::new(),
        metric: question.metric,
        comparison: question.comparison,
        target,
        target_duration,
        reliability,
        from: question.window.from,
        to: question.window.to,
        n: all.n,
        k: all.k,
        share: rules::shown_share(all),
        lower: bounds.map(|bounds| bounds.0),
        upper: bounds.map(|bounds| bounds.1),
        method: "wilson_95_one_sided".to_owned(),
        min_n: rules::fewest(reliability),
        is_repeated: !tallies.iter().any(|tally| rules::is_below(*tally, reliability)),
        periods: periods.collect(),
        supported_reliability: rules::supported_reliability(all),
        supported_target,
        supported_target_duration,
        source,
        is_exact: reached.is_exact,
        as_of: now,
    };
    found.summary = rules::summary(&found);
    found
}

/// Keeps what a check of a version found.
pub async fn insert_check(txn: &Txn, by: &By, version: &version::Model, found: &Capability) -> Result<CheckId> {
    let id = CheckId::new(&by.clock);
    let row = check::ActiveModel {
        id: Set(id),
        promise_id: Set(version.promise_id),
        version: Set(version.number),
        verdict: Set(found.verdict),
        content: Set(Stored(found.clone())),
        created_by: Set(Some(by.caller.id())),
        created_at: Set(by.clock.now()),
    };
    check::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

pub async fn list_checks(
    db: &impl ConnectionTrait,
    by: &By,
    promise: PromiseId,
    query: &Params<CheckQuery>,
) -> Result<Page<CapabilityCheck>> {
    page_of_checks(db, by, check::Column::PromiseId.eq(promise).into(), query).await
}

/// The checks of all promises, for an export.
pub async fn list_checks_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CheckQuery>,
) -> Result<Page<CapabilityCheck>> {
    let seen = Promises::visible(by).select_only().column(promise::Column::Id).into_query();
    page_of_checks(db, by, check::Column::PromiseId.in_subquery(seen).into(), query).await
}

async fn page_of_checks(
    db: &impl ConnectionTrait,
    by: &By,
    of: Condition,
    query: &Params<CheckQuery>,
) -> Result<Page<CapabilityCheck>> {
    let order = Order {
        column: check::Column::Id,
        id: check::Column::Id,
        descending: true,
        key: |check: &CapabilityCheck| (Key::Id(check.id.0), check.id.0),
    };
    let select = check::Entity::find().filter(of);
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |check| check))
}
