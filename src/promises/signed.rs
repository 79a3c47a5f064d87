//! When another version of an agreement comes into force, published promises may say what is no longer signed; when
//! it ends, nothing is. Agreements know nothing of promises: the hourly job finds these promises and pauses them. Each is paused in a
//! transaction of its own that decides anew under lock, so running twice or late does no harm.

use super::entity::{self, Column, Entity, version};
use super::types::PromiseStatus;
use super::{rules, store};
use crate::agreements::{clauses_in_force, statuses_of};
use crate::shared::app::App;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::PromiseId;
use crate::shared::jobs::Job;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

pub const KIND: &str = "promises.compare";
pub const EVERY: TimeDelta = TimeDelta::hours(1);

/// How many are read at once.
const AT_ONCE: u64 = 500;

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let (mut paused, mut after) = (0, None);
        loop {
            let promises = published(app.db.fresh(), after).await?;
            for (id, _) in unsigned(app.db.fresh(), &promises).await? {
                let input = (app.clock.clone(), job.clone(), id);
                let pause = app.db.write(input, |txn, (clock, job, id)| {
                    Box::pin(async move {
                        job.still_mine(txn, clock).await?;
                        pause(txn, clock, *id).await
                    })
                });
                paused += i64::from(pause.await?);
            }
            after = promises.last().map(|(row, _)| row.id);
            if (promises.len() as u64) < AT_ONCE {
                return Ok(json!({"paused": paused}));
            }
        }
    }
    .boxed()
}

type Newest = (entity::Model, Option<version::Model>);

/// Published promises, each with its newest version.
async fn published(db: &impl ConnectionTrait, after: Option<PromiseId>) -> Result<Vec<Newest>> {
    let newest = Entity::belongs_to(version::Entity)
        .from((Column::Id, Column::Version))
        .to((version::Column::PromiseId, version::Column::Number))
        .into();
    let found = Entity::find()
        .filter(Column::Status.eq(PromiseStatus::Published))
        .filter(Condition::all().add_option(after.map(|last| Column::Id.gt(last))))
        .order_by_asc(Column::Id)
        .limit(AT_ONCE)
        .join(JoinType::InnerJoin, newest)
        .select_also(version::Entity);
    Ok(found.all(db).await?)
}

/// Those that are no longer signed, and why.
async fn unsigned(db: &impl ConnectionTrait, promises: &[Newest]) -> Result<Vec<(PromiseId, &'static str)>> {
    let statuses = statuses_of(db, promises.iter().map(|(row, _)| row.agreement_id).collect()).await?;
    let clauses = clauses_in_force(db, promises.iter().map(|(row, _)| row.expectation_id).collect()).await?;
    let why = |(row, newest): &Newest| {
        if !statuses.get(&row.agreement_id).copied().is_some_and(rules::is_in_force) {
            return Some((row.id, "The agreement is no longer in force."));
        }
        let clause = clauses.iter().find(|clause| clause.id == row.expectation_id);
        let differs = |newest: &version::Model| rules::differs(row.direction, clause, &store::measure_of(newest));
        newest.as_ref().is_some_and(differs).then_some((row.id, "The signed clause has other numbers now."))
    };
    Ok(promises.iter().filter_map(why).collect())
}

/// Pauses the promise if it is still no longer signed; whether it did.
async fn pause(txn: &Txn, clock: &Clock, id: PromiseId) -> Result<bool> {
    let published = Entity::find_by_id(id).filter(Column::Status.eq(PromiseStatus::Published));
    let Some(row) = published.lock_exclusive().one(txn).await? else {
        return Ok(false);
    };
    let newest = store::versions_of(txn, vec![id]).await?.pop();
    let Some((_, why)) = unsigned(txn, &[(row.clone(), newest)]).await?.pop() else {
        return Ok(false);
    };
    let now = clock.now();
    store::unpublish(txn, id, now).await?;
    let paused = entity::ActiveModel {
        id: Set(id),
        status: Set(PromiseStatus::Paused),
        revision: Set(row.revision + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update(paused).exec_without_returning(txn).await?;
    let show = |status: PromiseStatus| json!({"status": status});
    let entry = Entry::new(rules::Verb::Pause.action(), id.0)
        .about(row.supplier_id)
        .between(Some(&show(PromiseStatus::Published)), Some(&show(PromiseStatus::Paused)))
        .because(Some(why));
    history::record_as(txn, clock, Author::program(), entry).await?;
    Ok(true)
}
