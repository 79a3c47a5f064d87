//! Versions and ready-made instruments over HTTP.

use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::surveys::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use crate::surveys::types::{SurveyInstrument, SurveyVersion, SurveyVersionQuery};
use crate::surveys::{rules, store};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct VersionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Surveys")]
impl VersionsApi {
    /// List the versions of a survey
    ///
    /// The oldest first; the draft, which has no `published_at`, last.
    #[oai(path = "/surveys/:survey_id/versions", method = "get", operation_id = "listSurveyVersions")]
    async fn list_survey_versions(
        &self,
        by: May<Read>,
        survey_id: Path<SurveyId>,
        query: Params<SurveyVersionQuery>,
    ) -> Result<Listed<Page<SurveyVersion>>> {
        Listed::new(&store::list_versions(self.app.db.read(), &by, survey_id.0, &query).await?)
    }

    /// Get one version of a survey
    #[oai(path = "/surveys/:survey_id/versions/:version", method = "get", operation_id = "getSurveyVersion")]
    async fn get_survey_version(
        &self,
        _by: May<Read>,
        survey_id: Path<SurveyId>,
        version: Path<i64>,
    ) -> Result<Listed<SurveyVersion>> {
        Listed::new(&store::get_version(self.app.db.fresh(), survey_id.0, version.0).await?)
    }

    /// List ready-made instruments
    ///
    /// All in one page: they are few and come with the program, in English and German. The words are our own, free to
    /// be changed; published scores that were measured in other words are not comparable.
    #[oai(path = "/survey-instruments", method = "get", operation_id = "listSurveyInstruments")]
    async fn list_survey_instruments(&self, _by: May<Read>) -> Result<Listed<Page<SurveyInstrument>>> {
        Listed::new(&Page::whole(rules::ready_made().to_vec()))
    }
}
