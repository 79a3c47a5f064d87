//! Reading what stands on the page.

use super::rules::Content;
use crate::agreements::{VersionStatus, get_agreement, get_agreement_version};
use crate::calendars::calendar_names;
use crate::organization::{get_organization, today};
use crate::promises::entity::{Column, Entity};
use crate::promises::store::{shown, versions_of};
use crate::promises::types::{Promise, PromiseStatus};
use crate::shared::auth::By;
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::suppliers::get_supplier;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

/// A version of an agreement that the caller may see, with all that is said about it.
pub async fn content(db: &Db, by: &By, id: AgreementId, wanted: Option<i64>) -> Result<Content> {
    let organization = get_organization(db, &by.clock).await?.name;
    let fresh = &db.snapshot().await?;
    let agreement = get_agreement(fresh, by, id).await?;
    let version = get_agreement_version(fresh, by, id, wanted.unwrap_or(agreement.version)).await?;
    let is_in_force = version.summary.status == VersionStatus::InForce;
    let promises = if is_in_force { promises(fresh, by, id).await? } else { Vec::new() };
    let named = promises.iter().filter_map(|promise| promise.terms.calendar_id).chain(version.terms.calendar_id);
    let calendars = calendar_names(fresh, named.collect()).await?;
    Ok(Content {
        organization,
        supplier: get_supplier(fresh, by.scope, agreement.supplier_id).await?.name,
        today: today(fresh, &by.clock).await?,
        agreement,
        version,
        promises,
        calendars,
    })
}

/// What is promised now, in the order in which it was made.
async fn promises(db: &impl ConnectionTrait, by: &By, agreement: AgreementId) -> Result<Vec<Promise>> {
    let made = [PromiseStatus::Published, PromiseStatus::Paused];
    let rows = Entity::visible(by)
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::Status.is_in(made))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let versions = versions_of(db, rows.iter().map(|row| row.id).collect()).await?;
    let each = rows.into_iter().map(|row| {
        let own: Vec<_> = versions.iter().filter(|version| version.promise_id == row.id).cloned().collect();
        shown(by, row, &own, None)
    });
    each.collect()
}
