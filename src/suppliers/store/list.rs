//! The list of suppliers: filters, full text, orders.

use super::super::entity::{Column, Entity, tag};
use super::super::types::{Supplier, SupplierExpansion, SupplierQuery, SupplierSort};
use super::{expand_parents, get_suppliers, seen_by};
use crate::shared::auth::{By, Scope};
use crate::shared::db::Db;
use crate::shared::error::Result;
use crate::shared::page::{Key, Order, Page, hot_rows, rows};
use crate::shared::params::Params;
use crate::shared::{search, text};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};
use std::sync::Arc;

pub async fn list_suppliers(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<SupplierQuery>,
) -> Result<Page<Supplier>> {
    let select = Entity::visible(by.scope).filter(matching(by.scope, query));
    let mut found = rows(db, by, select, order(query.sort), &query.paging, &query.filter).await?;
    if query.expand.contains(&SupplierExpansion::Parent) {
        expand_parents(db, by.scope, &mut found.data).await?;
    }
    Ok(Page::of(found, |supplier| seen_by(by.scope, supplier)))
}

/// Reads a page to show it: from memory as far as its suppliers were read before and none has changed since.
pub async fn show_suppliers(db: &Db, by: &By, query: &Params<SupplierQuery>) -> Result<Page<Arc<Supplier>>> {
    if query.expand.is_empty() {
        let select = Entity::visible(by.scope).filter(matching(by.scope, query));
        let read = |ids| get_suppliers(db.read(), by.scope, ids);
        let found = hot_rows(db, by, select, order(query.sort), (&query.paging, &query.filter), read).await?;
        if let Some(found) = found {
            return Ok(Page::of(found, |supplier| supplier));
        }
    }
    Ok(list_suppliers(db.read(), by, query).await?.map(Arc::new))
}

fn matching(scope: Scope, query: &SupplierQuery) -> Condition {
    let tagged =
        |kind, values: Vec<String>| (!values.is_empty()).then(|| Column::Id.in_subquery(having(scope, kind, values)));
    let categories = query.category.iter().map(|value| value.to_string()).collect();
    let regions = query.region.iter().map(|value| value.to_string()).collect();
    Condition::all()
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option((!query.kind.is_empty()).then(|| Column::Kind.is_in(query.kind.clone())))
        .add_option(tagged("category", categories))
        .add_option(tagged("region", regions))
        .add_option(query.customer_facing.map(|facing| Column::CustomerFacing.eq(facing)))
        .add_option(query.external_id.clone().map(|id| Column::ExternalId.eq(id)))
        .add_option(query.parent_id.map(|parent| match scope {
            Scope::Everything => Column::ParentId.eq(parent),
            // A supplier cannot find out by filtering what it cannot read.
            Scope::Supplier(_) => Column::Id.is_null(),
        }))
        .add_option(query.created_at_gte.map(|from| Column::CreatedAt.gte(from)))
        .add_option(query.created_at_lt.map(|to| Column::CreatedAt.lt(to)))
        .add_option(query.q.as_ref().map(|q| search::matching("supplier", Column::Id, scope, q)))
}

fn having(scope: Scope, kind: &str, values: Vec<String>) -> SelectStatement {
    Query::select()
        .column(tag::Column::SupplierId)
        .from(tag::Entity)
        .and_where(tag::Column::Kind.eq(kind))
        .and_where(tag::Column::Value.is_in(values))
        .cond_where(scope.on(tag::Column::SupplierId))
        .to_owned()
}

fn order(sort: SupplierSort) -> Order<Column, Supplier> {
    match sort {
        SupplierSort::Name | SupplierSort::NameDescending => Order {
            column: Column::NameKey,
            id: Column::Id,
            descending: sort == SupplierSort::NameDescending,
            key: |supplier| (Key::Folded(text::sort_key(&supplier.name)), supplier.id.0),
        },
        SupplierSort::Created | SupplierSort::CreatedDescending => Order {
            column: Column::CreatedAt,
            id: Column::Id,
            descending: sort == SupplierSort::CreatedDescending,
            key: |supplier| (Key::At(supplier.created_at), supplier.id.0),
        },
    }
}
