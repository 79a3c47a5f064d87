//! The queries of underpinnings.

use super::super::entity::{self, underpinning, version};
use super::super::store as promises;
use super::super::types::{Promise, PromiseStatus, shown_target};
use super::rules::{self, Chain};
use super::types::{Coverage, Underpinning, UnderpinningLink, UnderpinningPart};
use crate::agreements::Metric;
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::PromiseId;
use crate::shared::words::percent;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use underpinning::{ActiveModel, Column, Entity};

/// How far promises may rest on each other.
const FARTHEST: usize = 20;

pub async fn find(db: &impl ConnectionTrait, id: PromiseId) -> Result<Option<underpinning::Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// What a promise rests on, computed from what is promised now.
pub async fn get_underpinning(db: &impl ConnectionTrait, by: &By, promise: &Promise) -> Result<Underpinning> {
    let row = find(db, promise.id).await?.ok_or_else(Error::not_found)?;
    let versions = promises::versions_of(db, rules::promises(&row.links)).await?;
    let published = published(db, rules::promises(&row.links)).await?;
    let number = |id: PromiseId| {
        let own: Vec<_> = versions.iter().filter(|version| version.promise_id == id).cloned().collect();
        promises::current(&own, by.clock.now()).cloned()
    };
    let links = rules::links(&row.links).into_iter().map(|part| Link {
        part,
        version: part.promise_id.and_then(number),
        counts: part.promise_id.is_none_or(|id| published.contains(&id)),
    });
    let links: Vec<_> = links.collect();
    Ok(computed(promise, &row, &links))
}

/// Which of some promises are published.
async fn published(db: &impl ConnectionTrait, ids: Vec<PromiseId>) -> Result<Vec<PromiseId>> {
    use entity::{Column as Of, Entity as Promises};
    let published = Promises::find().filter(Of::Id.is_in(ids)).filter(Of::Status.eq(PromiseStatus::Published));
    Ok(published.select_only().column(Of::Id).into_tuple().all(db).await?)
}

/// A link as it is now.
struct Link<'a> {
    part: &'a UnderpinningPart,
    version: Option<version::Model>,
    /// An estimate counts, a promise while it is published.
    counts: bool,
}

impl Link<'_> {
    fn name(&self) -> String {
        let wording = self.version.as_ref().map(|version| version.wording.clone());
        wording.or(self.part.name.clone()).unwrap_or_default()
    }

    /// What it holds on what share of the occasions, and how many seconds it may take.
    fn numbers(&self) -> (f64, Option<f64>) {
        let (reliability, seconds) = match &self.version {
            Some(version) => {
                let latest = version.target + version.grace_seconds as f64;
                (version.reliability, (version.metric == Metric::Duration).then_some(latest))
            }
            None => {
                let time = self.part.target_duration.map(|time| time.seconds() as f64);
                (self.part.reliability.unwrap_or_default(), time)
            }
        };
        (if self.counts { reliability } else { 0.0 }, seconds)
    }

    /// Whether its time counts in another calendar than the promise's: then the two cannot be compared.
    fn is_elsewhere(&self, promise: &Promise) -> bool {
        let is_other = |version: &version::Model| version.calendar_id != promise.terms.calendar_id;
        self.numbers().1.is_some() && self.version.as_ref().is_some_and(is_other)
    }
}

