//! What is due from whom about reviews: one kind of task in every state in which somebody is waited for.

use super::involved;
use crate::agreements::people_of;
use crate::organization::time_zone;
use crate::reviews::entity::{Column, Entity, Model};
use crate::reviews::rules::OVER;
use crate::reviews::types::ReviewStatus;
use crate::shared::auth::account;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, ReviewId, SupplierId};
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use crate::shared::zone;
use chrono::{Days, NaiveDate, TimeDelta};
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};

/// How long before it is due people are reminded of what has a day.
const BEFORE: TimeDelta = TimeDelta::days(7);
/// How long somebody has for what has none.
const TO_LOOK: TimeDelta = TimeDelta::days(14);
/// How many reviews are looked at in one query.
const AT_ONCE: usize = 500;

/// What is waited for in a state, and what mails say of it. They name nobody.
fn wanted(status: ReviewStatus) -> Option<(TaskKind, &'static str)> {
    use ReviewStatus::{
        Cancelled, Closed, Committed, Decided, Disputed, Finalised, Held, Missed, Ready, Responding, Scheduled,
    };
    match status {
        Scheduled | Ready => Some((TaskKind::ReviewPrepare, "Prepare and hold a review")),
        Held => Some((TaskKind::ReviewRate, "Rate the other side of a review")),
        Responding => Some((TaskKind::ReviewRespond, "Respond to a review")),
        Disputed => Some((TaskKind::ReviewDecide, "Decide a disputed review")),
        Decided | Finalised | Committed => Some((TaskKind::ReviewConclude, "Bring a review to its end")),
        Closed | Missed | Cancelled => None,
    }
}

/// Whom each of some reviews waits for, as long as they can sign in: owner and reviewers of the agreement, whoever
/// administers the supplier, or owners who had no part in it.
async fn people(db: &impl ConnectionTrait, rows: &[Model]) -> Result<HashMap<ReviewId, Vec<AccountId>>> {
    use account::Column::{Id, Role as RoleOf, SupplierId as Of};
    let ours = people_of(db, rows.iter().map(|row| row.agreement_id).collect()).await?;
    let usable = accounts(db, Condition::all().add(Id.is_in(ours.values().flatten().copied()))).await?;
    let usable: HashSet<_> = usable.into_iter().map(|(id, _)| id).collect();
    let of_suppliers = Of.is_in(rows.iter().map(|row| row.supplier_id));
    let theirs = accounts(db, Condition::all().add(of_suppliers).add(RoleOf.eq(Role::SupplierAdmin))).await?;
    let mut people: HashMap<ReviewId, Vec<AccountId>> = HashMap::new();
    for row in rows {
        let ours = ours.get(&row.agreement_id).into_iter().flatten().copied().filter(|id| usable.contains(id));
        let theirs = theirs.iter().filter(|(_, of)| *of == Some(row.supplier_id)).map(|(id, _)| *id);
        let whom: Vec<AccountId> = match row.status {
            ReviewStatus::Held => ours.chain(theirs).collect(),
            // While the supplier is suspended nobody is waited for.
            ReviewStatus::Responding => theirs.filter(|_| row.respond_by.is_some()).collect(),
            ReviewStatus::Disputed => {
                let owners = accounts(db, Condition::all().add(RoleOf.eq(Role::Owner))).await?;
                let involved = involved(db, row).await?;
                owners.into_iter().map(|(id, _)| id).filter(|id| !involved.contains(&id.0)).collect()
            }
            _ => ours.collect(),
        };
        people.insert(row.id, whom);
    }
    Ok(people)
}

