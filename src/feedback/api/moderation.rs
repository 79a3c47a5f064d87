//! What owners decide about answers, over HTTP.

use super::super::entity::Model;
use super::super::store;
use super::super::types::{
    CustomerErased, CustomerErasure, Feedback, FeedbackId, FeedbackReason, FeedbackStatus, QuarantineReason, Recorded,
};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::Once;
use crate::shared::permission::feedback::{Erase, Moderate};
use crate::shared::reply::{Changed, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ModerationApi {
    pub app: App,
}

#[derive(Clone, Copy)]
enum Decision {
    Quarantine,
    Release,
    Hide,
    Show,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl ModerationApi {
    /// Leave an answer out of numbers
    ///
    /// counted → quarantined, with a reason. The answer stays, and its follow-up too.
    #[oai(path = "/feedback/:feedback_id/quarantine", method = "post", operation_id = "quarantineFeedback")]
    async fn quarantine(
        &self,
        by: May<Moderate>,
        feedback_id: Path<FeedbackId>,
        once: Once,
        if_match: IfMatch,
        why: Body<FeedbackReason>,
    ) -> Result<Changed<Feedback>> {
        self.decide(by.by(), feedback_id.0, once, if_match, why, Decision::Quarantine).await
    }

    /// Count an answer after all
    ///
    /// quarantined → counted, with a reason: also what seemed to come from the supplier's own people. A second answer
    /// of the same customer about the same job cannot count beside the first (409).
    #[oai(path = "/feedback/:feedback_id/release", method = "post", operation_id = "releaseFeedback")]
    async fn release(
        &self,
        by: May<Moderate>,
        feedback_id: Path<FeedbackId>,
        once: Once,
        if_match: IfMatch,
        why: Body<FeedbackReason>,
    ) -> Result<Changed<Feedback>> {
        self.decide(by.by(), feedback_id.0, once, if_match, why, Decision::Release).await
    }

    /// Hide the texts of an answer
    ///
    /// From everybody but owners, and from the supplier; the answer counts as before.
    #[oai(path = "/feedback/:feedback_id/hide", method = "post", operation_id = "hideFeedback")]
    async fn hide(
        &self,
        by: May<Moderate>,
        feedback_id: Path<FeedbackId>,
        once: Once,
        if_match: IfMatch,
        why: Body<FeedbackReason>,
    ) -> Result<Changed<Feedback>> {
        self.decide(by.by(), feedback_id.0, once, if_match, why, Decision::Hide).await
    }

    /// Show the texts of an answer again
    #[oai(path = "/feedback/:feedback_id/show", method = "post", operation_id = "showFeedback")]
    async fn show(
        &self,
        by: May<Moderate>,
        feedback_id: Path<FeedbackId>,
        once: Once,
        if_match: IfMatch,
        why: Body<FeedbackReason>,
    ) -> Result<Changed<Feedback>> {
        self.decide(by.by(), feedback_id.0, once, if_match, why, Decision::Show).await
    }

    /// Erase a customer
    ///
    /// Whatever was answered under a pseudonym, or one answer that came without, loses its texts, its contact and the
    /// pseudonym, also where an import replaced it since; links lose the pseudonym; numbers stay as they are. It cannot
    /// be undone. The audit trail never held any of it.
    #[oai(path = "/feedback/erase-customer", method = "post", operation_id = "eraseCustomer")]
    async fn erase(&self, by: May<Erase>, once: Once, whom: Body<CustomerErasure>) -> Result<Listed<CustomerErased>> {
        let keyed = once.over(&by, &whom.digest);
        let erase = (by.by(), whom.value);
        let erased = self.app.db.once(keyed, erase, |txn, (by, whom)| {
            Box::pin(async move { Listed::new(&store::erase(txn, by, whom).await?) })
        });
        erased.await
    }
}

impl ModerationApi {
    async fn decide(
        &self,
        by: By,
        id: FeedbackId,
        once: Once,
        if_match: IfMatch,
        why: Body<FeedbackReason>,
        decision: Decision,
    ) -> Result<Changed<Feedback>> {
        let keyed = once.over(&by, &why.digest);
        let decide = (by, id, if_match, why.value.reason, decision);
        let decided = self.app.db.once(keyed, decide, |txn, (by, id, if_match, reason, decision)| {
            Box::pin(async move {
                let before = store::lock_feedback(txn, by, *id).await?;
                if_match.check(before.revision)?;
                let (action, after) = decided(&before, *decision)?;
                let after = update(txn, by, &before, after).await?;
                let entry = Entry::new(action, before.id.0).about(before.supplier_id).because(Some(reason));
                let entry = entry.between(Some(&Recorded::from(&before)), Some(&Recorded::from(&after)));
                history::record(txn, by, entry).await?;
                Changed::new(after.revision, &store::shown(by, after))
            })
        });
        decided.await
    }
}

/// Two answers of one customer about one job do not count both: the table sees to that.
async fn update(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let changed = store::update_feedback(txn, by, before, after).await;
    changed.map_err(|error| match error.code {
        Code::AlreadyExists | Code::Conflict => {
            Error::new(Code::InUse, "Another answer of this customer to the same survey about the same job counts.")
        }
        _ => error,
    })
}

fn decided(before: &Model, decision: Decision) -> Result<(&'static str, Model)> {
    use FeedbackStatus::{Counted, Quarantined};
    let refuse = |is: &str, allowed: &[&str]| {
        let refusal = Error::new(Code::InvalidState, format!("The answer is {is}."));
        Err(refusal.with("current_status", is).with("allowed", allowed))
    };
    if before.superseded_by_id.is_some() {
        return refuse("superseded", &[]);
    }
    let after = before.clone();
    Ok(match (decision, before.status, before.is_hidden) {
        (Decision::Quarantine, Counted, _) => {
            let quarantine_reason = Some(QuarantineReason::ByStaff);
            ("feedback.quarantine", Model { status: Quarantined, quarantine_reason, ..after })
        }
        (Decision::Release, Quarantined, _) => {
            ("feedback.release", Model { status: Counted, quarantine_reason: None, ..after })
        }
        (Decision::Hide, _, false) => ("feedback.hide", Model { is_hidden: true, ..after }),
        (Decision::Show, _, true) => ("feedback.show", Model { is_hidden: false, ..after }),
        (Decision::Quarantine, Quarantined, _) => return refuse("quarantined", &["release"]),
        (Decision::Release, Counted, _) => return refuse("counted", &["quarantine"]),
        (Decision::Hide, _, true) => return refuse("hidden", &["show"]),
        (Decision::Show, _, false) => return refuse("shown", &["hide"]),
    })
}
