//! How often each promise of an agreement was kept, for those who look back at a period.

use super::entity::{Column, Entity};
use super::numbers::{Basis, by_promise};
use super::store::{current, versions_of};
use crate::agreements::Direction;
use crate::shared::error::Result;
use crate::shared::id::{AgreementId, ExpectationId, PromiseId};
use crate::shared::stats::{Rate, Window};
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Serialize;

const KEPT: &str =
    "Share of the occasions of this promise that were kept, among those made within a published version.";

/// A promise, and how often it was kept.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PromiseKept {
    /// The promise.
    pub promise_id: PromiseId,
    /// The clause it makes explicit.
    pub expectation_id: ExpectationId,
    /// Who promised it to whom.
    pub direction: Direction,
    /// What was promised.
    pub wording: String,
    /// How often it was promised to be kept (0-1).
    pub reliability: f64,
    /// Kept of kept and broken.
    pub rate: Rate,
    /// How many were excused.
    pub excused: i64,
}

/// Every promise of the agreement that something was due of. The caller may see it: that is for the caller of this
/// function to know.
pub async fn kept_of_each(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    window: Window,
    now: Timestamp,
) -> Result<Vec<PromiseKept>> {
    let promises = Entity::find().filter(Column::AgreementId.eq(agreement));
    let ids = promises.clone().select_only().column(Column::Id).into_query();
    let counts = by_promise(db, ids, Basis::Promised, window).await?;
    let rows = promises.filter(Column::Id.is_in(counts.keys().copied())).order_by_asc(Column::Id).all(db).await?;
    let versions = versions_of(db, rows.iter().map(|row| row.id).collect()).await?;
    let each = rows.into_iter().filter_map(|row| {
        let own: Vec<_> = versions.iter().filter(|version| version.promise_id == row.id).cloned().collect();
        let version = current(&own, now).or(own.last())?;
        let of = counts.get(&row.id).copied().unwrap_or_default();
        Some(PromiseKept {
            promise_id: row.id,
            expectation_id: row.expectation_id,
            direction: row.direction,
            wording: version.wording.clone(),
            reliability: version.reliability,
            rate: Rate::new(of.kept, of.kept + of.broken, window, now, KEPT),
            excused: of.excused,
        })
    });
    Ok(each.collect())
}
