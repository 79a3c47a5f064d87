//! The daily job that removes what nobody attached within seven days, and bytes that belong to no file.
//!
//! Bytes are written before their row and deleted after it: a crash leaves bytes without a row, never the other way
//! round. They are looked for a day later, when no upload can still be on its way.

use super::entity::{Column, Entity, Model};
use super::store::scan_of;
use super::types::FileStatus;
use crate::shared::app::App;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::FileId;
use crate::shared::jobs::{self, Job};
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryStreamExt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use std::collections::HashSet;

pub const TIDYING: &str = "files.tidy";
pub const TIDIED_EVERY: TimeDelta = TimeDelta::days(1);
const KEPT_LOOSE: TimeDelta = TimeDelta::days(7);
/// An upload may still be on its way for so long.
const ON_ITS_WAY: TimeDelta = TimeDelta::hours(24);
const AT_ONCE: usize = 500;

pub fn tidy(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let mut removed = 0;
        loop {
            let input = (app.clone(), job.clone());
            let keys = app.db.write(input, |txn, (app, job)| Box::pin(remove_loose(txn, app, job))).await?;
            removed += keys.len();
            let is_last = keys.len() < AT_ONCE;
            app.objects.delete_all(keys).await;
            if is_last {
                break;
            }
        }
        let orphans = remove_orphans(&app).await?;
        let unfinished = app.objects.erase_unfinished(app.clock.now().plus(-ON_ITS_WAY)).await?;
        let waiting = app.db.write((app.clone(), job), |txn, (app, job)| Box::pin(scan_again(txn, app, job))).await?;
        Ok(json!({"files": removed, "orphans": orphans, "unfinished": unfinished, "scanned_again": waiting}))
    }
    .boxed()
}

/// Removes the rows; the keys of what may be deleted once that is committed.
async fn remove_loose(txn: &Txn, app: &App, job: &Job) -> Result<Vec<String>> {
    job.still_mine(txn, &app.clock).await?;
    let loose = Entity::find()
        .filter(Column::ParentId.is_null())
        .filter(Column::UpdatedAt.lt(app.clock.now().plus(-KEPT_LOOSE)))
        .order_by_asc(Column::Id)
        .limit(AT_ONCE as u64)
        .lock_exclusive();
    let rows = loose.all(txn).await?;
    let entry = |row: &Model| {
        let shown = row.clone().shown(crate::shared::auth::Scope::Everything);
        Entry::new("file.expire", row.id.0).about_any(row.supplier_id).between(Some(&shown), None)
    };
    let entries = rows.iter().map(entry).collect();
    Entity::delete_many().filter(Column::Id.is_in(rows.iter().map(|row| row.id))).exec(txn).await?;
    history::record_all(txn, &app.clock, Author::program(), entries).await?;
    Ok(rows.into_iter().map(|row| row.object_key).collect())
}

async fn remove_orphans(app: &App) -> Result<usize> {
    let mut removed = 0;
    let mut old = std::pin::pin!(app.objects.older(app.clock.now().plus(-ON_ITS_WAY), AT_ONCE));
    while let Some(keys) = old.try_next().await? {
        // What was infected has a row, but shall have no bytes.
        let owned = Entity::find().filter(Column::Status.ne(FileStatus::Rejected));
        let owned = owned.filter(Column::ObjectKey.is_in(keys.clone())).select_only().column(Column::ObjectKey);
        let owned: HashSet<String> = owned.into_tuple::<String>().all(app.db.fresh()).await?.into_iter().collect();
        let orphans: Vec<_> = keys.into_iter().filter(|key| !owned.contains(key)).collect();
        removed += orphans.len();
        app.objects.delete_all(orphans).await;
    }
    Ok(removed)
}

/// The job of a file that waits for a day was given up.
async fn scan_again(txn: &Txn, app: &App, job: &Job) -> Result<usize> {
    job.still_mine(txn, &app.clock).await?;
    let waiting = Entity::find()
        .filter(Column::Status.eq(FileStatus::PendingScan))
        .filter(Column::UpdatedAt.lt(app.clock.now().plus(-TIDIED_EVERY)))
        .select_only()
        .column(Column::Id)
        .limit(AT_ONCE as u64);
    let ids = waiting.into_tuple::<FileId>().all(txn).await?;
    jobs::enqueue_all(txn, &app.clock, ids.iter().map(|id| scan_of(*id)).collect()).await?;
    Ok(ids.len())
}
