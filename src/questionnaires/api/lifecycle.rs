//! What becomes of a questionnaire, over HTTP.

use super::record;
use crate::questionnaires::store;
use crate::questionnaires::types::Questionnaire;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::QuestionnaireId;
use crate::shared::idempotency::Once;
use crate::shared::permission::questionnaires::{Publish, Write};
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct LifecycleApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Questionnaires")]
impl LifecycleApi {
    /// Publish a questionnaire
    ///
    /// Freezes the draft as the version that suppliers are asked from now on; assessments that were assigned before keep
    /// theirs. Without a draft it is 409 `invalid_state`.
    #[oai(path = "/questionnaires/:questionnaire_id/publish", method = "post", operation_id = "publishQuestionnaire")]
    async fn publish_questionnaire(
        &self,
        by: May<Publish>,
        questionnaire_id: Path<QuestionnaireId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Questionnaire>> {
        let publish = (by.by(), questionnaire_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), publish, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_questionnaire(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::publish_questionnaire(txn, by, &before).await?;
                    record(txn, by, "questionnaire.publish", Some(&before), Some(&after)).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Open the next version of a questionnaire
    ///
    /// A draft that begins as a copy of the published version, which is asked until the draft is published. Only for a
    /// published questionnaire without a draft (409 `invalid_state`).
    #[oai(path = "/questionnaires/:questionnaire_id/revise", method = "post", operation_id = "reviseQuestionnaire")]
    async fn revise_questionnaire(
        &self,
        by: May<Write>,
        questionnaire_id: Path<QuestionnaireId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Questionnaire>> {
        let revise = (by.by(), questionnaire_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), revise, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_questionnaire(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::revise_questionnaire(txn, by, &before).await?;
                    record(txn, by, "questionnaire.revise", Some(&before), Some(&after)).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Retire a questionnaire
    ///
    /// It is assigned to nobody any more, for good; a draft that was begun is dropped. What was assigned before stays as
    /// it is. Only a published questionnaire is retired (409 `invalid_state`).
    #[oai(path = "/questionnaires/:questionnaire_id/retire", method = "post", operation_id = "retireQuestionnaire")]
    async fn retire_questionnaire(
        &self,
        by: May<Publish>,
        questionnaire_id: Path<QuestionnaireId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Questionnaire>> {
        let retire = (by.by(), questionnaire_id.0, if_match);
        self.app
            .db
            .once(once.over(&by, b""), retire, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_questionnaire(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::retire_questionnaire(txn, by, &before).await?;
                    record(txn, by, "questionnaire.retire", Some(&before), Some(&after)).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }
}
