//! What suppliers promised our customers, and what became of it: for those who hold it against what customers lived.

use super::commitments::{CommitmentStatus, entity as commitment, tally};
use super::entity::{self as promise, version};
use crate::agreements::Direction;
use crate::shared::db::sum;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::stats::Window;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef};
use std::collections::HashMap;

/// What became of an agreement's promises to customers, of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeptToCustomers {
    pub kept: i64,
    /// Kept and broken.
    pub n: i64,
    /// What was promised of them, weighted by how often each was: 0-1; none when nothing was due.
    pub target: Option<f64>,
}

/// What was due in the window, promised within a published version; by agreement, or of one only. Agreements of
/// which nothing was due are left out.
pub async fn kept_to_customers(
    db: &impl ConnectionTrait,
    only: Option<AgreementId>,
    window: Window,
) -> Result<HashMap<AgreementId, KeptToCustomers>> {
    use tally::Column;
    let occasions = Expr::col((tally::Entity, Column::Kept)).add(Expr::col((tally::Entity, Column::Broken)));
    let reliable = occasions.mul(Expr::col((version::Entity, version::Column::Reliability)));
    let (to_promise, to_version) = ways();
    let rows = tally::Entity::find()
        .select_only()
        .column(promise::Column::AgreementId)
        .expr(sum(Column::Kept))
        .expr(sum(Column::Broken))
        .expr(Func::sum(reliable))
        .join(JoinType::InnerJoin, to_promise)
        .join(JoinType::InnerJoin, to_version)
        .filter(promise::Column::Direction.eq(Direction::SupplierToCustomer))
        .filter(Condition::all().add_option(only.map(|id| promise::Column::AgreementId.eq(id))))
        .filter(Expr::col((tally::Entity, Column::SubjectId)).equals((tally::Entity, Column::PromiseId)))
        .filter(Column::IsPromised.eq(true))
        .filter(Column::Day.between(window.from, window.to))
        .group_by(promise::Column::AgreementId);
    let rows = rows.into_tuple::<(AgreementId, i64, i64, f64)>().all(db).await?;
    let of = |(agreement, kept, broken, reliable): (_, i64, i64, f64)| {
        let n = kept + broken;
        (agreement, KeptToCustomers { kept, n, target: (n > 0).then(|| reliable / n as f64) })
    };
    Ok(rows.into_iter().map(of).collect())
}

/// From a tally to its promise and to the version that judged it.
fn ways() -> (RelationDef, RelationDef) {
    use tally::Column::{PromiseId, Version};
    let to_promise = tally::Entity::belongs_to(promise::Entity).from(PromiseId).to(promise::Column::Id).into();
    let to_version = tally::Entity::belongs_to(version::Entity)
        .from((PromiseId, Version))
        .to((version::Column::PromiseId, version::Column::Number))
        .into();
    (to_promise, to_version)
}

/// Where `customer_jobs` has the job, and how many of its promises were broken.
pub const JOB: &str = "job_ref";
pub const BROKEN: &str = "broken";

/// The jobs under an agreement, each with how many promises to the customer were broken on it. Excused, open and
/// withdrawn ones stand aside; a job with none that count is left out.
pub fn customer_jobs(agreement: AgreementId) -> SelectStatement {
    use CommitmentStatus::{Broken, ExcuseRequested, Kept};
    use commitment::Column;
    let broken = Expr::case(Column::Status.is_in([Broken, ExcuseRequested]), 1).finally(0);
    let to_customers = Query::select()
        .column(promise::Column::Id)
        .from(promise::Entity)
        .and_where(promise::Column::AgreementId.eq(agreement))
        .and_where(promise::Column::Direction.eq(Direction::SupplierToCustomer))
        .to_owned();
    Query::select()
        .column(Column::JobRef)
        .expr_as(Func::sum(broken), Alias::new(BROKEN))
        .from(commitment::Entity)
        .and_where(Column::PromiseId.in_subquery(to_customers))
        .and_where(Column::Status.is_in([Kept, Broken, ExcuseRequested]))
        .and_where(Column::IsPromised.eq(true))
        .and_where(Column::SupersededById.is_null())
        .and_where(Column::JobRef.is_not_null())
        .add_group_by([Expr::col(Column::JobRef)])
        .to_owned()
}
