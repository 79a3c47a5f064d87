//! Surveys over HTTP.

mod lifecycle;
mod versions;

pub use lifecycle::LifecycleApi;
pub use versions::VersionsApi;

use super::store;
use super::types::{NewSurvey, Survey, SurveyChange, SurveyQuery, SurveySummary};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::{Body, Patch};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::SurveyId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::surveys::{Delete, Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

/// Enters a change, unless it changed nothing.
async fn record(txn: &Txn, by: &By, action: &'static str, before: &Survey, after: &Survey) -> Result<()> {
    if after.summary.revision == before.summary.revision {
        return Ok(());
    }
    history::record(txn, by, Entry::new(action, before.summary.id.0).between(Some(before), Some(after))).await
}

pub struct SurveysApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Surveys")]
impl SurveysApi {
    /// List surveys
    ///
    /// Without what they ask.
    #[oai(path = "/surveys", method = "get", operation_id = "listSurveys")]
    async fn list_surveys(&self, by: May<Read>, query: Params<SurveyQuery>) -> Result<Listed<Page<SurveySummary>>> {
        Listed::new(&store::list_surveys(self.app.db.read(), &by, &query).await?)
    }

    /// Create a survey
    ///
    /// A draft: nobody answers it before it is published. What does not fit together is 422 `rule_violated` with its
    /// place: words that are missing in a language, keys given twice, measures on other scales than theirs, items of
    /// the instrument that are missing or mean something else. Weights add up to 10,000 (422 `weights_sum`); a
    /// calendar that is not there is 422 `invalid_reference`.
    #[oai(path = "/surveys", method = "post", operation_id = "createSurvey")]
    async fn create_survey(&self, by: May<Write>, once: Once, new: Body<NewSurvey>) -> Result<Created<Survey>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let made = store::insert_survey(txn, by, new).await?;
                    let entry = Entry::new("survey.create", made.summary.id.0).between(None, Some(&made));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/surveys/{}", made.summary.id), made.summary.revision, &made)
                })
            })
            .await
    }

    /// Get a survey
    ///
    /// With the terms of its draft, if there is one, otherwise of the version that is answered.
    #[oai(path = "/surveys/:survey_id", method = "get", operation_id = "getSurvey")]
    async fn get_survey(
        &self,
        _by: May<Read>,
        survey_id: Path<SurveyId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Survey>> {
        let survey = store::get_survey(self.app.db.fresh(), survey_id.0).await?;
        Found::new(&if_none_match, survey.summary.revision, &survey)
    }

    /// Change a survey
    ///
    /// A JSON Merge Patch: its name, and what its draft asks, with the rules of creating one. What was published under
    /// a key keeps its meaning (422). Without a draft, terms are 409 `invalid_state`: `revise` opens the next one.
    #[oai(path = "/surveys/:survey_id", method = "patch", operation_id = "updateSurvey")]
    async fn update_survey(
        &self,
        by: May<Write>,
        survey_id: Path<SurveyId>,
        if_match: IfMatch,
        change: Patch<SurveyChange>,
    ) -> Result<Changed<Survey>> {
        let update = (by.by(), survey_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_survey(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::update_survey(txn, by, &before, change).await?;
                    record(txn, by, "survey.update", &before, &after).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Delete a survey
    ///
    /// Only one that was never published; another one is 409 `in_use` and can be retired.
    #[oai(path = "/surveys/:survey_id", method = "delete", operation_id = "deleteSurvey")]
    async fn delete_survey(
        &self,
        by: May<Delete>,
        survey_id: Path<SurveyId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), survey_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_survey(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    store::delete_survey(txn, &before).await?;
                    let entry = Entry::new("survey.delete", id.0).between(Some(&before), None);
                    history::record(txn, by, entry).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
