//! The tables beside `supplier` that make legal ids unique, tags filterable, names findable.

use super::super::entity::{Column, Entity, legal_id, tag};
use super::super::rules;
use super::super::types::{ExternalId, LegalId, Supplier, SupplierSummary};
use crate::shared::auth::Scope;
use crate::shared::db::{Txn, insert_all};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::{search, text};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// How many suppliers with the same first letters are looked at for likeness.
const COMPARED: u64 = 200;
const SHOWN: usize = 5;

/// Writes anew what `supplier` is found by.
pub async fn rewrite(txn: &Txn, supplier: &Supplier) -> Result<()> {
    erase(txn, supplier.id).await?;
    search::forget(txn, supplier.id.0).await?;
    write(txn, std::slice::from_ref(supplier)).await
}

/// Writes what new suppliers are found by.
pub async fn write(txn: &Txn, suppliers: &[Supplier]) -> Result<()> {
    let ids = suppliers.iter().flat_map(|supplier| {
        supplier.legal_ids.iter().map(|id| legal_id::ActiveModel {
            scheme: Set(id.scheme.to_string()),
            value: Set(rules::comparable(id)),
            supplier_id: Set(supplier.id),
        })
    });
    insert_all(txn, ids.collect()).await?;
    let tags = suppliers.iter().flat_map(|supplier| {
        let categories = supplier.categories.iter().map(|value| ("category", value.to_string()));
        let regions = supplier.regions.iter().map(|value| ("region", value.to_string()));
        categories.chain(regions).map(|(kind, value)| tag::ActiveModel {
            kind: Set(kind.to_owned()),
            value: Set(value),
            supplier_id: Set(supplier.id),
        })
    });
    insert_all(txn, tags.collect()).await?;
    let texts = suppliers.iter().map(|supplier| (supplier.id.0, found_by(supplier))).collect();
    search::index_new(txn, "supplier", texts).await
}

fn found_by(supplier: &Supplier) -> String {
    let mut texts = vec![supplier.name.clone()];
    texts.extend(supplier.external_id.iter().map(|id| id.to_string()));
    texts.extend(supplier.legal_ids.iter().flat_map(|id| [id.value.clone(), rules::comparable(id)]));
    texts.extend(supplier.categories.iter().map(|category| category.to_string()));
    texts.join(" ")
}

pub async fn erase(txn: &Txn, id: SupplierId) -> Result<()> {
    legal_id::Entity::delete_many().filter(legal_id::Column::SupplierId.eq(id)).exec(txn).await?;
    tag::Entity::delete_many().filter(tag::Column::SupplierId.eq(id)).exec(txn).await?;
    Ok(())
}

/// 409 with the supplier that has one of these identities already.
pub async fn refuse_known_legal_ids(txn: &Txn, ids: &[LegalId], own: Option<SupplierId>) -> Result<()> {
    let any = ids.iter().fold(Condition::any(), |any, id| {
        let same = Condition::all()
            .add(legal_id::Column::Scheme.eq(&*id.scheme))
            .add(legal_id::Column::Value.eq(rules::comparable(id)));
        any.add(same)
    });
    if any.is_empty() {
        return Ok(());
    }
    let others = legal_id::Entity::find().filter(any).all(txn).await?;
    match others.into_iter().find(|other| Some(other.supplier_id) != own) {
        Some(other) => Err(taken(&format!("The {} {}", other.scheme, other.value), other.supplier_id)),
        None => Ok(()),
    }
}

pub async fn refuse_known_external_id(txn: &Txn, external_id: &ExternalId, own: Option<SupplierId>) -> Result<()> {
    let other = Entity::find().filter(Column::ExternalId.eq(external_id.clone())).one(txn).await?;
    match other.filter(|other| Some(other.id) != own) {
        Some(other) => Err(taken(&format!("The external id {}", &**external_id), other.id)),
        None => Ok(()),
    }
}

pub fn taken(what: &str, by: SupplierId) -> Error {
    let detail = format!("{what} belongs to another supplier already.");
    Error::new(Code::AlreadyExists, detail).with("existing_id", by.to_string())
}

/// Suppliers whose names look like this one, most alike first.
pub async fn find_similar(
    db: &impl ConnectionTrait,
    scope: Scope,
    name: &str,
    own: SupplierId,
) -> Result<Vec<SupplierSummary>> {
    let from: String = text::fold(name).chars().take(3).collect();
    let mut to = from.clone().into_bytes();
    to.push(0xff);
    let near = Entity::visible(scope)
        .filter(Column::NameKey.gte(from.into_bytes()))
        .filter(Column::NameKey.lt(to))
        .filter(Column::Id.ne(own))
        .order_by_asc(Column::NameKey)
        .limit(COMPARED)
        .into_partial_model::<SupplierSummary>()
        .all(db)
        .await?;
    let mut alike: Vec<_> = near
        .into_iter()
        .map(|other| (rules::likeness(&other.name, name), other))
        .filter(|(likeness, _)| *likeness >= rules::ALIKE)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(alike.into_iter().take(SHOWN).map(|(_, other)| other).collect())
}
