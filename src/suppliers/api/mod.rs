//! Suppliers over HTTP.

mod lifecycle;

pub use lifecycle::LifecycleApi;

use super::types::{
    CreatedSupplier, NewSupplier, Supplier, SupplierChange, SupplierExpansion, SupplierExpansions, SupplierQuery,
};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::suppliers::{Create, Delete, Read, Update};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use std::sync::Arc;

pub struct SuppliersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Suppliers")]
impl SuppliersApi {
    /// List suppliers
    ///
    /// Suppliers that match all filters, a page at a time. Supplier roles find their own only.
    #[oai(path = "/suppliers", method = "get", operation_id = "listSuppliers")]
    async fn list_suppliers(&self, by: May<Read>, query: Params<SupplierQuery>) -> Result<Listed<Page<Arc<Supplier>>>> {
        Listed::new(&store::show_suppliers(&self.app.db, &by, &query).await?)
    }

    /// Create a supplier
    ///
    /// It starts as a prospect. An identity that another supplier has is refused (409
    /// `already_exists` with `existing_id`); similar names are listed in the answer.
    #[oai(path = "/suppliers", method = "post", operation_id = "createSupplier")]
    async fn create_supplier(
        &self,
        by: May<Create>,
        once: Once,
        new: Body<NewSupplier>,
    ) -> Result<Created<CreatedSupplier>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, new)| {
                Box::pin(async move {
                    rules::check_legal_ids(&new.legal_ids)?;
                    let id = store::insert_supplier(txn, by, new).await?;
                    let supplier = store::get_supplier(txn, by.scope, id).await?;
                    let entry = Entry::new("supplier.create", id.0).about(id).between(None, Some(&supplier));
                    history::record(txn, by, entry).await?;
                    let similar = store::find_similar(txn, by.scope, &supplier.name, id).await?;
                    let revision = supplier.revision;
                    Created::new(format!("/v1/suppliers/{id}"), revision, &CreatedSupplier { supplier, similar })
                })
            })
            .await
    }

    /// Get a supplier
    #[oai(path = "/suppliers/:supplier_id", method = "get", operation_id = "getSupplier")]
    async fn get_supplier(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        query: Params<SupplierExpansions>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Supplier>> {
        let db = &self.app.db;
        let mut supplier = store::show_supplier(db, by.scope, supplier_id.0).await?;
        if query.expand.contains(&SupplierExpansion::Parent) {
            let supplier = Arc::make_mut(&mut supplier);
            store::expand_parents(db.fresh(), by.scope, std::slice::from_mut(supplier)).await?;
            // The parent changes without a new revision of this one.
            return Found::new(&IfNoneMatch::ignored(), supplier.revision, supplier);
        }
        Found::new(&if_none_match, supplier.revision, supplier.as_ref())
    }

    /// Change a supplier
    ///
    /// A JSON Merge Patch. An empty patch changes nothing and makes no new revision. The status
    /// is changed by the transitions only. A supplier's administrator changes its address, categories
    /// and regions (403 `forbidden` names the other members).
    #[oai(path = "/suppliers/:supplier_id", method = "patch", operation_id = "updateSupplier")]
    async fn update_supplier(
        &self,
        by: May<Update>,
        supplier_id: Path<SupplierId>,
        if_match: IfMatch,
        change: Patch<SupplierChange>,
    ) -> Result<Changed<Supplier>> {
        let update = (by.by(), supplier_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_for_change(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_change(by.scope, change)?;
                    change.legal_ids.wanted().map_or(Ok(()), |ids| rules::check_legal_ids(ids))?;
                    let after = store::update_supplier(txn, by, &before, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::new("supplier.update", id.0).about(*id).between(Some(&before), Some(&after));
                        history::record(txn, by, entry).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Delete a supplier
    ///
    /// Only a prospect that nothing refers to, made by mistake (409 `invalid_state` or `in_use`
    /// otherwise). Its history stays.
    #[oai(path = "/suppliers/:supplier_id", method = "delete", operation_id = "deleteSupplier")]
    async fn delete_supplier(
        &self,
        by: May<Delete>,
        supplier_id: Path<SupplierId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), supplier_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_supplier(txn, by.scope, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_delete(before.status)?;
                    store::delete_supplier(txn, *id).await?;
                    let entry = Entry::new("supplier.delete", id.0).about(*id).between(Some(&before), None);
                    history::record(txn, by, entry).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
