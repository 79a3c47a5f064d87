//! The transitions of promises over HTTP.

use super::super::publishing::Publishing;
use super::super::rules::Verb;
use super::super::store;
use super::super::types::{Promise, PromiseReason, Publication};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::PromiseId;
use crate::shared::idempotency::Once;
use crate::shared::permission::promises::Publish;
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LifecycleApi {
    pub app: App,
}

type Moved = Result<Changed<Promise>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Promises")]
impl LifecycleApi {
    /// Check what a promise can bear
    ///
    /// Holds the newest version against the history of the last 365 days and keeps what was found; read it with
    /// `listCapabilityChecks`. draft → checked; in other states nothing but the check is kept. 409 once retired.
    #[oai(path = "/promises/:promise_id/check", method = "post", operation_id = "checkPromise")]
    async fn check(&self, by: May<Publish>, promise_id: Path<PromiseId>, once: Once, if_match: IfMatch) -> Moved {
        self.change(by, promise_id.0, once, if_match, Step { verb: Verb::Check, digest: vec![], why: None, how: None })
            .await
    }

    /// Publish a promise
    ///
    /// checked → published. The verdict is computed anew. `demonstrated` is published freely; `contradicted` never (422
    /// with the numbers in `capability`); anything between needs an approval by the calling account (422 at
    /// `/approval`), with a reason and a day to come on which it is looked at again. 422 also when the agreement is no
    /// longer in force, the supplier is suspended, or the signed clause has other numbers (`differs_from_clause`).
    #[oai(path = "/promises/:promise_id/publish", method = "post", operation_id = "publishPromise")]
    async fn publish(
        &self,
        by: May<Publish>,
        promise_id: Path<PromiseId>,
        once: Once,
        if_match: IfMatch,
        how: Body<Publication>,
    ) -> Moved {
        let step = Step { verb: Verb::Publish, digest: how.digest, why: None, how: Some(how.value) };
        self.change(by, promise_id.0, once, if_match, step).await
    }

    /// Pause a promise
    ///
    /// published → paused, with the reason. Occasions are still recorded, but they were not promised; a version
    /// that would have taken effect later is not published either.
    #[oai(path = "/promises/:promise_id/pause", method = "post", operation_id = "pausePromise")]
    async fn pause(
        &self,
        by: May<Publish>,
        promise_id: Path<PromiseId>,
        once: Once,
        if_match: IfMatch,
        why: Body<PromiseReason>,
    ) -> Moved {
        let step = Step { verb: Verb::Pause, digest: why.digest, why: Some(why.value.reason), how: None };
        self.change(by, promise_id.0, once, if_match, step).await
    }

    /// Resume a promise
    ///
    /// paused → published, through the gate as in `publishPromise`. It goes on in a new version with the same numbers,
    /// so that it stays known when it was promised and when not. 422 when the signed clause has other numbers by now:
    /// give it a new version first; and while its newest version is yet to take effect.
    #[oai(path = "/promises/:promise_id/resume", method = "post", operation_id = "resumePromise")]
    async fn resume(
        &self,
        by: May<Publish>,
        promise_id: Path<PromiseId>,
        once: Once,
        if_match: IfMatch,
        how: Body<Publication>,
    ) -> Moved {
        let step = Step { verb: Verb::Resume, digest: how.digest, why: None, how: Some(how.value) };
        self.change(by, promise_id.0, once, if_match, step).await
    }

    /// Retire a promise
    ///
    /// Any state → retired, with the reason. Nothing is promised or recorded any more; its history stays.
    #[oai(path = "/promises/:promise_id/retire", method = "post", operation_id = "retirePromise")]
    async fn retire(
        &self,
        by: May<Publish>,
        promise_id: Path<PromiseId>,
        once: Once,
        if_match: IfMatch,
        why: Body<PromiseReason>,
    ) -> Moved {
        let step = Step { verb: Verb::Retire, digest: why.digest, why: Some(why.value.reason), how: None };
        self.change(by, promise_id.0, once, if_match, step).await
    }
}

/// One transition with what was said about it.
struct Step {
    verb: Verb,
    digest: Vec<u8>,
    why: Option<String>,
    how: Option<Publication>,
}

impl LifecycleApi {
    async fn change(&self, by: May<Publish>, id: PromiseId, once: Once, if_match: IfMatch, step: Step) -> Moved {
        let keyed = once.over(&by, &step.digest);
        let change = (by.by(), id, if_match, step);
        self.app
            .db
            .once(keyed, change, |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let locked = store::lock_promise(txn, by, *id).await?;
                    if_match.check(locked.row.revision)?;
                    let before = locked.shown(by)?;
                    take(txn, by, &locked, step).await?;
                    let after = store::get_promise(txn, by, *id).await?;
                    let entry = Entry::new(step.verb.action(), id.0).about(before.supplier_id);
                    let entry = entry.between(Some(&before), Some(&after));
                    let given = step.how.as_ref().and_then(|how| how.approval.as_ref());
                    let reason = step.why.as_deref().or(given.map(|approval| approval.reason.as_str()));
                    history::record(txn, by, entry.because(reason)).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}

async fn take(txn: &Txn, by: &By, locked: &store::Locked, step: &Step) -> Result<()> {
    let today = today(txn, &by.clock).await?;
    let publishing = Publishing { by, locked, today };
    let approval = step.how.as_ref().and_then(|how| how.approval.as_ref());
    match step.verb {
        Verb::Publish => return publishing.publish(txn, approval).await,
        Verb::Resume => return publishing.resume(txn, approval).await,
        _ => {}
    }
    let status = step.verb.apply(locked.row.status)?;
    match step.verb {
        Verb::Check => drop(publishing.check(txn, locked.latest()?).await?),
        _ => store::unpublish(txn, locked.row.id, by.clock.now()).await?,
    }
    store::update_status(txn, by, &locked.row, status).await
}
