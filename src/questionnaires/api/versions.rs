//! Versions and ready-made questionnaires over HTTP.

use crate::questionnaires::types::{
    QuestionnaireTemplate, QuestionnaireVersion, QuestionnaireVersionQuery, QuestionnaireVersionSummary,
};
use crate::questionnaires::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::id::QuestionnaireId;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::questionnaires::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct VersionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Questionnaires")]
impl VersionsApi {
    /// List the versions of a questionnaire
    ///
    /// The oldest first; the draft, which has no `published_at`, last. Without what they ask.
    #[oai(
        path = "/questionnaires/:questionnaire_id/versions",
        method = "get",
        operation_id = "listQuestionnaireVersions"
    )]
    async fn list_questionnaire_versions(
        &self,
        by: May<Read>,
        questionnaire_id: Path<QuestionnaireId>,
        query: Params<QuestionnaireVersionQuery>,
    ) -> Result<Listed<Page<QuestionnaireVersionSummary>>> {
        Listed::new(&store::list_versions(self.app.db.read(), &by, questionnaire_id.0, &query).await?)
    }

    /// Get one version of a questionnaire
    ///
    /// Its terms are the form in which a questionnaire is taken along: send them as `terms` of a new one.
    #[oai(
        path = "/questionnaires/:questionnaire_id/versions/:version",
        method = "get",
        operation_id = "getQuestionnaireVersion"
    )]
    async fn get_questionnaire_version(
        &self,
        _by: May<Read>,
        questionnaire_id: Path<QuestionnaireId>,
        version: Path<i64>,
    ) -> Result<Listed<QuestionnaireVersion>> {
        Listed::new(&store::get_version(self.app.db.fresh(), questionnaire_id.0, version.0).await?)
    }

    /// List ready-made questionnaires
    ///
    /// All in one page: they are few and come with the program, in English. The words are our own, free to be changed.
    #[oai(path = "/questionnaire-templates", method = "get", operation_id = "listQuestionnaireTemplates")]
    async fn list_questionnaire_templates(&self, _by: May<Read>) -> Result<Listed<Page<QuestionnaireTemplate>>> {
        Listed::new(&Page::whole(rules::ready_made().to_vec()))
    }
}
