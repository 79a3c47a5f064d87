//! What becomes of an action, over HTTP.

use crate::actions::store::{self, Step};
use crate::actions::types::{Action, ActionVerification, NewAbandonment, NewActionSignature, NewClaim};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::ActionId;
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::permission::actions::{Sign, Verify, Write};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use crate::suppliers::Reason;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct StepsApi {
    pub app: App,
}

type Moved = Result<Changed<Action>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Actions")]
impl StepsApi {
    /// Sign a proposed action
    ///
    /// In your own name, for your own side: staff for us, the supplier's administrator for the supplier. Staff may instead
    /// record a signature on paper, for either side. Each side signs once (409 `already_exists`), while the agreement is in
    /// force (422); API keys do not sign.
    /// With both signatures it is accepted, if one of them is of, or names, a main employee contact of its side
    /// (422; an account with the address of one of the supplier is one): nobody names the other side's. How the metric was before is frozen then. To sign nothing but
    /// what you read, send its revision as `If-Match`.
    #[oai(path = "/actions/:action_id/sign", method = "post", operation_id = "signAction")]
    async fn sign(
        &self,
        by: May<Sign>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        new: Body<NewActionSignature>,
    ) -> Moved {
        let keyed = once.over(&by, &new.digest);
        self.take(by.by(), action_id.0, keyed, if_match, Step::Sign(new.value)).await
    }

    /// Withdraw a proposed action
    ///
    /// proposed → withdrawn, by the side that proposed what stands (409 `invalid_state` for the other one: it counters).
    #[oai(path = "/actions/:action_id/withdraw", method = "post", operation_id = "withdrawAction")]
    async fn withdraw(
        &self,
        by: May<Write>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        why: Body<Reason>,
    ) -> Moved {
        let keyed = once.over(&by, &why.digest);
        self.take(by.by(), action_id.0, keyed, if_match, Step::Withdraw(why.value.reason)).await
    }

    /// Start an accepted action
    ///
    /// accepted → in_progress, by the side that has to do it (403 for the other one). For a supplier of which no
    /// administrator can sign in, staff says so.
    #[oai(path = "/actions/:action_id/start", method = "post", operation_id = "startAction")]
    async fn start(&self, by: May<Write>, action_id: Path<ActionId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), action_id.0, keyed, if_match, Step::Start).await
    }

    /// Say that an action is done
    ///
    /// in_progress → claimed_done, by the side that had to do it (403 for the other one). It counts when it is verified. For a
    /// supplier of which no administrator can sign in, staff says so.
    #[oai(path = "/actions/:action_id/claim", method = "post", operation_id = "claimAction")]
    async fn claim(
        &self,
        by: May<Write>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        new: Body<NewClaim>,
    ) -> Moved {
        let keyed = once.over(&by, &new.digest);
        self.take(by.by(), action_id.0, keyed, if_match, Step::Claim(new.value)).await
    }

    /// Verify whether an action worked
    ///
    /// claimed_done → verified_effective or not_effective. The metric from the day on which it shows to the last day
    /// before today and before the first one with a commitment that is still open is held against the baseline (none is
    /// over: 0 of 0): with 30 occasions and more on both sides, judged by the same version of the promise or answers to the same questions of the same surveys,
    /// it worked when its share grew by 1.645 standard errors and more (two proportions, pooled). Then a judgement is
    /// refused, and otherwise it is needed (422). Whoever owns the action or said that it is done does not verify it
    /// (422 `four_eyes`).
    #[oai(path = "/actions/:action_id/verify", method = "post", operation_id = "verifyAction")]
    async fn verify(
        &self,
        by: May<Verify>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        said: Body<ActionVerification>,
    ) -> Moved {
        let keyed = once.over(&by, &said.digest);
        self.take(by.by(), action_id.0, keyed, if_match, Step::Verify(said.value)).await
    }

    /// Go on with an action that did not work
    ///
    /// not_effective → in_progress, by the side that has to do it (403 for the other one). The baseline stays. For a supplier
    /// of which no administrator can sign in, staff says so.
    #[oai(path = "/actions/:action_id/resume", method = "post", operation_id = "resumeAction")]
    async fn resume(&self, by: May<Write>, action_id: Path<ActionId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), action_id.0, keyed, if_match, Step::Resume).await
    }

    /// Give an action up
    ///
    /// accepted, in_progress or not_effective → abandoned when both sides have signed that, each once (409
    /// `already_exists`) and with its reason. Staff may record what the supplier signed on paper. When the action goes on
    /// meanwhile, the one signature is void.
    #[oai(path = "/actions/:action_id/abandon", method = "post", operation_id = "abandonAction")]
    async fn abandon(
        &self,
        by: May<Sign>,
        action_id: Path<ActionId>,
        once: Once,
        if_match: IfMatch,
        new: Body<NewAbandonment>,
    ) -> Moved {
        let keyed = once.over(&by, &new.digest);
        self.take(by.by(), action_id.0, keyed, if_match, Step::Abandon(new.value)).await
    }
}

impl StepsApi {
    async fn take(&self, by: By, id: ActionId, keyed: Keyed, if_match: IfMatch, step: Step) -> Moved {
        self.app
            .db
            .once(keyed, (by, id, if_match, step), |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let before = store::lock_action(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::take(txn, by, &before, step).await?;
                    let shown = after.shown(by.scope, today(txn, &by.clock).await?);
                    Changed::new(shown.revision, &shown)
                })
            })
            .await
    }
}
