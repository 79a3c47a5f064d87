//! The queries of expectations.

use super::entity::{self, Column, Entity};
use super::rules;
use super::types::{Expectation, ExpectationId, Metric};
use crate::agreements::entity::{Entity as Agreements, seen_by};
use crate::agreements::types::Side;
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::duration::Duration;
use crate::shared::error::{Error, Result};
use crate::shared::id::AgreementId;
use crate::shared::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryTrait, Select,
};
use std::collections::HashMap;

/// The table has one column for every target: seconds for a duration.
pub(super) fn shown(clause: Expectation) -> Expectation {
    match clause.metric {
        Some(Metric::Duration) => Expectation {
            target_duration: clause.target.map(|seconds| Duration::of_seconds(seconds as i64)),
            target: None,
            ..clause
        },
        _ => clause,
    }
}

pub(super) fn row(clause: &Expectation) -> entity::Model {
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
pub(super) fn of_version(agreement: AgreementId, version: i64) -> Select<Entity> {
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
    use crate::agreements::entity::Column as Of;
    use sea_orm::QuerySelect;
    let in_force = Agreements::find_by_id(agreement).select_only().column(Of::VersionInForce).into_query();
    let row = Entity::find()
        .filter(seen_by(by, Column::AgreementId))
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::Id.eq(id))
        .filter(Column::Version.in_subquery(in_force));
    row.into_partial_model::<Expectation>().one(db).await?.map(shown).ok_or_else(Error::not_found)
}

/// Copies the clauses of one version into a later one of the same agreement: what is not changed
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

/// Removes the clauses of a version that is given up.
pub async fn delete_all(txn: &Txn, agreement: AgreementId, version: i64) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::AgreementId.eq(agreement)).filter(Column::Version.eq(version));
    gone.exec(txn).await?;
    Ok(())
}
