//! The queries of suppliers. Reads start from the caller's scope; writes take the transaction.

mod index;
mod known;
mod list;

pub use index::{find_similar, taken};
pub use known::{Known, by_external_id, known, lock_suppliers, suspended};
pub use list::{list_suppliers, show_suppliers};

use super::entity::{self, Column, Entity};
use super::rules;
use super::types::{NewSupplier, Supplier, SupplierChange, SupplierStatus, SupplierSummary};
use crate::shared::auth::{By, Scope, account, api_key};
use crate::shared::db::{self, Db, Txn, merge};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{ImportId, SupplierId};
use crate::shared::{search, text};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use std::sync::Arc;
use uuid::Uuid;

/// How deep suppliers may belong to each other.
const DEEPEST: usize = 20;

pub async fn get_supplier(db: &impl ConnectionTrait, scope: Scope, id: SupplierId) -> Result<Supplier> {
    let found = Entity::visible(scope).filter(Column::Id.eq(id)).into_partial_model::<Supplier>().one(db).await?;
    found.map(|supplier| seen_by(scope, supplier)).ok_or_else(Error::not_found)
}

async fn get_suppliers(db: &impl ConnectionTrait, scope: Scope, ids: Vec<Uuid>) -> Result<Vec<Supplier>> {
    let found = Entity::visible(scope).filter(Column::Id.is_in(ids)).into_partial_model::<Supplier>().all(db).await?;
    Ok(found.into_iter().map(|supplier| seen_by(scope, supplier)).collect())
}

/// Reads a supplier to show it: from memory when it was read before and no supplier has changed since.
pub async fn show_supplier(db: &Db, scope: Scope, id: SupplierId) -> Result<Arc<Supplier>> {
    db.hot(Entity, scope, id.0, get_supplier(db.fresh(), scope, id)).await
}

/// Reads a supplier to change it: nobody else can until the transaction ends.
pub async fn lock_supplier(txn: &Txn, scope: Scope, id: SupplierId) -> Result<Supplier> {
    let row = Entity::visible(scope).filter(Column::Id.eq(id)).lock_exclusive();
    let found = row.into_partial_model::<Supplier>().one(txn).await?;
    found.map(|supplier| seen_by(scope, supplier)).ok_or_else(Error::not_found)
}

/// Locks the supplier whose things are to be changed. Users of a suspended one may only read.
pub async fn lock_for_change(txn: &Txn, by: &By, id: SupplierId) -> Result<Supplier> {
    let supplier = lock_supplier(txn, by.scope, id).await?;
    rules::may_change_own(by.scope, supplier.status)?;
    Ok(supplier)
}

/// A supplier does not learn about another one, not even that it belongs to it.
fn seen_by(scope: Scope, supplier: Supplier) -> Supplier {
    match scope {
        Scope::Everything => supplier,
        Scope::Supplier(_) => Supplier { parent_id: None, ..supplier },
    }
}

pub async fn insert_supplier(txn: &Txn, by: &By, new: &NewSupplier) -> Result<SupplierId> {
    if let Some(parent) = new.parent_id {
        refuse_unknown(txn, by.scope, parent, "/parent_id").await?;
    }
    if let Some(external_id) = &new.external_id {
        index::refuse_known_external_id(txn, external_id, None).await?;
    }
    index::refuse_known_legal_ids(txn, &new.legal_ids, None).await?;
    let id = SupplierId::new(&by.clock);
    insert_all(txn, by, None, &[(id, new.clone())]).await?;
    Ok(id)
}

/// Writes new suppliers with all they are found by. Whether they may be made is checked before.
pub async fn insert_all(
    txn: &Txn,
    by: &By,
    import_id: Option<ImportId>,
    new: &[(SupplierId, NewSupplier)],
) -> Result<()> {
    let now = by.clock.now();
    let rows = new.iter().map(|(id, new)| entity::ActiveModel {
        id: Set(*id),
        name_key: Set(text::sort_key(&new.name).into_bytes()),
        status: Set(SupplierStatus::Prospect),
        import_id: Set(import_id),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.clone().into_active_model()
    });
    db::insert_all(txn, rows.collect()).await?;
    let ids = new.iter().map(|(id, _)| *id);
    let made = Entity::find().filter(Column::Id.is_in(ids)).into_partial_model::<Supplier>().all(txn).await?;
    index::write(txn, &made).await
}

