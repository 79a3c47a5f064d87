//! The queries of expectations.

mod reviewing;
mod signed;
mod stale;

pub use reviewing::{Confirmed, confirm_clauses, propose_changes};
pub use signed::{depended, dimensions_of};
pub use stale::{list_in_force, list_stale};

use super::entity::{self, Column, Entity};
use super::rules::{self, Place};
use super::types::{Dimension, Expectation, ExpectationId, ExpectationQuery, Metric, NewExpectation};
use crate::agreements::entity::{Column as Of, Entity as Agreements, seen_by};
use crate::agreements::open::Open;
use crate::agreements::store::{lock_agreement, save_version, seen_rows, summary, version_row};
use crate::agreements::types::Side;
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::duration::Duration;
use crate::shared::error::{Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use std::collections::HashMap;

/// The table has one column for every target: seconds for a duration. What was handed over of a version stands
/// under its number with a minus.
fn shown(clause: Expectation) -> Expectation {
    let clause = Expectation { version: clause.version.abs(), ..clause };
    match clause.metric {
        Some(Metric::Duration) => Expectation {
            target_duration: clause.target.map(|seconds| Duration::of_seconds(seconds as i64)),
            target: None,
            ..clause
        },
        _ => clause,
    }
}

fn row(clause: &Expectation) -> entity::Model {
    let seconds = clause.target_duration.map(|target| target.seconds() as f64);
    entity::Model {
        id: clause.id,
        version: clause.version,
        agreement_id: clause.agreement_id,
        position: clause.position,
        direction: clause.direction,
        dimension: clause.dimension,
        text: clause.text.clone(),
        metric: clause.metric,
        comparison: clause.comparison,
        target: clause.target.or(seconds),
        unit: clause.unit.clone(),
        reliability: clause.reliability,
        is_gate: clause.is_gate,
        depends_on: clause.depends_on.clone(),
        review_by: clause.review_by,
        accepted_by_us_at: clause.accepted_by_us_at,
        accepted_by_supplier_at: clause.accepted_by_supplier_at,
        confirmed_by_us_at: clause.confirmed_by_us_at,
        confirmed_by_supplier_at: clause.confirmed_by_supplier_at,
        revision: clause.revision,
        created_at: clause.created_at,
        updated_at: clause.updated_at,
    }
}

/// The clauses of one version.
fn of_version(agreement: AgreementId, version: i64) -> Select<Entity> {
    Entity::find().filter(Column::AgreementId.eq(agreement)).filter(Column::Version.eq(version))
}

/// The clauses of a version in the order of their numbers. The caller may see it: that is for the
/// caller of this function to know.
pub async fn clauses_of(db: &impl ConnectionTrait, agreement: AgreementId, version: i64) -> Result<Vec<Expectation>> {
    let rows = of_version(agreement, version).order_by_asc(Column::Position).into_partial_model::<Expectation>();
    Ok(rows.all(db).await?.into_iter().map(shown).collect())
}

/// A clause of the version in force, for those who see the agreement.
pub async fn clause_in_force(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    id: ExpectationId,
) -> Result<Expectation> {
    let in_force = Agreements::find_by_id(agreement).select_only().column(Of::VersionInForce).into_query();
    let row = Entity::find()
        .filter(seen_by(by, Column::AgreementId))
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::Id.eq(id))
        .filter(Column::Version.in_subquery(in_force));
    row.into_partial_model::<Expectation>().one(db).await?.map(shown).ok_or_else(Error::not_found)
}

/// Some clauses as they are now signed; those that no version in force has are left out. The caller may see
/// them: that is for the caller of this function to know.
pub async fn clauses_in_force(db: &impl ConnectionTrait, ids: Vec<ExpectationId>) -> Result<Vec<Expectation>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let agreement = Entity::belongs_to(Agreements).from(Column::AgreementId).to(Of::Id).into();
    let rows = Entity::find()
        .join(JoinType::InnerJoin, agreement)
        .filter(Column::Id.is_in(ids))
        .filter(Expr::col((Entity, Column::Version)).equals((Agreements, Of::VersionInForce)));
    Ok(rows.into_partial_model::<Expectation>().all(db).await?.into_iter().map(shown).collect())
}

