//! Whether something we owed stood in the way: the clause depends on one of ours, and our
//! commitment on that for the same job was broken before.

use crate::agreements::{Direction, expectations};
use crate::promises::commitments::entity::{Column, Entity, Model};
use crate::promises::commitments::types::{Cause, Commitment, CommitmentStatus};
use crate::promises::entity as promise;
use crate::shared::error::Result;
use crate::shared::id::{CommitmentId, ExpectationId};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

type Clause = <expectations::Entity as EntityTrait>::Column;

/// The commitment as it is shown, with the cause that its dependencies suggest.
pub async fn suggest(db: &impl ConnectionTrait, row: &Model) -> Result<Commitment> {
    let mut shown = Commitment::from(row);
    if row.status == CommitmentStatus::Broken {
        shown.suggested_by_id = broken_before(db, row).await?;
        shown.suggested_cause = shown.suggested_by_id.map(|_| Cause::Us);
    }
    Ok(shown)
}

async fn broken_before(db: &impl ConnectionTrait, row: &Model) -> Result<Option<CommitmentId>> {
    let Some(job_ref) = &row.job_ref else {
        return Ok(None);
    };
    let ours = depended_on(db, row).await?;
    if ours.is_empty() {
        return Ok(None);
    }
    let promises = Query::select()
        .column(promise::Column::Id)
        .from(promise::Entity)
        .and_where(promise::Column::ExpectationId.is_in(ours))
        .and_where(promise::Column::AgreementId.eq(row.agreement_id))
        .and_where(promise::Column::Direction.eq(Direction::UsToSupplier))
        .to_owned();
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::JobRef.eq(job_ref.clone()))
        .filter(Column::SupplierId.eq(row.supplier_id))
        .filter(Column::PromiseId.in_subquery(promises))
        .filter(Column::Status.is_in([CommitmentStatus::Broken, CommitmentStatus::ExcuseRequested]))
        .filter(Column::SupersededById.is_null())
        .filter(Column::BreaksAt.lte(row.breaks_at))
        .order_by_asc(Column::BreaksAt)
        .order_by_asc(Column::Id)
        .into_tuple::<CommitmentId>();
    Ok(found.one(db).await?)
}

/// The clauses that the promise's own clause depends on, in its latest version.
async fn depended_on(db: &impl ConnectionTrait, row: &Model) -> Result<Vec<ExpectationId>> {
    let clause = Query::select()
        .column(promise::Column::ExpectationId)
        .from(promise::Entity)
        .and_where(promise::Column::Id.eq(row.promise_id))
        .to_owned();
    let latest = expectations::Entity::find()
        .filter(Clause::Id.in_subquery(clause))
        .order_by_desc(Clause::Version)
        .one(db)
        .await?;
    Ok(latest.map(|clause| clause.depends_on.0).unwrap_or_default())
}
