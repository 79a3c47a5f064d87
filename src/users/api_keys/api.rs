//! API keys over HTTP.

use super::store;
use super::types::{ApiKey, ApiKeyChange, ApiKeyQuery, IssuedApiKey, NewApiKey, Rotation};

use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::auth::api_key::ApiKeyId;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::api_keys::{Read, Rotate, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ApiKeysApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::ApiKeys")]
impl ApiKeysApi {
    /// List API keys
    ///
    /// Revoked and expired ones too. A supplier's administrator sees those of its supplier.
    #[oai(path = "/api-keys", method = "get", operation_id = "listApiKeys")]
    async fn list_api_keys(&self, by: May<Read>, query: Params<ApiKeyQuery>) -> Result<Listed<Page<ApiKey>>> {
        Listed::new(&store::list_api_keys(self.app.db.fresh(), &by, &query).await?)
    }

    /// Make an API key
    ///
    /// The answer holds the key itself; it is not shown again, not even when the answer is repeated for
    /// an `Idempotency-Key`. A key of a supplier can have only the scopes that its administrator's
    /// role reaches (422 `rule_violated`).
    #[oai(path = "/api-keys", method = "post", operation_id = "createApiKey")]
    async fn create_api_key(&self, by: May<Write>, once: Once, new: Body<NewApiKey>) -> Result<Created<IssuedApiKey>> {
        let keyed = once.over(&by, &new.digest);
        let made = self.app.db.once(keyed, (by.by(), new.value), |txn, (by, new)| {
            Box::pin(async move {
                let made = store::insert_api_key(txn, by, new).await?;
                store::record(txn, by, "api_key.create", None, &made.api_key).await?;
                let at = format!("/v1/api-keys/{}", made.api_key.id);
                Created::new(at, made.api_key.revision, &made.without_key())?.showing_once(&made)
            })
        });
        let made = made.await?;
        self.app.gate.forget();
        Ok(made)
    }

    /// Get an API key
    #[oai(path = "/api-keys/:api_key_id", method = "get", operation_id = "getApiKey")]
    async fn get_api_key(&self, by: May<Read>, api_key_id: Path<ApiKeyId>) -> Result<Found<ApiKey>> {
        let key = store::get_api_key(self.app.db.fresh(), &by, api_key_id.0).await?;
        // Its status and its last use change without a new revision.
        Found::new(&IfNoneMatch::ignored(), key.revision, &key)
    }

    /// Change an API key
    ///
    /// It counts on all instances within a second. A revoked key cannot be changed (409
    /// `invalid_state`).
    #[oai(path = "/api-keys/:api_key_id", method = "patch", operation_id = "updateApiKey")]
    async fn update_api_key(
        &self,
        by: May<Write>,
        api_key_id: Path<ApiKeyId>,
        if_match: IfMatch,
        change: Patch<ApiKeyChange>,
    ) -> Result<Changed<ApiKey>> {
        let update = (by.by(), api_key_id.0, if_match, change.0);
        let changed = self.app.db.write(update, |txn, (by, id, if_match, change)| {
            Box::pin(async move {
                let before = store::lock_api_key(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let after = store::update_api_key(txn, by, &before, change).await?;
                if after.revision != before.revision {
                    store::record(txn, by, "api_key.update", Some(&before), &after).await?;
                }
                Changed::new(after.revision, &after)
            })
        });
        let changed = changed.await?;
        self.app.gate.forget();
        Ok(changed)
    }

    /// Revoke an API key
    ///
    /// It is refused at once here, and on all other instances within a second. It stays in the list, with
    /// the status `revoked`; revoking it again is 409 `invalid_state`.
    #[oai(path = "/api-keys/:api_key_id", method = "delete", operation_id = "revokeApiKey")]
    async fn revoke_api_key(
        &self,
        by: May<Write>,
        api_key_id: Path<ApiKeyId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let revoked = self.app.db.write((by.by(), api_key_id.0, if_match), |txn, (by, id, if_match)| {
            Box::pin(async move {
                let before = store::lock_api_key(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let after = store::revoke_api_key(txn, by, &before).await?;
                store::record(txn, by, "api_key.revoke", Some(&before), &after).await
            })
        });
        revoked.await?;
        self.app.gate.forget();
        Ok(Removed::new())
    }

    /// Rotate an API key
    ///
    /// Gives it another secret, shown only here. The old one works until the overlap ends; one that was
    /// still working from an earlier rotation ends at once. Only a working key can be rotated (409
    /// `invalid_state`).
    #[oai(path = "/api-keys/:api_key_id/rotate", method = "post", operation_id = "rotateApiKey")]
    async fn rotate_api_key(
        &self,
        by: May<Rotate>,
        api_key_id: Path<ApiKeyId>,
        once: Once,
        if_match: IfMatch,
        rotation: Body<Rotation>,
    ) -> Result<Changed<IssuedApiKey>> {
        let keyed = once.over(&by, &rotation.digest);
        let rotate = (by.by(), api_key_id.0, if_match, rotation.value);
        let rotated = self.app.db.once(keyed, rotate, |txn, (by, id, if_match, rotation)| {
            Box::pin(async move {
                let before = store::lock_api_key(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let made = store::rotate_api_key(txn, by, &before, rotation).await?;
                store::record(txn, by, "api_key.rotate", Some(&before), &made.api_key).await?;
                Changed::new(made.api_key.revision, &made.without_key())?.showing_once(&made)
            })
        });
        let rotated = rotated.await?;
        self.app.gate.forget();
        Ok(rotated)
    }
}
