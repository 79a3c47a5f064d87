//! Answers over HTTP.

use crate::assessments::rules;
use crate::assessments::store::{self, Sheet};
use crate::assessments::types::{AnswerChange, AssessmentAnswer, Completeness};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Patch;
use crate::shared::error::Result;
use crate::shared::etag::{IfNoneMatch, MustMatch};
use crate::shared::id::AssessmentId;
use crate::shared::page::Page;
use crate::shared::permission::assessments::{Answer, Read};
use crate::shared::reply::{Changed, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct AnswersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Assessments")]
impl AnswersApi {
    /// List the answers of an assessment
    ///
    /// Every question that is asked as the answers stand, in order, with what is answered, what was accepted before,
    /// and what the pass rule makes of it. The list is always whole.
    #[oai(path = "/assessments/:assessment_id/answers", method = "get", operation_id = "listAssessmentAnswers")]
    async fn list_answers(
        &self,
        by: May<Read>,
        assessment_id: Path<AssessmentId>,
    ) -> Result<Listed<Page<AssessmentAnswer>>> {
        Listed::new(&Page::whole(self.sheet(&by, assessment_id.0).await?.shown()))
    }

    /// Get the answer to a question
    ///
    /// Also where nothing was said yet (revision 0), and where the question is not asked as the answers stand.
    #[oai(path = "/assessments/:assessment_id/answers/:question", method = "get", operation_id = "getAssessmentAnswer")]
    async fn get_answer(
        &self,
        by: May<Read>,
        assessment_id: Path<AssessmentId>,
        question: Path<String>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<AssessmentAnswer>> {
        let answer = self.sheet(&by, assessment_id.0).await?.shown_at(&question.0)?;
        Found::new(&if_none_match, answer.revision, &answer)
    }

    /// Answer a question
    ///
    /// A JSON Merge Patch. `If-Match` is required (428) and names the revision that was read, 0 where nothing was said
    /// yet: of two people who answer the same question one gets 412. The first answer makes an assigned assessment
    /// `in_progress`; after it was submitted answers stay as they are, until changes are requested (409
    /// `invalid_state`). What does not fit the question is 422, as are files that are not the supplier's, hang on
    /// something else or were rejected by the scanner. Whatever was said of the answer is void.
    #[oai(
        path = "/assessments/:assessment_id/answers/:question",
        method = "patch",
        operation_id = "updateAssessmentAnswer"
    )]
    async fn update_answer(
        &self,
        by: May<Answer>,
        assessment_id: Path<AssessmentId>,
        question: Path<String>,
        change: Patch<AnswerChange>,
        must_match: MustMatch,
    ) -> Result<Changed<AssessmentAnswer>> {
        let update = (by.by(), (assessment_id.0, question.0), must_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, (id, question), must_match, change)| {
                Box::pin(async move {
                    let answer = store::change_answer(txn, by, (*id, question), must_match, change).await?;
                    Changed::new(answer.revision, &answer)
                })
            })
            .await
    }

    /// Tell what is missing
    ///
    /// Before an assessment can be submitted: answers to required questions, and files that prove answers.
    #[oai(path = "/assessments/:assessment_id/completeness", method = "get", operation_id = "getCompleteness")]
    async fn get_completeness(&self, by: May<Read>, assessment_id: Path<AssessmentId>) -> Result<Listed<Completeness>> {
        let sheet = self.sheet(&by, assessment_id.0).await?;
        Listed::new(&rules::completeness(&sheet.terms, &sheet.answers()))
    }
}

impl AnswersApi {
    /// An assessment with its answers, as they are at one moment.
    async fn sheet(&self, by: &By, id: AssessmentId) -> Result<Sheet> {
        let moment = self.app.db.snapshot().await?;
        let row = store::find_assessment(&moment, by, id).await?;
        Sheet::read(&moment, by, row).await
    }
}
