//! Underpinnings over HTTP.

use super::super::store as promises;
use super::types::{NewUnderpinning, Underpinning};
use super::{rules, store};
use crate::agreements::Direction;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::PromiseId;
use crate::shared::permission::promises::Write;
use crate::shared::permission::underpinnings::Read;
use crate::shared::reply::{Changed, Found};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct UnderpinningApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Promises")]
impl UnderpinningApi {
    /// Get the underpinning of a promise
    ///
    /// Whether what the promise rests on is reliable and fast enough, which link is the weakest, and what each would
    /// need. Linked promises count with the version in force now. 404 when nothing is known of what it rests on.
    #[oai(path = "/promises/:promise_id/underpinning", method = "get", operation_id = "getUnderpinning")]
    async fn get_underpinning(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        _if_none_match: IfNoneMatch,
    ) -> Result<Found<Underpinning>> {
        let db = self.app.db.fresh();
        let promise = promises::get_promise(db, &by, promise_id.0).await?;
        let found = store::get_underpinning(db, &by, &promise).await?;
        // The numbers of the links change without a new revision of this.
        Found::new(&IfNoneMatch::ignored(), found.revision, &found)
    }

    /// Say what a promise rests on
    ///
    /// Replaces the whole tree. Only promises to customers rest on others (422). A link is a promise that you see (422
    /// `invalid_reference`), or an estimate; nothing rests on itself, directly or through others (422).
    #[oai(path = "/promises/:promise_id/underpinning", method = "put", operation_id = "putUnderpinning")]
    async fn put_underpinning(
        &self,
        by: May<Write>,
        promise_id: Path<PromiseId>,
        if_match: IfMatch,
        new: Body<NewUnderpinning>,
    ) -> Result<Changed<Underpinning>> {
        let put = (by.by(), promise_id.0, if_match, new.value.tree);
        self.app
            .db
            .write(put, |txn, (by, id, if_match, tree)| {
                Box::pin(async move {
                    let locked = promises::lock_promise(txn, by, *id).await?;
                    let before = store::find(txn, *id).await?;
                    if_match.check(before.as_ref().map_or(0, |before| before.revision))?;
                    if locked.row.direction != Direction::SupplierToCustomer {
                        let detail = "Only a promise to customers rests on others.";
                        return Err(Error::rule(Code::RuleViolated, "/tree", detail));
                    }
                    rules::check(tree)?;
                    store::check_links(txn, by, *id, tree).await?;
                    store::put_underpinning(txn, by, *id, before.as_ref(), tree).await?;
                    let after = store::get_underpinning(txn, by, &locked.shown(by)?).await?;
                    let entry = Entry::new("promise.underpin", id.0).about(locked.row.supplier_id);
                    let tree = before.map(|before| serde_json::json!({"tree": before.links}));
                    let now = serde_json::json!({"tree": after.tree});
                    history::record(txn, by, entry.between(tree.as_ref(), Some(&now))).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
