//! What becomes of an assessment, over HTTP.

use crate::assessments::store::{self, Step};
use crate::assessments::types::{Assessment, Attestation, ChangeRequest, DueExtension, JudgedAnswers};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::AssessmentId;
use crate::shared::idempotency::{Keyed, Once};
use crate::shared::permission::assessments::{Assign, Decide, Submit, Verify};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use crate::suppliers::Reason;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct StepsApi {
    pub app: App,
}

type Moved = Result<Changed<Assessment>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Assessments")]
impl StepsApi {
    /// Submit an assessment
    ///
    /// assigned, in_progress or changes_requested → submitted. A person attests that the answers are true; keys do not
    /// (403). What is not complete is 422 `missing_answers` with every place. From now on answers and files stay as they
    /// are; whoever assigned it is told.
    #[oai(path = "/assessments/:assessment_id/submit", method = "post", operation_id = "submitAssessment")]
    async fn submit(
        &self,
        by: May<Submit>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        attestation: Body<Attestation>,
    ) -> Moved {
        let keyed = once.over(&by, &attestation.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Submit(attestation.value)).await
    }

    /// Start to verify an assessment
    ///
    /// submitted or reopened → under_review. Whoever submitted it does not (422 `four_eyes`).
    #[oai(path = "/assessments/:assessment_id/start-review", method = "post", operation_id = "startAssessmentReview")]
    async fn start_review(
        &self,
        by: May<Verify>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::StartReview).await
    }

    /// Say what is true of answers
    ///
    /// Of one answer or of many, while it is under_review: confirmed, adjusted with what is true instead and why, or
    /// evidence requested with what is missing. Refused as a whole when one of them is refused (422). What was said of an
    /// answer before is replaced. Whoever submitted it, or gave the answer, does not verify (422 `four_eyes`).
    #[oai(path = "/assessments/:assessment_id/verify", method = "post", operation_id = "verifyAssessmentAnswers")]
    async fn verify(
        &self,
        by: May<Verify>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        verdicts: Body<JudgedAnswers>,
    ) -> Moved {
        let keyed = once.over(&by, &verdicts.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Verify(verdicts.value.verdicts)).await
    }

    /// Hand an assessment back
    ///
    /// under_review → changes_requested, with what has to change. The supplier reads what was said of its answers and is
    /// told at once. Whoever submitted it does not hand it back (422 `four_eyes`).
    #[oai(
        path = "/assessments/:assessment_id/request-changes",
        method = "post",
        operation_id = "requestAssessmentChanges"
    )]
    async fn request_changes(
        &self,
        by: May<Decide>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        request: Body<ChangeRequest>,
    ) -> Moved {
        let keyed = once.over(&by, &request.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::RequestChanges(request.value.note)).await
    }

    /// Accept an assessment
    ///
    /// under_review → accepted, when every answer to what is asked is confirmed or adjusted (422 with every place). It
    /// stays as it is, unless it is reopened. Whoever submitted it does not accept it (422 `four_eyes`).
    #[oai(path = "/assessments/:assessment_id/accept", method = "post", operation_id = "acceptAssessment")]
    async fn accept(&self, by: May<Decide>, assessment_id: Path<AssessmentId>, once: Once, if_match: IfMatch) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Accept).await
    }

    /// Reopen an accepted assessment
    ///
    /// accepted → reopened, with the reason. It counts no more, until it is verified and accepted again.
    #[oai(path = "/assessments/:assessment_id/reopen", method = "post", operation_id = "reopenAssessment")]
    async fn reopen(
        &self,
        by: May<Decide>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        reason: Body<Reason>,
    ) -> Moved {
        let keyed = once.over(&by, &reason.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Reopen(reason.value.reason)).await
    }

    /// Give more time for an assessment
    ///
    /// Once (409 `invalid_state`), while it is assigned or in_progress. It expires as many days later.
    #[oai(path = "/assessments/:assessment_id/extend", method = "post", operation_id = "extendAssessment")]
    async fn extend(
        &self,
        by: May<Assign>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        extension: Body<DueExtension>,
    ) -> Moved {
        let keyed = once.over(&by, &extension.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Extend(extension.value)).await
    }

    /// Cancel an assessment
    ///
    /// assigned or in_progress → cancelled, with the reason. It does not repeat.
    #[oai(path = "/assessments/:assessment_id/cancel", method = "post", operation_id = "cancelAssessment")]
    async fn cancel(
        &self,
        by: May<Assign>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
        reason: Body<Reason>,
    ) -> Moved {
        let keyed = once.over(&by, &reason.digest);
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::Cancel(reason.value.reason)).await
    }

    /// Stop repeating an assessment
    ///
    /// No next one is assigned. Only where the next one is still to come (409 `invalid_state`): otherwise that one
    /// repeats.
    #[oai(
        path = "/assessments/:assessment_id/stop-repeating",
        method = "post",
        operation_id = "stopRepeatingAssessment"
    )]
    async fn stop_repeating(
        &self,
        by: May<Assign>,
        assessment_id: Path<AssessmentId>,
        once: Once,
        if_match: IfMatch,
    ) -> Moved {
        let keyed = once.over(&by, b"");
        self.take(by.by(), assessment_id.0, keyed, if_match, Step::StopRepeating).await
    }
}

impl StepsApi {
    async fn take(&self, by: By, id: AssessmentId, keyed: Keyed, if_match: IfMatch, step: Step) -> Moved {
        self.app
            .db
            .once(keyed, (by, id, if_match, step), |txn, (by, id, if_match, step)| {
                Box::pin(async move {
                    let before = store::lock_assessment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::take(txn, by, &before, step).await?;
                    let shown = after.shown(by.scope, today(txn, &by.clock).await?);
                    Changed::new(shown.revision, &shown)
                })
            })
            .await
    }
}
