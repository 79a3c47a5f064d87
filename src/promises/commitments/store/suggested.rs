//! Whether something we owed stood in the way: the clause depends on one of ours, and our
//! commitment on that for the same job was broken before.

use super::in_order;
use crate::agreements::{Direction, depended};
use crate::promises::commitments::entity::{Column, Entity, Model};
use crate::promises::commitments::types::{CandidateQuery, Cause, Commitment, CommitmentId, CommitmentStatus};
use crate::promises::entity as promise;
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::page::{Page, rows};
use crate::shared::params::Params;
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, JoinType, Order as SortOrder,
    QueryFilter, QuerySelect,
};
use std::collections::HashMap;

/// The commitment of ours that was broken before the one in the row `commitment`, or null. The clause is read
/// in the version of the agreement that was in force when the commitment was made.
fn broken_before(backend: DbBackend) -> Expr {
    use promise::Column as Of;
    let [own, ours, earlier] = ["own", "ours", "earlier"].map(Alias::new);
    let of = |table: &Alias, column: Of| Expr::col((table.clone(), column));
    let of_earlier = |column: Column| Expr::col((earlier.clone(), column));
    let this = |column: Column| Expr::col((Entity, column));
    let depended = depended(backend, of(&own, Of::ExpectationId), of(&ours, Of::ExpectationId), this(Column::MadeAt));
    let same_agreement = of(&ours, Of::AgreementId).eq(of(&own, Of::AgreementId));
    let same_job = of_earlier(Column::JobRef).eq(this(Column::JobRef));
    let broken = [CommitmentStatus::Broken, CommitmentStatus::ExcuseRequested];
    let found = Query::select()
        .expr(of_earlier(Column::Id))
        .from_as(promise::Entity, own.clone())
        .join_as(JoinType::InnerJoin, promise::Entity, ours.clone(), same_agreement)
        .join_as(JoinType::InnerJoin, Entity, earlier.clone(), of_earlier(Column::PromiseId).eq(of(&ours, Of::Id)))
        .and_where(of(&own, Of::Id).eq(this(Column::PromiseId)))
        .and_where(of(&ours, Of::Direction).eq(Direction::UsToSupplier))
        .and_where(same_job)
        .and_where(depended)
        .and_where(of_earlier(Column::Status).is_in(broken))
        .and_where(of_earlier(Column::SupersededById).is_null())
        .and_where(of_earlier(Column::BreaksAt).lte(this(Column::BreaksAt)))
        .order_by_expr(of_earlier(Column::BreaksAt), SortOrder::Asc)
        .order_by_expr(of_earlier(Column::Id), SortOrder::Asc)
        .limit(1)
        .to_owned();
    Expr::from(found)
}

/// The commitment as it is shown, with the cause that its dependencies suggest.
pub async fn suggest(db: &impl ConnectionTrait, row: &Model) -> Result<Commitment> {
    let mut shown = [Commitment::from(row)];
    if row.status == CommitmentStatus::Broken {
        suggest_all(db, &mut shown).await?;
    }
    let [shown] = shown;
    Ok(shown)
}

async fn suggest_all(db: &impl ConnectionTrait, shown: &mut [Commitment]) -> Result<()> {
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .expr(broken_before(db.get_database_backend()))
        .filter(Column::Id.is_in(shown.iter().map(|commitment| commitment.id)))
        .into_tuple::<(CommitmentId, Option<CommitmentId>)>()
        .all(db)
        .await?;
    let found: HashMap<_, _> = found.into_iter().collect();
    for commitment in shown {
        commitment.suggested_by_id = found.get(&commitment.id).copied().flatten();
        commitment.suggested_cause = commitment.suggested_by_id.map(|_| Cause::Us);
    }
    Ok(())
}

/// The broken ones for which something of ours is suggested as the cause.
pub async fn list_candidates(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<CandidateQuery>,
) -> Result<Page<Commitment>> {
    let wanted = Condition::all()
        .add(Column::Status.eq(CommitmentStatus::Broken))
        .add(Column::SupersededById.is_null())
        .add(Column::JobRef.is_not_null())
        .add(broken_before(db.get_database_backend()).is_not_null())
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)));
    let select = Entity::visible(by).filter(wanted);
    let mut found = rows(db, by, select, in_order(), &query.paging, &query.filter).await?;
    suggest_all(db, &mut found.data).await?;
    Ok(Page::of(found, |commitment| commitment))
}
