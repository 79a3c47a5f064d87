//! Clauses in force that should be looked at again.

use super::super::entity::{Column, Entity};
use super::super::rules;
use super::super::types::{Expectation, ExpectationQuery, StaleExpectation, StaleQuery};
use super::{list, shown};
use crate::agreements::entity::{Column as Of, Entity as Agreements, seen_by, version};
use crate::agreements::types::AgreementStatus::{Active, Amending, Expiring};
use crate::organization::today;
use crate::shared::auth::By;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, Select,
};
use std::collections::HashMap;

pub async fn list_stale(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<StaleQuery>,
) -> Result<Page<StaleExpectation>> {
    let older_than = TimeDelta::seconds(query.older_than.seconds());
    let (now, today) = (by.clock.now(), today(db, &by.clock).await?);
    let long_ago = now.plus(-older_than);
    let unconfirmed = |mark: Column| Condition::any().add(mark.is_null()).add(mark.lt(long_ago));
    let since_agreed = Condition::all().add(version::Column::AgreedAt.lt(long_ago)).add(
        Condition::any().add(unconfirmed(Column::ConfirmedByUsAt)).add(unconfirmed(Column::ConfirmedBySupplierAt)),
    );
    let stale = Condition::any().add(Column::ReviewBy.lt(today)).add(since_agreed);
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |clause: &Expectation| (Key::Id(clause.id.0), clause.id.0),
    };
    let found = rows(db, by, in_force(by).filter(stale), order, &query.paging, &query.filter).await?;
    let about = about(db, found.data.iter().map(|clause: &Expectation| clause.agreement_id).collect()).await?;
    Ok(Page::of(found, |clause| {
        let about = &about[&clause.agreement_id];
        let (reasons, overdue_days) = rules::staleness(&clause, about.agreed_at, now, today, older_than);
        StaleExpectation {
            supplier_id: about.supplier_id,
            agreement_title: about.title.clone(),
            expectation: shown(clause),
            reasons,
            overdue_days,
        }
    }))
}

/// The clauses in force that the caller sees, beside the version they stand in.
fn in_force(by: &By) -> Select<Entity> {
    let agreement = Entity::belongs_to(Agreements).from(Column::AgreementId).to(Of::Id).into();
    let in_force = Entity::belongs_to(version::Entity)
        .from((Column::AgreementId, Column::Version))
        .to((version::Column::AgreementId, version::Column::Number))
        .into();
    Entity::find()
        .join(JoinType::InnerJoin, agreement)
        .join(JoinType::InnerJoin, in_force)
        .filter(Expr::col((Entity, Column::Version)).equals((Agreements, Of::VersionInForce)))
        .filter(Of::Status.is_in([Active, Amending, Expiring]))
        .filter(seen_by(by, Column::AgreementId))
}

/// The clauses in force of all agreements, for an export.
pub async fn list_in_force(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<ExpectationQuery>,
) -> Result<Page<Expectation>> {
    if query.version.is_some() {
        return Err(Error::rule(Code::RuleViolated, "/filter/version", "What is exported is in force."));
    }
    list(db, by, in_force(by), query).await
}

struct About {
    supplier_id: SupplierId,
    title: String,
    agreed_at: Option<Timestamp>,
}

/// What is to be said of the agreements of a page.
async fn about(db: &impl ConnectionTrait, ids: Vec<AgreementId>) -> Result<HashMap<AgreementId, About>> {
    let in_force = Agreements::belongs_to(version::Entity)
        .from((Of::Id, Of::VersionInForce))
        .to((version::Column::AgreementId, version::Column::Number))
        .into();
    let rows: Vec<(AgreementId, SupplierId, String, Option<Timestamp>)> = Agreements::find()
        .join(JoinType::InnerJoin, in_force)
        .filter(Of::Id.is_in(ids))
        .select_only()
        .columns([Of::Id, Of::SupplierId, Of::Title])
        .column(version::Column::AgreedAt)
        .into_tuple()
        .all(db)
        .await?;
    let about =
        rows.into_iter().map(|(id, supplier_id, title, agreed_at)| (id, About { supplier_id, title, agreed_at }));
    Ok(about.collect())
}
