//! What becomes of a survey, over HTTP.

use super::record;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::SurveyId;
use crate::shared::idempotency::Once;
use crate::shared::permission::surveys::{Publish, Write};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use crate::surveys::store;
use crate::surveys::types::Survey;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LifecycleApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Surveys")]
impl LifecycleApi {
    /// Publish a survey
    ///
    /// Freezes the draft as the version that is answered from now on, also under links that are out already. Without a
    /// draft it is 409 `invalid_state`.
    #[oai(path = "/surveys/:survey_id/publish", method = "post", operation_id = "publishSurvey")]
    async fn publish_survey(
        &self,
        by: May<Publish>,
        survey_id: Path<SurveyId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Survey>> {
        let publish = (by.by(), survey_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), publish, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_survey(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::publish_survey(txn, by, &before).await?;
                    record(txn, by, "survey.publish", &before, &after).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Open the next version of a survey
    ///
    /// A draft that begins as a copy of the published version, which is answered until the draft is published. Only
    /// for a published survey without a draft (409 `invalid_state`).
    #[oai(path = "/surveys/:survey_id/revise", method = "post", operation_id = "reviseSurvey")]
    async fn revise_survey(
        &self,
        by: May<Write>,
        survey_id: Path<SurveyId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Survey>> {
        let revise = (by.by(), survey_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), revise, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_survey(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::revise_survey(txn, by, &before).await?;
                    record(txn, by, "survey.revise", &before, &after).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Retire a survey
    ///
    /// It takes no new links and no new answers, for good; a draft that was begun is dropped. Numbers stay. Only a
    /// published survey is retired (409 `invalid_state`).
    #[oai(path = "/surveys/:survey_id/retire", method = "post", operation_id = "retireSurvey")]
    async fn retire_survey(
        &self,
        by: May<Publish>,
        survey_id: Path<SurveyId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Survey>> {
        let retire = (by.by(), survey_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), retire, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_survey(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::retire_survey(txn, by, &before).await?;
                    record(txn, by, "survey.retire", &before, &after).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }
}
