//! Assessments over HTTP.

mod answers;
mod scores;
mod steps;

pub use answers::AnswersApi;
pub use scores::ScoresApi;
pub use steps::StepsApi;

use super::store;
use super::types::{Assessment, AssessmentQuery, AssessmentQuestionnaire, AssignedAssessment, Assignment, Assignments};
use crate::questionnaires::published_terms;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfNoneMatch;
use crate::shared::id::AssessmentId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::assessments::{Assign, Read};
use crate::shared::reply::{Found, Listed, Made};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct AssessmentsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Assessments")]
impl AssessmentsApi {
    /// List assessments
    ///
    /// Newest first. Suppliers see their own, reviewers those of suppliers with an agreement of theirs.
    #[oai(path = "/assessments", method = "get", operation_id = "listAssessments")]
    async fn list_assessments(
        &self,
        by: May<Read>,
        query: Params<AssessmentQuery>,
    ) -> Result<Listed<Page<Assessment>>> {
        Listed::new(&store::list_assessments(self.app.db.read(), &by, &query).await?)
    }

    /// Assign a questionnaire to suppliers
    ///
    /// To all of them, or to none: a supplier that is not there, is suspended or has left is 422 with its place. The
    /// version that is published now is asked, and can be answered at once. Answers are taken over from the last
    /// accepted assessment where the question allows it and they still fit. One that is open for the same
    /// questionnaire, supplier and period is 409 `already_exists`; a questionnaire that is not published is 409
    /// `invalid_state`. Whoever signs in for a supplier is reminded a week before it is due, then, and on three days
    /// after.
    #[oai(path = "/assessments", method = "post", operation_id = "assignAssessments")]
    async fn assign_assessments(
        &self,
        by: May<Assign>,
        once: Once,
        new: Body<Assignment>,
    ) -> Result<Made<Assignments>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let made = store::assign(txn, by, new).await?.into_iter();
                    let each = made.map(|row| AssignedAssessment { id: row.id, supplier_id: row.supplier_id });
                    Made::new(&Assignments { assessments: each.collect() })
                })
            })
            .await
    }

    /// Get an assessment
    ///
    /// Without its answers.
    #[oai(path = "/assessments/:assessment_id", method = "get", operation_id = "getAssessment")]
    async fn get_assessment(
        &self,
        by: May<Read>,
        assessment_id: Path<AssessmentId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Assessment>> {
        let assessment = store::get_assessment(self.app.db.fresh(), &by, assessment_id.0).await?;
        Found::new(&if_none_match, assessment.revision, &assessment)
    }

    /// Get what an assessment asks
    ///
    /// The version that was published when it was assigned; it never changes.
    #[oai(
        path = "/assessments/:assessment_id/questionnaire",
        method = "get",
        operation_id = "getAssessmentQuestionnaire"
    )]
    async fn get_questionnaire(
        &self,
        by: May<Read>,
        assessment_id: Path<AssessmentId>,
    ) -> Result<Listed<AssessmentQuestionnaire>> {
        let db = self.app.db.fresh();
        let row = store::find_assessment(db, &by, assessment_id.0).await?;
        let (questionnaire_id, version) = (row.questionnaire_id, row.version);
        let terms = published_terms(db, questionnaire_id, version).await?;
        Listed::new(&AssessmentQuestionnaire { questionnaire_id, version, terms })
    }
}