/// Copies the clauses of one version into another one of the same agreement: what is not changed
/// there stays accepted.
pub async fn copy_to(txn: &Txn, agreement: AgreementId, from: i64, to: i64) -> Result<()> {
    let clauses = clauses_of(txn, agreement, from).await?;
    insert_all(txn, clauses.into_iter().map(|clause| Expectation { version: to, ..clause }).collect()).await
}

/// Copies the clauses of a version into a version of another agreement, as clauses of their own
/// that so far only the organisation, which does it, accepts.
pub async fn copy_into(txn: &Txn, clock: &Clock, from: (AgreementId, i64), to: (AgreementId, i64)) -> Result<()> {
    let clauses = clauses_of(txn, from.0, from.1).await?;
    let ids: HashMap<_, _> = clauses.iter().map(|clause| (clause.id, ExpectationId::new(clock))).collect();
    let now = clock.now();
    let copies = clauses.into_iter().zip(1..).map(|(clause, position)| Expectation {
        id: ids[&clause.id],
        agreement_id: to.0,
        version: to.1,
        position,
        depends_on: Stored(clause.depends_on.iter().filter_map(|id| ids.get(id).copied()).collect()),
        review_by: None,
        accepted_by_us_at: Some(now),
        accepted_by_supplier_at: None,
        confirmed_by_us_at: None,
        confirmed_by_supplier_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
        ..clause
    });
    insert_all(txn, copies.collect()).await
}

/// Writes new clauses.
pub async fn insert_all(txn: &Txn, clauses: Vec<Expectation>) -> Result<()> {
    if clauses.is_empty() {
        return Ok(());
    }
    let rows = clauses.iter().map(|clause| row(clause).into_active_model());
    Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

/// Accepts, for a side, every clause of a version that it has not accepted yet.
pub async fn accept_all(txn: &Txn, agreement: AgreementId, version: i64, side: Side, now: Timestamp) -> Result<()> {
    let mark = accepted_by(side);
    Entity::update_many()
        .col_expr(mark, Expr::value(now))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::Version.eq(version))
        .filter(mark.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

fn accepted_by(side: Side) -> Column {
    match side {
        Side::Us => Column::AcceptedByUsAt,
        Side::Supplier => Column::AcceptedBySupplierAt,
    }
}

/// The clauses of the version asked for, or of the one to show.
pub async fn list_expectations(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    query: &Params<ExpectationQuery>,
) -> Result<Page<Expectation>> {
    let version = version_to_read(db, by, agreement, query.version).await?;
    list(db, by, of_version(agreement, version), query).await
}

async fn list(
    db: &impl ConnectionTrait,
    by: &By,
    mut select: Select<Entity>,
    query: &Params<ExpectationQuery>,
) -> Result<Page<Expectation>> {
    if !query.direction.is_empty() {
        select = select.filter(Column::Direction.is_in(query.direction.clone()));
    }
    if !query.dimension.is_empty() {
        select = select.filter(Column::Dimension.is_in(query.dimension.clone()));
    }
    // Ids and numbers are given in the same order.
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |clause: &Expectation| (Key::Id(clause.id.0), clause.id.0),
    };
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, shown))
}

pub async fn get_expectation(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    id: ExpectationId,
    version: Option<i64>,
) -> Result<Expectation> {
    let version = version_to_read(db, by, agreement, version).await?;
    let row = of_version(agreement, version).filter(Column::Id.eq(id)).into_partial_model::<Expectation>();
    row.one(db).await?.map(shown).ok_or_else(Error::not_found)
}