fn computed(promise: &Promise, row: &underpinning::Model, linked: &[Link]) -> Underpinning {
    let numbers = |part: &UnderpinningPart| {
        let link = linked.iter().find(|link| std::ptr::eq(link.part, part));
        link.map(Link::numbers).unwrap_or_default()
    };
    let chain = rules::chain(&row.links, &numbers);
    let (outcome, wanted) = (chain.outcome(), promise.terms.reliability);
    let target = promise.terms.target_duration;
    let adds_up = !linked.iter().any(|link| link.is_elsewhere(promise));
    let (coverage, is_in_time) = match target {
        Some(_) if !adds_up => (Coverage::NotCovered, None),
        _ => rules::coverage(outcome, wanted, target.map(|target| target.seconds() as f64)),
    };
    let mut found = Underpinning {
        promise_id: promise.id,
        tree: row.links.0.clone(),
        coverage,
        summary: String::new(),
        reliability: wanted,
        product: outcome.product,
        worst_case: outcome.worst_case,
        target_duration: target,
        duration: outcome.seconds.filter(|_| adds_up).and_then(duration),
        is_in_time,
        links: shown(linked, &chain, wanted),
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    let elsewhere = linked.iter().filter(|link| target.is_some() && link.is_elsewhere(promise));
    let elsewhere = elsewhere
        .map(|link| format!(" Whether it is in time cannot be told: `{}` counts in another calendar.", link.name()));
    let silent = linked.iter().filter(|link| !link.counts);
    let silent = silent.map(|link| format!(" `{}` is not published, so it counts for nothing.", link.name()));
    found.summary = summary(&found) + &elsewhere.chain(silent).collect::<String>();
    found
}

fn duration(seconds: f64) -> Option<Duration> {
    shown_target(Metric::Duration, seconds).1
}

fn shown(linked: &[Link], chain: &Chain, wanted: f64) -> Vec<UnderpinningLink> {
    let (needs, gains, weakest) = (chain.needs(wanted), chain.gains(), chain.weakest());
    let each = linked.iter().zip(needs).zip(gains).enumerate();
    each.map(|(place, ((link, needed_reliability), gain))| {
        let (reliability, seconds) = link.numbers();
        UnderpinningLink {
            promise_id: link.part.promise_id,
            name: link.name(),
            target_duration: seconds.and_then(duration),
            reliability,
            needed_reliability,
            gain,
            is_weakest: place == weakest,
        }
    })
    .collect()
}

fn summary(found: &Underpinning) -> String {
    let (wanted, worst) = (percent(found.reliability), percent(found.worst_case));
    let product = percent(found.product);
    let late = match (found.is_in_time, found.duration, found.target_duration) {
        (Some(false), Some(takes), Some(target)) => format!(" It takes {takes} where {target} is promised."),
        _ => String::new(),
    };
    let reliable = match found.coverage {
        Coverage::Covered => format!("Even in the worst case, {worst} reaches the {wanted} promised."),
        Coverage::CoveredIfIndependent => {
            format!(
                "{product} reaches the {wanted} promised, as long as the links fail independently; in the worst case it is {worst}."
            )
        }
        Coverage::NotCovered if rules::reaches(found.product, found.reliability) => {
            format!("{product} reaches the {wanted} promised.")
        }
        Coverage::NotCovered => format!("{product} does not reach the {wanted} promised."),
    };
    let weakest = found.links.iter().find(|link| link.is_weakest).map(|link| {
        let needed = percent(link.needed_reliability);
        format!(" The weakest link is `{}`: {}, where {needed} is needed.", link.name, percent(link.reliability))
    });
    format!("{reliable}{late}{}", weakest.unwrap_or_default())
}

/// Stores the tree in place of the one before.
pub async fn put_underpinning(
    txn: &Txn,
    by: &By,
    id: PromiseId,
    before: Option<&underpinning::Model>,
    tree: &UnderpinningPart,
) -> Result<()> {
    let now = by.clock.now();
    let row = ActiveModel {
        promise_id: Set(id),
        links: Set(Stored(tree.clone())),
        revision: Set(before.map_or(1, |before| before.revision + 1)),
        created_at: Set(before.map_or(now, |before| before.created_at)),
        updated_at: Set(now),
    };
    match before {
        Some(_) => Entity::update(row).exec_without_returning(txn).await.map(drop)?,
        None => Entity::insert(row).exec_without_returning(txn).await.map(drop)?,
    }
    Ok(())
}

/// Refuses links that the caller does not see, and circles. The promises on the way are locked, so that two changes at
/// once cannot close a circle.
pub async fn check_links(txn: &Txn, by: &By, id: PromiseId, tree: &UnderpinningPart) -> Result<()> {
    use entity::{Column as Of, Entity as Promises};
    let mut level = rules::promises(tree);
    let seen = Promises::visible(by).filter(Of::Id.is_in(level.clone())).all(txn).await?;
    if seen.len() != level.len() {
        return Err(Error::rule(Code::InvalidReference, "/tree", "There is no such promise to rest on."));
    }
    for _ in 0..FARTHEST {
        if level.contains(&id) {
            let detail = "A promise cannot rest on itself, directly or through others.";
            return Err(Error::rule(Code::RuleViolated, "/tree", detail));
        }
        if level.is_empty() {
            return Ok(());
        }
        let locked = Promises::find().filter(Of::Id.is_in(level.clone())).order_by_asc(Of::Id).lock_exclusive();
        locked.all(txn).await?;
        let below = Entity::find().filter(Column::PromiseId.is_in(level)).all(txn).await?;
        level = below.iter().flat_map(|row| rules::promises(&row.links)).collect();
    }
    Err(Error::rule(Code::RuleViolated, "/tree", "Promises may rest on each other over at most 20 levels."))
}
