//! Early warnings over HTTP.

use super::store;
use super::types::{EarlyWarning, EarlyWarningQuery, NewEarlyWarning, WarningAnswer};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::id::EarlyWarningId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::early_warnings::{Answer, Raise, Read};
use crate::shared::reply::{Changed, Created, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct EarlyWarningsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::EarlyWarnings")]
impl EarlyWarningsApi {
    /// List early warnings
    ///
    /// Newest first. Suppliers see their own, reviewers those about their agreements.
    #[oai(path = "/early-warnings", method = "get", operation_id = "listEarlyWarnings")]
    async fn list_early_warnings(
        &self,
        by: May<Read>,
        query: Params<EarlyWarningQuery>,
    ) -> Result<Listed<Page<EarlyWarning>>> {
        Listed::new(&store::list_warnings(self.app.db.read(), &by, &query).await?)
    }

    /// Raise an early warning
    ///
    /// A supplier says what may go wrong under an agreement in force before it does; staff writes down what was said on
    /// the telephone. Owner and reviewers of the agreement are told at once, and no review of it closes before it is
    /// answered. An agreement that is not in force, or that the caller does not see, is 422 `invalid_reference`.
    #[oai(path = "/early-warnings", method = "post", operation_id = "createEarlyWarning")]
    async fn create_early_warning(
        &self,
        by: May<Raise>,
        once: Once,
        new: Body<NewEarlyWarning>,
    ) -> Result<Created<EarlyWarning>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let made = store::raise(txn, by, new).await?;
                    Created::new(format!("/v1/early-warnings/{}", made.id), made.revision, &made)
                })
            })
            .await
    }

    /// Get an early warning
    #[oai(path = "/early-warnings/:early_warning_id", method = "get", operation_id = "getEarlyWarning")]
    async fn get_early_warning(
        &self,
        by: May<Read>,
        early_warning_id: Path<EarlyWarningId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<EarlyWarning>> {
        let found = store::get_warning(self.app.db.fresh(), &by, early_warning_id.0).await?;
        Found::new(&if_none_match, found.revision, &found)
    }

    /// Answer an early warning
    ///
    /// Once (409 `invalid_state`): what is done about it, or why nothing is.
    #[oai(path = "/early-warnings/:early_warning_id/answer", method = "post", operation_id = "answerEarlyWarning")]
    async fn answer(
        &self,
        by: May<Answer>,
        early_warning_id: Path<EarlyWarningId>,
        once: Once,
        if_match: IfMatch,
        given: Body<WarningAnswer>,
    ) -> Result<Changed<EarlyWarning>> {
        let keyed = once.over(&by, &given.digest);
        let answer = (by.by(), early_warning_id.0, if_match, given.value);
        self.app
            .db
            .once(keyed, answer, |txn, (by, id, if_match, given)| {
                Box::pin(async move {
                    let after = store::answer(txn, by, *id, if_match, given).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