/// The number under which the caller reads the version asked for, or the one to show.
async fn version_to_read(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    wanted: Option<i64>,
) -> Result<i64> {
    let rows = seen_rows(db, by, agreement).await?;
    let versions: Vec<_> = rows.iter().map(summary).collect();
    let number = rules::version_to_show(&versions, wanted);
    let row = rows.iter().find(|row| Some(row.number.abs()) == number);
    Ok(row.ok_or_else(Error::not_found)?.number)
}

/// The clause of the version in force, to be confirmed: nobody else changes the agreement until the
/// transaction ends.
pub async fn lock_in_force(
    txn: &Txn,
    by: &By,
    agreement: AgreementId,
    id: ExpectationId,
) -> Result<(SupplierId, Expectation)> {
    let locked = lock_agreement(txn, by, agreement).await?;
    rules::must_be_in_force(locked.seen.status)?;
    Ok((locked.supplier.id, clause_in_force(txn, by, agreement, id).await?))
}

/// A clause of a version, among all of them.
pub async fn in_version(
    txn: &Txn,
    agreement: AgreementId,
    version: i64,
    id: ExpectationId,
) -> Result<(Expectation, Vec<Expectation>)> {
    let all = clauses_of(txn, agreement, version).await?;
    let found = all.iter().find(|clause| clause.id == id).cloned();
    Ok((found.ok_or_else(Error::not_found)?, all))
}

/// Writes a new clause into the open version, accepted by whoever writes it, with its history.
pub async fn insert_expectation(txn: &Txn, by: &By, open: &Open, new: &NewExpectation) -> Result<Expectation> {
    let (agreement, version) = (open.agreement.row.id, open.version.number);
    let position = next_position(txn, agreement).await?;
    let place = Place { id: ExpectationId::new(&by.clock), agreement, version, position };
    let clause = place.write(new, open.side, by.clock.now());
    rules::check_change(clauses_of(txn, agreement, version).await?, &clause)?;
    insert_all(txn, vec![clause.clone()]).await?;
    open.clauses_changed(txn, by).await?;
    let entry = Entry::new("expectation.create", clause.id.0).about(open.agreement.supplier.id);
    history::record(txn, by, entry.between(None, Some(&clause))).await?;
    Ok(clause)
}

/// In which dimensions a version has clauses. The caller may see it: that is for the caller of this function to know.
pub async fn dimensions_in(db: &impl ConnectionTrait, agreement: AgreementId, version: i64) -> Result<Vec<Dimension>> {
    let rows = of_version(agreement, version).select_only().column(Column::Dimension).distinct();
    Ok(rows.into_tuple().all(db).await?)
}

/// The number of the next clause: one that no version has had.
async fn next_position(txn: &Txn, agreement: AgreementId) -> Result<i64> {
    let of_all = Entity::find().filter(Column::AgreementId.eq(agreement));
    let highest = of_all.select_only().column_as(Column::Position.max(), "position");
    let highest: Option<Option<i64>> = highest.into_tuple().one(txn).await?;
    Ok(highest.flatten().unwrap_or(0) + 1)
}

/// Writes a clause as it is after a change.
pub async fn update_expectation(txn: &Txn, after: &Expectation) -> Result<()> {
    Entity::update(row(after).into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// The same for a mark of acceptance or confirmation: the version in which the clause stands reads differently then.
pub async fn mark_expectation(txn: &Txn, by: &By, after: &Expectation) -> Result<()> {
    update_expectation(txn, after).await?;
    let version = version_row(txn, after.agreement_id, after.version).await?;
    save_version(txn, by, &version, Default::default()).await
}

pub async fn delete_expectation(txn: &Txn, id: ExpectationId, version: i64) -> Result<()> {
    Entity::delete_by_id((id, version)).exec(txn).await?;
    Ok(())
}

/// Removes the clauses of a version.
pub async fn delete_all(txn: &Txn, agreement: AgreementId, version: i64) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::AgreementId.eq(agreement)).filter(Column::Version.eq(version));
    gone.exec(txn).await?;
    Ok(())
}
