//! Versions of promises over HTTP.

use super::super::publishing::{Publishing, revise};
use super::super::store;
use super::super::types::{NewPromiseVersion, Promise, PromiseVersion, VersionQuery};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::PromiseId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::promises::{Publish, Read};
use crate::shared::reply::{Changed, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct VersionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Promises")]
impl VersionsApi {
    /// List versions of a promise
    ///
    /// The oldest first: which target judged which occasion.
    #[oai(path = "/promises/:promise_id/versions", method = "get", operation_id = "listPromiseVersions")]
    async fn list_versions(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        query: Params<VersionQuery>,
    ) -> Result<Listed<Page<PromiseVersion>>> {
        store::get_promise(self.app.db.fresh(), &by, promise_id.0).await?;
        Listed::new(&store::list_versions(self.app.db.read(), &by, promise_id.0, &query).await?)
    }

    /// Give a promise a new version
    ///
    /// A new target is a new version: occasions made from `effective_from` on are judged by it, earlier ones never.
    /// It takes effect now or later, after the version before (422). It is stated as a whole; numbers that are left out
    /// are those of the clause in force. A checked promise is a draft again, and has to be checked anew. A published
    /// one stays published: the new version passes the gate here, as in `publishPromise`, or is refused (422), and
    /// takes the place of the published one when it takes effect. A paused one stays paused.
    #[oai(path = "/promises/:promise_id/versions", method = "post", operation_id = "createPromiseVersion")]
    async fn create_version(
        &self,
        by: May<Publish>,
        promise_id: Path<PromiseId>,
        once: Once,
        if_match: IfMatch,
        new: Body<NewPromiseVersion>,
    ) -> Result<Changed<Promise>> {
        let keyed = once.over(&by, &new.digest);
        let revise_it = (by.by(), promise_id.0, if_match, new.value);
        self.app
            .db
            .once(keyed, revise_it, |txn, (by, id, if_match, new)| {
                Box::pin(async move {
                    let locked = store::lock_promise(txn, by, *id).await?;
                    if_match.check(locked.row.revision)?;
                    let before = locked.shown(by)?;
                    let today = today(txn, &by.clock).await?;
                    revise(txn, &Publishing { by, locked: &locked, today }, new).await?;
                    let after = store::get_promise(txn, by, *id).await?;
                    let entry = Entry::new("promise.revise", id.0).about(before.supplier_id);
                    history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
