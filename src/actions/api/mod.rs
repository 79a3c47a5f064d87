//! Actions over HTTP.

mod steps;

pub use steps::StepsApi;

use super::store;
use super::types::{Action, ActionChange, ActionProposal, ActionQuery, CounterAction, NewAction};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::id::ActionId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::actions::{Create, Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ActionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Actions")]
impl ActionsApi {
    /// List actions
    ///
    /// Newest first. Whoever sees an agreement sees its actions.
    #[oai(path = "/actions", method = "get", operation_id = "listActions")]
    async fn list_actions(&self, by: May<Read>, query: Params<ActionQuery>) -> Result<Listed<Page<Action>>> {
        Listed::new(&store::list_actions(self.app.db.read(), &by, &query).await?)
    }

    /// Propose an action
    ///
    /// Under an agreement that is in force (422). The supplier sees it at once; both sides are asked to sign. Who
    /// answers for it is of the side that has to do it, and a metric has what it needs and nothing else (422).
    #[oai(path = "/actions", method = "post", operation_id = "createAction")]
    async fn create_action(&self, by: May<Create>, once: Once, new: Body<NewAction>) -> Result<Created<Action>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let id = store::propose(txn, by, new.agreement_id, &new.terms, new.note.as_deref()).await?;
                    let made = store::get_action(txn, by, id).await?;
                    Created::new(format!("/v1/actions/{id}"), made.revision, &made)
                })
            })
            .await
    }

    /// Get an action
    ///
    /// With its signatures, the metric before and after, and what was found out.
    #[oai(path = "/actions/:action_id", method = "get", operation_id = "getAction")]
    async fn get_action(
        &self,
        by: May<Read>,
        action_id: Path<ActionId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Action>> {
        let action = store::get_action(self.app.db.fresh(), &by, action_id.0).await?;
        Found::new(&if_none_match, action.revision, &action)
    }

    /// Change a proposed action
    ///
    /// A JSON Merge Patch by the side that proposed what stands (409 `invalid_state` for the other one: it counters).
    /// It is the next proposal, and takes the signatures back; the agreement is
    /// still in force (422).
    #[oai(path = "/actions/:action_id", method = "patch", operation_id = "updateAction")]
    async fn update_action(
        &self,
        by: May<Write>,
        action_id: Path<ActionId>,
        if_match: IfMatch,
        change: Patch<ActionChange>,
    ) -> Result<Changed<Action>> {
        self.app
            .db
            .write((by.by(), action_id.0, if_match, change.0), |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_action(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::update(txn, by, before, change).await?;
                    let shown = after.shown(by.scope, today(txn, &by.clock).await?);
                    Changed::new(shown.revision, &shown)
                })
            })
            .await
    }

    /// Counter a proposed action
    ///
    /// With the whole terms as your side wants them, when the other side proposed what stands (409 `invalid_state`
    /// otherwise). It is the next proposal, and takes the signatures back; the agreement is still in force (422).
    #[oai(path = "/actions/:action_id/counter", method = "post", operation_id = "counterAction")]
    async fn counter_action(
        &self,
        by: May<Write>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        new: Body<CounterAction>,
    ) -> Result<Changed<Action>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), action_id.0, if_match, new.value), |txn, (by, id, if_match, new)| {
                Box::pin(async move {
                    let before = store::lock_action(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::counter(txn, by, before, new).await?;
                    let shown = after.shown(by.scope, today(txn, &by.clock).await?);
                    Changed::new(shown.revision, &shown)
                })
            })
            .await
    }

    /// List what was proposed of an action
    ///
    /// All in one page, oldest first: the last one stands.
    #[oai(path = "/actions/:action_id/proposals", method = "get", operation_id = "listActionProposals")]
    async fn list_proposals(&self, by: May<Read>, action_id: Path<ActionId>) -> Result<Listed<Page<ActionProposal>>> {
        Listed::new(&Page::whole(store::list_proposals(&self.app.db.snapshot().await?, &by, action_id.0).await?))
    }
}
