//! The queries of promises. Reads start from what the caller sees; writes take the transaction.

mod insert;

pub use insert::{calendar, insert_promise, insert_version, measured, version};

use super::entity::{self, Column, Entity, check, underpinning, version};
use super::types::{
    Promise, PromiseChange, PromiseQuery, PromiseStatus, PromiseTerms, PromiseVersion, VersionQuery, shown_target,
};
use super::{commitments, rules};
use crate::agreements::{Expectation, Measure, clauses_in_force};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Txn, merge};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::PromiseId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::time::Timestamp;
use crate::suppliers::{Supplier, lock_for_change};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveValue, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// A promise as it was read to be changed, with its versions from the first on.
#[derive(Clone, Debug)]
pub struct Locked {
    pub row: entity::Model,
    pub versions: Vec<version::Model>,
    pub supplier: Supplier,
    /// Its clause as it is now signed.
    pub clause: Option<Expectation>,
}

impl Locked {
    /// The newest version.
    pub fn latest(&self) -> Result<&version::Model> {
        self.versions.last().ok_or_else(Error::not_found)
    }

    pub fn shown(&self, by: &By) -> Result<Promise> {
        shown(by, self.row.clone(), &self.versions, self.clause.as_ref())
    }
}

pub async fn list_promises(db: &impl ConnectionTrait, by: &By, query: &Params<PromiseQuery>) -> Result<Page<Promise>> {
    let matching = Condition::all()
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option((!query.direction.is_empty()).then(|| Column::Direction.is_in(query.direction.clone())))
        .add_option(query.external_id.clone().map(|id| Column::ExternalId.eq(id)));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |row: &entity::Model| (Key::Id(row.id.0), row.id.0),
    };
    let found = rows(db, by, Entity::visible(by).filter(matching), order, &query.paging, &query.filter).await?;
    let ids = found.data.iter().map(|row| row.id).collect();
    let versions = versions_of(db, ids).await?;
    let clauses = clauses_in_force(db, found.data.iter().map(|row| row.expectation_id).collect()).await?;
    // One that was deleted between the two queries is left out.
    let each = |row: &entity::Model| {
        let own = versions.iter().filter(|version| version.promise_id == row.id).cloned();
        let clause = clauses.iter().find(|clause| clause.id == row.expectation_id);
        shown(by, row.clone(), &own.collect::<Vec<_>>(), clause).ok()
    };
    let promises = found.data.iter().filter_map(each).collect();
    Ok(Page::with(found, promises))
}

pub async fn get_promise(db: &impl ConnectionTrait, by: &By, id: PromiseId) -> Result<Promise> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)?;
    let clause = clauses_in_force(db, vec![row.expectation_id]).await?.pop();
    shown(by, row, &versions_of(db, vec![id]).await?, clause.as_ref())
}

/// Reads a promise to change it: nobody else can until the transaction ends.
pub async fn lock_promise(txn: &Txn, by: &By, id: PromiseId) -> Result<Locked> {
    let seen = Entity::visible(by).filter(Column::Id.eq(id)).one(txn).await?.ok_or_else(Error::not_found)?;
    let supplier = lock_for_change(txn, by, seen.supplier_id).await?;
    let row = Entity::find_by_id(id).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)?;
    let clause = clauses_in_force(txn, vec![row.expectation_id]).await?.pop();
    Ok(Locked { row, versions: versions_of(txn, vec![id]).await?, supplier, clause })
}

/// All versions of some promises, by promise and number.
pub async fn versions_of(db: &impl ConnectionTrait, ids: Vec<PromiseId>) -> Result<Vec<version::Model>> {
    use version::Column as Of;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let versions = version::Entity::find().filter(Of::PromiseId.is_in(ids));
    Ok(versions.order_by_asc(Of::PromiseId).order_by_asc(Of::Number).all(db).await?)
}

/// The version in force now; before the first takes effect, the first.
pub fn current(versions: &[version::Model], now: Timestamp) -> Option<&version::Model> {
    rules::in_force(versions, now).or(versions.first())
}

/// What a version promises, in numbers.
pub fn measure_of(version: &version::Model) -> Measure {
    Measure {
        metric: version.metric,
        comparison: version.comparison,
        target: version.target,
        unit: version.unit.clone(),
        reliability: version.reliability,
    }
}

