//! Capability over HTTP.

use super::super::store as promises;
use super::super::types::Promise;
use super::store::{self, Question};
use super::types::{Capability, CapabilityCheck, CapabilityQuery, CheckQuery};
use crate::agreements::Metric;
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::days;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::PromiseId;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::promises::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct CapabilityApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Promises")]
impl CapabilityApi {
    /// Ask what a history supports
    ///
    /// What would the check say of another reliability, another target, another window? Nothing is stored. A target is
    /// given as the promise's metric has it, `target` or `target_duration` (422 otherwise).
    ///
    /// The version in force now is asked about, whatever the window; `as_of` a past day looks at nothing that was due
    /// later. Publishing always looks at the last 365 days.
    ///
    /// While all occasions of the window were judged by the very target asked about, outcomes are counted. Otherwise each
    /// is judged anew, with the precision, grace and calendar of the promise: exact below 1,000 occasions, from there on
    /// up to 1 % too cautious, and more so where an earlier version had more grace or counted whole days. Times that were
    /// agreed one by one (a `due_at` of its own) are not seen by that.
    #[oai(path = "/promises/:promise_id/capability", method = "get", operation_id = "getCapability")]
    async fn get_capability(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        query: Params<CapabilityQuery>,
    ) -> Result<Listed<Capability>> {
        let promise = promises::get_promise(self.app.db.fresh(), &by, promise_id.0).await?;
        let today = today(self.app.db.fresh(), &by.clock).await?;
        let window = days::window(&query.days, today)?;
        let versions = promises::versions_of(self.app.db.fresh(), vec![promise.id]).await?;
        let now = by.clock.now();
        let version = promises::current(&versions, now).ok_or_else(Error::not_found)?;
        let mut question = Question::about(version, window, today);
        question.target = asked(&promise, &query)?.unwrap_or(question.target);
        question.reliability = query.reliability.unwrap_or(question.reliability);
        Listed::new(&store::assess(self.app.db.read(), &question, &versions, now).await?)
    }

    /// List capability checks of a promise
    ///
    /// Those that were stored, the latest first: by `checkPromise` and whenever a version went through the gate.
    #[oai(path = "/promises/:promise_id/capability-checks", method = "get", operation_id = "listCapabilityChecks")]
    async fn list_checks(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        query: Params<CheckQuery>,
    ) -> Result<Listed<Page<CapabilityCheck>>> {
        promises::get_promise(self.app.db.fresh(), &by, promise_id.0).await?;
        Listed::new(&store::list_checks(self.app.db.read(), &by, promise_id.0, &query).await?)
    }
}

/// The target asked about, if it is one of the promise's metric.
fn asked(promise: &Promise, query: &CapabilityQuery) -> Result<Option<f64>> {
    let wrong = |parameter: &str, detail: &str| Err(Error::query(Code::RuleViolated, parameter, detail));
    match (promise.terms.metric, query.target, query.target_duration) {
        (Metric::Duration, Some(_), _) => wrong("target", "The promise is about a duration: use `target_duration`."),
        (Metric::Duration, None, target) => Ok(target.map(|target| target.seconds() as f64)),
        (_, _, Some(_)) => wrong("target_duration", "The promise is not about a duration: use `target`."),
        (_, target, None) => Ok(target),
    }
}
