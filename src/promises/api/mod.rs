//! Promises over HTTP.

mod lifecycle;
mod versions;

pub use lifecycle::LifecycleApi;
pub use versions::VersionsApi;

use super::types::{NewPromise, Promise, PromiseChange, PromiseQuery};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::PromiseId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::promises::{Delete, Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct PromisesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Promises")]
impl PromisesApi {
    /// List promises
    ///
    /// Promises that match all filters, in the order they were made, a page at a time. Suppliers find those of
    /// their own agreements.
    #[oai(path = "/promises", method = "get", operation_id = "listPromises")]
    async fn list_promises(&self, by: May<Read>, query: Params<PromiseQuery>) -> Result<Listed<Page<Promise>>> {
        Listed::new(&store::list_promises(self.app.db.read(), &by, &query).await?)
    }

    /// Make a promise
    ///
    /// A draft on a clause of the version in force; numbers that are left out are the clause's. What the supplier and
    /// we promise each other says what the signed clause says; what customers are promised is ours to decide. 422
    /// when the agreement is not in force, the clause is not part of it, the numbers do not fit or differ, or the
    /// supplier is suspended; 409 `already_exists` when another promise has the external id.
    #[oai(path = "/promises", method = "post", operation_id = "createPromise")]
    async fn create_promise(&self, by: May<Write>, once: Once, new: Body<NewPromise>) -> Result<Created<Promise>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, new)| {
                Box::pin(async move {
                    let id = store::insert_promise(txn, by, new).await?;
                    let promise = store::get_promise(txn, by, id).await?;
                    let entry = Entry::new("promise.create", id.0).about(promise.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&promise))).await?;
                    Created::new(format!("/v1/promises/{id}"), promise.revision, &promise)
                })
            })
            .await
    }

    /// Get a promise
    #[oai(path = "/promises/:promise_id", method = "get", operation_id = "getPromise")]
    async fn get_promise(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Promise>> {
        let promise = store::get_promise(self.app.db.fresh(), &by, promise_id.0).await?;
        if promise.version < promise.latest_version {
            // The next version takes effect without a new revision.
            return Found::new(&IfNoneMatch::ignored(), promise.revision, &promise);
        }
        Found::new(&if_none_match, promise.revision, &promise)
    }

    /// Change a promise
    ///
    /// A JSON Merge Patch of what is not a number. An empty patch changes nothing and makes no new revision. The
    /// wording of what was published changes by a new version only (409 `invalid_state`).
    #[oai(path = "/promises/:promise_id", method = "patch", operation_id = "updatePromise")]
    async fn update_promise(
        &self,
        by: May<Write>,
        promise_id: Path<PromiseId>,
        if_match: IfMatch,
        change: Patch<PromiseChange>,
    ) -> Result<Changed<Promise>> {
        let update = (by.by(), promise_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let locked = store::lock_promise(txn, by, *id).await?;
                    if_match.check(locked.row.revision)?;
                    let before = locked.shown(by)?;
                    let after = store::update_promise(txn, by, &locked, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::new("promise.update", id.0).about(before.supplier_id);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Delete a promise
    ///
    /// Only a draft without commitments, made by mistake (409 `invalid_state` or `in_use` otherwise).
    #[oai(path = "/promises/:promise_id", method = "delete", operation_id = "deletePromise")]
    async fn delete_promise(
        &self,
        by: May<Delete>,
        promise_id: Path<PromiseId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), promise_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let locked = store::lock_promise(txn, by, *id).await?;
                    if_match.check(locked.row.revision)?;
                    rules::Verb::Delete.apply(locked.row.status)?;
                    let before = locked.shown(by)?;
                    store::delete_promise(txn, *id).await?;
                    let entry = Entry::new("promise.delete", id.0).about(before.supplier_id);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