pub fn shown(
    by: &By,
    row: entity::Model,
    versions: &[version::Model],
    clause: Option<&Expectation>,
) -> Result<Promise> {
    let differs = versions.last().is_some_and(|latest| rules::differs(row.direction, clause, &measure_of(latest)));
    let version = current(versions, by.clock.now()).ok_or_else(Error::not_found)?;
    Ok(Promise {
        id: row.id,
        agreement_id: row.agreement_id,
        supplier_id: row.supplier_id,
        expectation_id: row.expectation_id,
        direction: row.direction,
        promised_to: row.promised_to,
        external_id: row.external_id,
        status: row.status,
        version: version.number,
        latest_version: row.version,
        differs_from_clause: differs,
        terms: terms(by, version.clone()),
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Who approved what, and why, is staff's own matter.
fn terms(by: &By, version: version::Model) -> PromiseTerms {
    let is_staff = by.scope == Scope::Everything;
    let (target, target_duration) = shown_target(version.metric, version.target);
    PromiseTerms {
        wording: version.wording,
        metric: version.metric,
        comparison: version.comparison,
        target,
        target_duration,
        unit: version.unit,
        reliability: version.reliability,
        precision: version.precision,
        calendar_id: version.calendar_id,
        grace: Duration::of_seconds(version.grace_seconds),
        period: version.period,
        effective_from: version.effective_from,
        published_at: version.published_at,
        unpublished_at: version.unpublished_at,
        approved_by: version.approved_by.filter(|_| is_staff),
        approval_reason: version.approval_reason.filter(|_| is_staff),
        recheck_on: version.recheck_on,
    }
}

pub fn shown_version(by: &By, version: version::Model) -> PromiseVersion {
    let (promise_id, number, created_at) = (version.promise_id, version.number, version.created_at);
    PromiseVersion { promise_id, version: number, terms: terms(by, version), created_at }
}

pub async fn list_versions(
    db: &impl ConnectionTrait,
    by: &By,
    id: PromiseId,
    query: &Params<VersionQuery>,
) -> Result<Page<PromiseVersion>> {
    page_of_versions(db, by, version::Column::PromiseId.eq(id).into(), query).await
}

/// The versions of all promises, for an export.
pub async fn list_versions_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<VersionQuery>,
) -> Result<Page<PromiseVersion>> {
    let seen = Entity::visible(by).select_only().column(Column::Id).into_query();
    page_of_versions(db, by, version::Column::PromiseId.in_subquery(seen).into(), query).await
}

async fn page_of_versions(
    db: &impl ConnectionTrait,
    by: &By,
    of: Condition,
    query: &Params<VersionQuery>,
) -> Result<Page<PromiseVersion>> {
    let order = Order {
        // Numbers and ids of a promise's versions say the same as when they take effect: each later than the last.
        column: version::Column::EffectiveFrom,
        id: version::Column::PromiseId,
        descending: false,
        key: |row: &version::Model| (Key::At(row.effective_from), row.promise_id.0),
    };
    let select = version::Entity::find().filter(of);
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |version| shown_version(by, version)))
}

/// Applies a patch to the promise as it was read under lock, and returns it as it is then.
pub async fn update_promise(txn: &Txn, by: &By, before: &Locked, change: &PromiseChange) -> Result<Promise> {
    if let Some(external_id) = change.external_id.wanted() {
        insert::refuse_known_external_id(txn, external_id, Some(before.row.id)).await?;
    }
    let latest = before.latest()?;
    let is_reworded = change.wording.wanted().is_some_and(|wording| *wording != latest.wording);
    if let Some(wording) = change.wording.wanted().filter(|_| is_reworded) {
        rules::Verb::Reword.apply(before.row.status)?;
        let row = version::ActiveModel {
            promise_id: Set(latest.promise_id),
            number: Set(latest.number),
            wording: Set(wording.clone()),
            ..Default::default()
        };
        version::Entity::update(row).exec_without_returning(txn).await?;
    }
    let patch = entity::ActiveModel {
        promised_to: change.promised_to.clone().into_active_value(),
        external_id: change.external_id.clone().into_active_value(),
        ..Default::default()
    };
    match merge(before.row.clone(), patch) {
        None if !is_reworded => return before.shown(by),
        merged => save(txn, by, &before.row, merged.unwrap_or_default()).await?,
    }
    get_promise(txn, by, before.row.id).await
}

pub async fn update_status(txn: &Txn, by: &By, before: &entity::Model, status: PromiseStatus) -> Result<()> {
    save(txn, by, before, entity::ActiveModel { status: Set(status), ..Default::default() }).await
}

/// Writes what is set of the promise's own row, as its next revision.
pub async fn save(txn: &Txn, by: &By, before: &entity::Model, row: entity::ActiveModel) -> Result<()> {
    let row = entity::ActiveModel {
        id: Set(before.id),
        revision: Set(before.revision + 1),
        updated_at: Set(by.clock.now()),
        ..row
    };
    Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Stores a version as it is now published.
pub async fn update_version(txn: &Txn, version: version::Model) -> Result<()> {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    version::Entity::update(version.into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// From an instant on nothing of the promise is published any more; what would have been published later
/// never is.
pub async fn unpublish(txn: &Txn, id: PromiseId, at: Timestamp) -> Result<()> {
    use version::Column as Of;
    version::Entity::update_many()
        .set(version::ActiveModel { unpublished_at: Set(Some(at)), ..Default::default() })
        .filter(Of::PromiseId.eq(id))
        .filter(Of::PublishedAt.is_not_null())
        .filter(Condition::any().add(Of::UnpublishedAt.is_null()).add(Of::UnpublishedAt.gt(at)))
        .exec(txn)
        .await?;
    Ok(())
}

/// Deletes a draft on which nothing hangs.
pub async fn delete_promise(txn: &Txn, id: PromiseId) -> Result<()> {
    use sea_orm::PaginatorTrait;
    let made = commitments::Entity::find().filter(commitments::entity::Column::PromiseId.eq(id));
    if made.limit(1).count(txn).await? > 0 {
        return Err(Error::new(Code::InUse, "There are commitments of it. Use retire."));
    }
    check::Entity::delete_many().filter(check::Column::PromiseId.eq(id)).exec(txn).await?;
    underpinning::Entity::delete_by_id(id).exec(txn).await?;
    version::Entity::delete_many().filter(version::Column::PromiseId.eq(id)).exec(txn).await?;
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}
