//! Points over HTTP.

use crate::assessments::store;
use crate::assessments::types::{AssessmentScores, Calibration};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::id::{AssessmentId, SupplierId};
use crate::shared::permission::{assessments, calibration};
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use crate::suppliers::get_supplier;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ScoresApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Assessments")]
impl ScoresApi {
    /// Get the points of an assessment
    ///
    /// By the supplier's own answers and, once they are accepted, as they were verified. The points of a section are
    /// the mean of its questions by their weight, those of the whole the mean of its sections. What does not apply is
    /// left out, what is asked and not answered counts 0. What the pass rules make of it stands beside the points.
    #[oai(path = "/assessments/:assessment_id/scores", method = "get", operation_id = "getAssessmentScores")]
    async fn get_scores(
        &self,
        by: May<assessments::Read>,
        assessment_id: Path<AssessmentId>,
    ) -> Result<Listed<AssessmentScores>> {
        let moment = self.app.db.snapshot().await?;
        let row = store::find_assessment(&moment, &by, assessment_id.0).await?;
        Listed::new(&store::scores(&moment, &by, row).await?)
    }

    /// Get how well a supplier knows itself
    ///
    /// What it claimed in its assessments against what was accepted of it, over time. Reviewers get those they see.
    #[oai(path = "/suppliers/:supplier_id/calibration", method = "get", operation_id = "getCalibration")]
    async fn get_calibration(
        &self,
        by: May<calibration::Read>,
        supplier_id: Path<SupplierId>,
    ) -> Result<Listed<Calibration>> {
        let moment = self.app.db.snapshot().await?;
        get_supplier(&moment, by.scope, supplier_id.0).await?;
        Listed::new(&store::calibration_of(&moment, &by, supplier_id.0, None).await?)
    }
}
