//! Whether the tallies are what a recount gives: promise by promise, each in one snapshot, so that the
//! database may be written to meanwhile.

use super::entity::{Column, Entity, tally, value_tally};
use super::tallies::Deltas;
use crate::promises::entity as promise;
use crate::promises::numbers::Counts;
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::id::PromiseId;
use crate::shared::tally::compare;
use futures_util::TryStreamExt;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A sentence for every tally that differs.
pub async fn differences(db: &Db) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut last: Option<PromiseId> = None;
    loop {
        let mut ids = promise::Entity::find().select_only().column(promise::Column::Id);
        if let Some(last) = last {
            ids = ids.filter(promise::Column::Id.gt(last));
        }
        let next = ids.order_by_asc(promise::Column::Id).into_tuple::<PromiseId>().one(db.fresh()).await?;
        let Some(id) = next else {
            return Ok(found);
        };
        found.extend(of_promise(db, id).await?);
        last = Some(id);
    }
}

async fn of_promise(db: &Db, id: PromiseId) -> Result<Vec<String>> {
    let snapshot = db.snapshot().await?;
    let counted = recount(&snapshot, id).await?;
    let kept = stored(&snapshot, id).await?;
    snapshot.commit().await?;
    let mut found = compare("commitment_tally", &counted.counts, &kept.counts);
    found.extend(compare("commitment_value_tally", &counted.values, &kept.values));
    Ok(found)
}

/// What the commitments give, as if there were one slot.
async fn recount(snapshot: &DatabaseTransaction, id: PromiseId) -> Result<Deltas> {
    let mut counted = Deltas::default();
    let facts = Entity::find().filter(Column::PromiseId.eq(id)).filter(Column::SupersededById.is_null());
    let mut facts = facts.stream(snapshot).await?;
    while let Some(mut fact) = facts.try_next().await? {
        fact.slot = 0;
        counted.count(&fact, 1);
    }
    Ok(counted)
}

/// What the tallies say, slots added up.
async fn stored(snapshot: &DatabaseTransaction, id: PromiseId) -> Result<Deltas> {
    let mut kept = Deltas::default();
    let rows = tally::Entity::find().filter(tally::Column::PromiseId.eq(id)).all(snapshot).await?;
    for row in rows {
        let key = (row.promise_id, row.subject_id, row.is_promised, row.day, row.version, 0);
        let counts = Counts { kept: row.kept, broken: row.broken, excused: row.excused };
        *kept.counts.entry(key).or_default() += counts;
    }
    let rows = value_tally::Entity::find().filter(value_tally::Column::PromiseId.eq(id)).all(snapshot).await?;
    for row in rows {
        *kept.values.entry((row.promise_id, row.month, row.bucket, 0)).or_default() += row.count;
    }
    Ok(kept)
}