/// Applies a patch to the supplier as it was read under lock, and returns it as it is then.
pub async fn update_supplier(txn: &Txn, by: &By, before: &Supplier, change: &SupplierChange) -> Result<Supplier> {
    if let Some(parent) = change.parent_id.wanted() {
        refuse_unknown(txn, by.scope, *parent, "/parent_id").await?;
        refuse_cycle(txn, before.id, *parent).await?;
    }
    if let Some(external_id) = change.external_id.wanted() {
        index::refuse_known_external_id(txn, external_id, Some(before.id)).await?;
    }
    if let Some(legal_ids) = change.legal_ids.wanted() {
        index::refuse_known_legal_ids(txn, legal_ids, Some(before.id)).await?;
    }
    let mut patch = change.clone().into_active_model();
    if let Some(name) = change.name.wanted() {
        patch.name_key = Set(text::sort_key(name).into_bytes());
    }
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(row) = merge(row, patch) else {
        return Ok(before.clone());
    };
    save(txn, by, before, row).await?;
    let after = get_supplier(txn, by.scope, before.id).await?;
    index::rewrite(txn, &after).await?;
    Ok(after)
}

pub async fn update_status(txn: &Txn, by: &By, before: &Supplier, status: SupplierStatus) -> Result<()> {
    save(txn, by, before, entity::ActiveModel { status: Set(status), ..Default::default() }).await
}

async fn save(txn: &Txn, by: &By, before: &Supplier, row: entity::ActiveModel) -> Result<()> {
    let row = entity::ActiveModel { revision: Set(before.revision + 1), updated_at: Set(by.clock.now()), ..row };
    let saved = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(before.id))
        .filter(Column::Revision.eq(before.revision))
        .exec(txn)
        .await?;
    match saved.rows_affected {
        1 => Ok(()),
        _ => Err(Error::new(Code::Conflict, "Somebody else changed it at the same time. Try again.")),
    }
}

pub async fn delete_supplier(txn: &Txn, id: SupplierId) -> Result<()> {
    if account::is_any_of(txn, id).await? {
        return Err(Error::new(Code::InUse, "Somebody has an account for this supplier."));
    }
    if api_key::is_any_of(txn, id).await? {
        return Err(Error::new(Code::InUse, "There are API keys of this supplier, perhaps revoked ones."));
    }
    index::erase(txn, id).await?;
    search::forget(txn, id.0).await?;
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

/// The summaries of some suppliers, for those who may see them.
pub async fn list_summaries(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: Vec<SupplierId>,
) -> Result<Vec<SupplierSummary>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::visible(scope).filter(Column::Id.is_in(ids));
    Ok(rows.into_partial_model::<SupplierSummary>().all(db).await?)
}

/// Fills in `parent` where it was asked for.
pub async fn expand_parents(db: &impl ConnectionTrait, scope: Scope, suppliers: &mut [Supplier]) -> Result<()> {
    let mut ids: Vec<_> = suppliers.iter().filter_map(|supplier| supplier.parent_id).collect();
    ids.sort();
    ids.dedup();
    let parents = list_summaries(db, scope, ids).await?;
    for supplier in suppliers {
        let parent = parents.iter().find(|parent| Some(parent.id) == supplier.parent_id);
        supplier.parent = parent.cloned();
    }
    Ok(())
}

/// Refuses a supplier that the caller does not see; `pointer` is the member that names it.
pub async fn refuse_unknown(txn: &Txn, scope: Scope, id: SupplierId, pointer: &str) -> Result<()> {
    let there = Entity::visible(scope).filter(Column::Id.eq(id)).select_only().expr(Expr::value(1));
    match there.into_tuple::<i32>().one(txn).await? {
        Some(_) => Ok(()),
        None => Err(Error::rule(Code::InvalidReference, pointer, "There is no such supplier.")),
    }
}

/// Walks up from the parent and locks the way, so that two changes at once cannot close a circle.
async fn refuse_cycle(txn: &Txn, id: SupplierId, parent: SupplierId) -> Result<()> {
    let wrong = |detail| Err(Error::rule(Code::RuleViolated, "/parent_id", detail));
    let mut above = Some(parent);
    for _ in 0..DEEPEST {
        let Some(ancestor) = above else {
            return Ok(());
        };
        if ancestor == id {
            return wrong("A supplier cannot belong to itself, directly or through others.");
        }
        let row = Entity::find_by_id(ancestor).lock_exclusive().one(txn).await?;
        above = row.and_then(|row| row.parent_id);
    }
    wrong("Suppliers may belong to each other over at most 20 levels.")
}
