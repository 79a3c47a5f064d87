//! Credentials over HTTP.

mod decisions;

pub use decisions::DecisionsApi;

use super::types::{Credential, CredentialChange, CredentialId, CredentialQuery, NewCredential};
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
use crate::shared::permission::credentials::{Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use crate::suppliers::{get_supplier, lock_for_change};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct CredentialsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Credentials")]
impl CredentialsApi {
    /// List credentials of a supplier
    #[oai(path = "/suppliers/:supplier_id/credentials", method = "get", operation_id = "listCredentials")]
    async fn list_credentials(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        query: Params<CredentialQuery>,
    ) -> Result<Listed<Page<Credential>>> {
        get_supplier(self.app.db.fresh(), by.scope, supplier_id.0).await?;
        Listed::new(&store::list_credentials(self.app.db.read(), &by, supplier_id.0, &query).await?)
    }

    /// Add a credential to a supplier
    #[oai(path = "/suppliers/:supplier_id/credentials", method = "post", operation_id = "createCredential")]
    async fn create_credential(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        once: Once,
        new: Body<NewCredential>,
    ) -> Result<Created<Credential>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), supplier_id.0, new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, supplier, new)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    rules::check_dates(new.valid_from, new.valid_to)?;
                    let id = store::insert_credential(txn, by, *supplier, new).await?;
                    let credential = store::get_credential(txn, by, *supplier, id).await?;
                    let entry = Entry::new("credential.create", id.0).about(*supplier).between(None, Some(&credential));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/suppliers/{supplier}/credentials/{id}"), credential.revision, &credential)
                })
            })
            .await
    }

    /// Get a credential of a supplier
    ///
    /// Always in full: `validity` changes with the day, without a new revision.
    #[oai(path = "/suppliers/:supplier_id/credentials/:credential_id", method = "get", operation_id = "getCredential")]
    async fn get_credential(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
    ) -> Result<Found<Credential>> {
        let credential = store::get_credential(self.app.db.fresh(), &by, supplier_id.0, credential_id.0).await?;
        Found::new(&IfNoneMatch::ignored(), credential.revision, &credential)
    }

    /// Change a credential of a supplier
    ///
    /// Only while nobody has decided about it (409 `invalid_state`).
    #[oai(
        path = "/suppliers/:supplier_id/credentials/:credential_id",
        method = "patch",
        operation_id = "updateCredential"
    )]
    async fn update_credential(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
        if_match: IfMatch,
        change: Patch<CredentialChange>,
    ) -> Result<Changed<Credential>> {
        let update = (by.by(), supplier_id.0, credential_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, supplier, id, if_match, change)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_credential(txn, by, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_change(before.status)?;
                    let after = store::update_credential(txn, by, &before, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::new("credential.update", id.0).about(*supplier);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Remove a credential from a supplier
    ///
    /// Only while nobody has decided about it (409 `invalid_state`).
    #[oai(
        path = "/suppliers/:supplier_id/credentials/:credential_id",
        method = "delete",
        operation_id = "deleteCredential"
    )]
    async fn delete_credential(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), supplier_id.0, credential_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, supplier, id, if_match)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_credential(txn, by, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_change(before.status)?;
                    store::delete_credential(txn, *id).await?;
                    let entry = Entry::new("credential.delete", id.0).about(*supplier);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
