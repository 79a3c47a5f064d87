//! What clauses said when: for those who look back.

use crate::agreements::entity::version;
use crate::agreements::expectations::entity::{Column, Entity};
use crate::agreements::expectations::types::{Dimension, ExpectationId};
use crate::agreements::types::VersionStatus;
use crate::shared::error::Result;
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;

/// Of which dimension clauses are, as they were signed last. The caller may see them: that is for the caller of
/// this function to know.
pub async fn dimensions_of(
    db: &impl ConnectionTrait,
    ids: Vec<ExpectationId>,
) -> Result<HashMap<ExpectationId, Dimension>> {
    let of_version = Entity::belongs_to(version::Entity)
        .from((Column::AgreementId, Column::Version))
        .to((version::Column::AgreementId, version::Column::Number))
        .into();
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Dimension])
        .join(JoinType::InnerJoin, of_version)
        .filter(Column::Id.is_in(ids))
        .filter(version::Column::Status.is_in([VersionStatus::InForce, VersionStatus::Superseded]))
        .order_by_asc(Column::Version);
    // Of the versions of a clause, the last one stays.
    Ok(rows.into_tuple::<(ExpectationId, Dimension)>().all(db).await?.into_iter().collect())
}

/// Whether a clause, as it was in force at an instant, depended on another one: a condition on columns of the
/// query around it.
pub fn depended(backend: DbBackend, clause: Expr, on: Expr, at: Expr) -> Expr {
    let (own, terms) = (Alias::new("clause"), Alias::new("terms"));
    let of_own = |column: Column| Expr::col((own.clone(), column));
    let of_terms = |column: version::Column| Expr::col((terms.clone(), column));
    let in_force = Query::select()
        .expr(of_terms(version::Column::Number).max())
        .from_as(version::Entity, terms.clone())
        .and_where(of_terms(version::Column::AgreementId).eq(of_own(Column::AgreementId)))
        .and_where(of_terms(version::Column::Status).is_in([VersionStatus::InForce, VersionStatus::Superseded]))
        .and_where(of_terms(version::Column::EffectiveFrom).lte(at))
        .to_owned();
    // Ids are text in the list, and 16 bytes in a column of SQLite.
    let lists = match backend {
        DbBackend::Postgres => "$1 @> to_jsonb(CAST($2 AS text))",
        _ => "instr(replace(?, '-', ''), lower(hex(?))) > 0",
    };
    let clauses = Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, own.clone())
        .and_where(of_own(Column::Id).eq(clause))
        .and_where(of_own(Column::Version).eq(Expr::from(in_force)))
        .and_where(Expr::cust_with_exprs(lists, [of_own(Column::DependsOn), on]))
        .to_owned();
    Expr::exists(clauses)
}
