//! The list of agreements: filters, full text, orders.

use super::super::entity::{self, Column, Entity, version};
use super::super::types::{Agreement, AgreementQuery, AgreementSort, AgreementStatus, VersionSummary};
use super::{shown, side_of, versions};
use crate::shared::auth::{By, Scope};
use crate::shared::error::Result;
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::{search, text};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
};

pub async fn list_agreements(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<AgreementQuery>,
) -> Result<Page<Agreement>> {
    let select = Entity::visible(by).filter(matching(by, query));
    let found = rows(db, by, select, order(query.sort), &query.paging, &query.filter).await?;
    let agreements = shown(db, by, found.data.clone()).await?;
    Ok(Page::with(found, agreements))
}

/// What is signed of an agreement, as far as all of them are compared.
#[derive(Clone, Debug, FromQueryResult)]
pub struct InForce {
    pub id: AgreementId,
    pub supplier_id: SupplierId,
    pub title: String,
    /// The share of satisfied customers aimed at.
    pub customer_target: f64,
}

/// The agreements with a version in force that the caller sees, all at once.
pub async fn in_force(db: &impl ConnectionTrait, by: &By) -> Result<Vec<InForce>> {
    let terms = Entity::belongs_to(version::Entity)
        .from((Column::Id, Column::VersionInForce))
        .to((version::Column::AgreementId, version::Column::Number))
        .into();
    let rows = Entity::visible(by)
        .select_only()
        .columns([Column::Id, Column::SupplierId, Column::Title])
        .column(version::Column::CustomerTarget)
        .join(JoinType::InnerJoin, terms);
    Ok(rows.into_model::<InForce>().all(db).await?)
}

/// The versions of all agreements that the query finds, for an export.
pub async fn list_versions_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<AgreementQuery>,
) -> Result<Page<VersionSummary>> {
    let agreements = list_agreements(db, by, query).await?;
    let rows = version::Entity::find()
        .filter(version::Column::AgreementId.is_in(agreements.data.iter().map(|agreement| agreement.id)))
        .order_by_asc(version::Column::AgreementId)
        .order_by_asc(version::Column::Number)
        .all(db)
        .await?;
    let each = rows.chunk_by(|one, next| one.agreement_id == next.agreement_id);
    let versions = each.flat_map(|rows| versions::seen(side_of(by), rows)).map(versions::summary).collect();
    Ok(Page { data: versions, has_more: agreements.has_more, next_cursor: agreements.next_cursor, total_count: None })
}

fn matching(by: &By, query: &AgreementQuery) -> Condition {
    Condition::all()
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| standing(by, &query.status)))
        .add_option(query.service_line.as_ref().map(|line| Column::ServiceLine.eq(line)))
        .add_option(query.owner_id.map(|id| Column::OwnerId.eq(id)))
        .add_option(query.external_id.clone().map(|id| Column::ExternalId.eq(id)))
        .add_option(query.ends_on_lte.map(|day| Column::EndsOn.lte(day)))
        // Which of them the caller sees is decided before: every list starts there.
        .add_option(query.q.as_ref().map(|q| search::matching("agreement", Column::Id, Scope::Everything, q)))
}

/// Those in one of these states, as the caller's side sees them.
fn standing(by: &By, wanted: &[AgreementStatus]) -> Condition {
    let own_draft = Column::DraftedBy.eq(side_of(by));
    let others = Condition::any().add(Column::DraftedBy.is_null()).add(Column::DraftedBy.ne(side_of(by)));
    let of_all = Condition::all().add(Column::Status.is_in(wanted.iter().copied())).add(others);
    let amending = wanted.contains(&AgreementStatus::Amending).then_some(own_draft);
    Condition::any().add(of_all).add_option(amending)
}

fn order(sort: AgreementSort) -> Order<Column, entity::Model> {
    match sort {
        AgreementSort::Title | AgreementSort::TitleDescending => Order {
            column: Column::TitleKey,
            id: Column::Id,
            descending: sort == AgreementSort::TitleDescending,
            key: |row| (Key::Folded(text::sort_key(&row.title)), row.id.0),
        },
        AgreementSort::Created | AgreementSort::CreatedDescending => Order {
            column: Column::CreatedAt,
            id: Column::Id,
            descending: sort == AgreementSort::CreatedDescending,
            key: |row| (Key::At(row.created_at), row.id.0),
        },
    }
}
