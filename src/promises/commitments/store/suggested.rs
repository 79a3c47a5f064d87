//! Whether something we owed stood in the way: the clause depends on one of ours, and our
//! commitment on that for the same job was broken before.

use super::in_order;
use crate::promises::commitments::entity::{Column, Entity, Model};
use crate::promises::commitments::types::{CandidateQuery, Cause, Commitment, CommitmentId, CommitmentStatus};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::page::{Page, rows};
use crate::shared::params::Params;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;

/// The commitment of ours that was broken before the one in the row `commitment`, or null. The clause is read
/// in the version of the agreement that was in force when the commitment was made.
fn broken_before(backend: DbBackend) -> Expr {
    let depends = match backend {
        DbBackend::Postgres => "clause.depends_on @> to_jsonb(CAST(ours.expectation_id AS text))",
        _ => "instr(replace(clause.depends_on, '-', ''), lower(hex(ours.expectation_id))) > 0",
    };
    Expr::cust(format!(
        "(SELECT earlier.id FROM promise AS own \
         JOIN expectation AS clause ON clause.id = own.expectation_id \
         JOIN promise AS ours ON ours.agreement_id = own.agreement_id AND ours.direction = 'us_to_supplier' \
         JOIN commitment AS earlier ON earlier.promise_id = ours.id AND earlier.job_ref = commitment.job_ref \
         WHERE own.id = commitment.promise_id AND {depends} \
         AND clause.version = (SELECT MAX(terms.number) FROM agreement_version AS terms \
         WHERE terms.agreement_id = own.agreement_id AND terms.status IN ('in_force', 'superseded') \
         AND terms.effective_from <= commitment.made_at) \
         AND earlier.status IN ('broken', 'excuse_requested') AND earlier.superseded_by_id IS NULL \
         AND earlier.breaks_at <= commitment.breaks_at ORDER BY earlier.breaks_at, earlier.id LIMIT 1)"
    ))
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
