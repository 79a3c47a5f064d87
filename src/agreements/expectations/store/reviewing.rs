//! What a review says of clauses.

use super::super::entity::{Column, Entity};
use super::super::rules;
use super::super::types::{Expectation, ExpectationChange, ExpectationId};
use super::{clauses_of, insert_all};
use crate::agreements::entity::{Column as Of, Entity as Agreements, version};
use crate::agreements::open::Open;
use crate::agreements::store::{save_version, version_row};
use crate::shared::auth::By;
use crate::shared::change::Change;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AgreementId, SupplierId};
use chrono::NaiveDate;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// What was confirmed, by whom, and when to ask again.
pub struct Confirmed<'a> {
    pub agreement: AgreementId,
    pub supplier: SupplierId,
    pub clauses: &'a [ExpectationId],
    /// Those of them that the supplier agrees on.
    pub by_both: &'a [ExpectationId],
    /// Replaces the day to ask again where one was set.
    pub review_by: Option<NaiveDate>,
}

/// Notes that clauses in force still hold. The agreement is in force and nobody else changes it: that is for the
/// caller of this function to see to.
pub async fn confirm_clauses(txn: &Txn, by: &By, said: &Confirmed<'_>) -> Result<()> {
    let in_force = Agreements::find_by_id(said.agreement).select_only().column(Of::VersionInForce);
    let in_force: Option<Option<i64>> = in_force.into_tuple().one(txn).await?;
    let Some(number) = in_force.flatten().filter(|_| !said.clauses.is_empty()) else {
        return Ok(());
    };
    let of_version = |clauses: &[ExpectationId]| {
        sea_orm::Condition::all()
            .add(Column::AgreementId.eq(said.agreement))
            .add(Column::Version.eq(number))
            .add(Column::Id.is_in(clauses.iter().copied()))
    };
    let now = by.clock.now();
    Entity::update_many()
        .col_expr(Column::ConfirmedByUsAt, Expr::value(now))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(of_version(said.clauses))
        .exec(txn)
        .await?;
    Entity::update_many()
        .col_expr(Column::ConfirmedBySupplierAt, Expr::value(now))
        .filter(of_version(said.by_both))
        .exec(txn)
        .await?;
    if said.review_by.is_some() {
        Entity::update_many()
            .col_expr(Column::ReviewBy, Expr::value(said.review_by))
            .filter(of_version(said.clauses).add(Column::ReviewBy.is_not_null()))
            .exec(txn)
            .await?;
    }
    let version: version::Model = version_row(txn, said.agreement, number).await?;
    save_version(txn, by, &version, Default::default()).await?;
    let entry = |id: &ExpectationId| {
        let mark =
            json!({"confirmed_by_us_at": now, "confirmed_by_supplier_at": said.by_both.contains(id).then_some(now)});
        Entry::new("expectation.confirm", id.0).about(said.supplier).between(None, Some(&mark))
    };
    let author = Author::caller(&by.caller, &by.request_id);
    history::record_all(txn, &by.clock, author, said.clauses.iter().map(entry).collect()).await
}

/// Writes other words for clauses into the open version; returns those that it has no more.
pub async fn propose_changes(
    txn: &Txn,
    by: &By,
    open: &Open,
    wanted: &[(ExpectationId, String)],
) -> Result<Vec<ExpectationId>> {
    let (agreement, number, now) = (open.agreement.row.id, open.number(), by.clock.now());
    let clauses = clauses_of(txn, agreement, number).await?;
    let known = |id: &ExpectationId| clauses.iter().find(|clause| clause.id == *id);
    let gone = wanted.iter().map(|(id, _)| *id).filter(|id| known(id).is_none()).collect();
    let changed = wanted.iter().filter_map(|(id, text)| {
        let before = known(id)?;
        let change = ExpectationChange { text: Change::Set(text.clone()), ..ExpectationChange::default() };
        let after = rules::changed(before, &change, open.side, now);
        (*before != after).then(|| (before.clone(), after))
    });
    let changed: Vec<(Expectation, Expectation)> = changed.collect();
    if changed.is_empty() {
        return Ok(gone);
    }
    // Written anew in two statements, however many they are.
    Entity::delete_many()
        .filter(Column::Version.eq(number))
        .filter(Column::Id.is_in(changed.iter().map(|(before, _)| before.id)))
        .exec(txn)
        .await?;
    insert_all(txn, changed.iter().map(|(_, after)| after.clone()).collect()).await?;
    open.clauses_changed(txn, by).await?;
    let entries = changed.iter().map(|(before, after)| {
        let entry = Entry::new("expectation.update", after.id.0).about(open.agreement.supplier.id);
        entry.between(Some(before), Some(after))
    });
    let author = Author::caller(&by.caller, &by.request_id);
    history::record_all(txn, &by.clock, author, entries.collect()).await?;
    Ok(gone)
}