/// Whoever is waited for as it stands now is told; what was waited for before is done, or not wanted any more.
pub async fn settle(txn: &Txn, clock: &Clock, before: ReviewStatus, row: &Model) -> Result<()> {
    let (was, is) = (wanted(before), wanted(row.status));
    if let Some((kind, _)) = was.filter(|was| Some(*was) != is) {
        match row.status {
            ReviewStatus::Missed | ReviewStatus::Cancelled => notify::forget(txn, kind, vec![row.id.0]).await?,
            _ => notify::done(txn, clock, kind, row.id.0).await?,
        }
    }
    let Some((kind, title)) = is else {
        return Ok(());
    };
    let whom = people(txn, std::slice::from_ref(row)).await?.remove(&row.id).unwrap_or_default();
    let (due_at, remind_at) = when(&time_zone(txn).await?, clock.now(), row);
    let new = whom.into_iter().map(|account_id| New {
        account_id,
        kind,
        resource_id: row.id.0,
        supplier_id: Some(row.supplier_id),
        title,
        due_at,
        remind_at,
    });
    notify::share(txn, clock, kind, row.id.0, new.collect()).await
}

/// One of those who are waited for has rated.
pub async fn rated(txn: &Txn, clock: &Clock, row: &Model, by: Option<AccountId>) -> Result<()> {
    match by {
        Some(by) => notify::done_by(txn, clock, TaskKind::ReviewRate, row.id.0, by).await,
        None => Ok(()),
    }
}

/// When it is due, and when the first mail about it goes out.
fn when(zone: &TimeZone, now: Timestamp, row: &Model) -> (Timestamp, Option<Timestamp>) {
    let since = |at: Option<Timestamp>| at.unwrap_or(row.created_at).plus(TO_LOOK);
    match row.status {
        ReviewStatus::Scheduled | ReviewStatus::Ready => {
            let due_at = ends(zone, row.scheduled_on);
            (due_at, Some(Ord::max(due_at.plus(-BEFORE), now)))
        }
        ReviewStatus::Held => (since(row.held_at), Some(now)),
        ReviewStatus::Responding => (row.respond_by.map_or_else(zone::end, |day| ends(zone, day)), Some(now)),
        ReviewStatus::Disputed => (since(row.responded_at), Some(now)),
        _ => (since(row.committed_at.or(row.finalised_at).or(row.decided_at)), None),
    }
}

/// Reviews that wait for others than those who were told: the agreement has another owner or reviewer, the supplier
/// another administrator. Disputes stay with those who were told of them.
pub async fn handed_over(db: &impl ConnectionTrait) -> Result<Vec<(ReviewId, SupplierId)>> {
    let unfinished = Entity::find().filter(Column::Status.is_not_in(OVER));
    let rows = unfinished.filter(Column::Status.ne(ReviewStatus::Disputed)).order_by_asc(Column::Id).all(db).await?;
    let mut found = Vec::new();
    for rows in rows.chunks(AT_ONCE) {
        let people = people(db, rows).await?;
        let tasks = notify::Entity::find().filter(notify::Column::ResourceId.is_in(rows.iter().map(|row| row.id.0)));
        let tasks = tasks.all(db).await?;
        let differs = |row: &&Model| {
            let kind = wanted(row.status).map(|(kind, _)| kind);
            let told = || tasks.iter().filter(|task| task.resource_id == row.id.0 && Some(task.kind) == kind);
            let whom = people.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            told().any(|task| task.done_at.is_none() && !whom.contains(&task.account_id))
                || whom.iter().any(|id| !told().any(|task| task.account_id == *id))
        };
        found.extend(rows.iter().filter(differs).map(|row| (row.id, row.supplier_id)));
    }
    Ok(found)
}

/// The end of a day where the organisation is.
fn ends(zone: &TimeZone, day: NaiveDate) -> Timestamp {
    let day_after = day.checked_add_days(Days::new(1));
    day_after.and_then(|day| zone::day_begins(zone, day)).unwrap_or_else(zone::end)
}

/// Who of them can sign in, and for which supplier.
async fn accounts(db: &impl ConnectionTrait, wanted: Condition) -> Result<Vec<(AccountId, Option<SupplierId>)>> {
    let found = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::SupplierId])
        .filter(wanted)
        .filter(account::Column::DisabledAt.is_null())
        .order_by_asc(account::Column::Id);
    Ok(found.into_tuple().all(db).await?)
}
