//! Questionnaires over HTTP.

mod lifecycle;
mod versions;

pub use lifecycle::LifecycleApi;
pub use versions::VersionsApi;

use super::store;
use super::types::{NewQuestionnaire, Questionnaire, QuestionnaireChange, QuestionnaireQuery, QuestionnaireSummary};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::{Body, Patch};
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::QuestionnaireId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::questionnaires::{Delete, Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use crate::shared::{crypto, json};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde::Serialize;

/// What history keeps. Terms may be large, and what was published stays readable in its version: a digest says
/// whether they changed.
#[derive(Serialize)]
struct Trace<'a> {
    #[serde(flatten)]
    summary: &'a QuestionnaireSummary,
    shown_version: i64,
    terms_digest: String,
}

impl<'a> Trace<'a> {
    fn of(questionnaire: &'a Questionnaire) -> Result<Self> {
        let terms = serde_json::to_value(&questionnaire.terms).map_err(Error::internal)?;
        let terms_digest = crypto::hex(&crypto::sha256(&json::canonical(&terms)));
        Ok(Self { summary: &questionnaire.summary, shown_version: questionnaire.shown_version, terms_digest })
    }
}

/// Enters a change, unless it changed nothing.
async fn record(
    txn: &Txn,
    by: &By,
    action: &'static str,
    before: Option<&Questionnaire>,
    after: Option<&Questionnaire>,
) -> Result<()> {
    let revision = |state: Option<&Questionnaire>| state.map(|state| state.summary.revision);
    let Some(id) = before.or(after).map(|state| state.summary.id) else {
        return Ok(());
    };
    if revision(before) == revision(after) {
        return Ok(());
    }
    let (before, after) = (before.map(Trace::of).transpose()?, after.map(Trace::of).transpose()?);
    history::record(txn, by, Entry::new(action, id.0).between(before.as_ref(), after.as_ref())).await
}

pub struct QuestionnairesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Questionnaires")]
impl QuestionnairesApi {
    /// List questionnaires
    ///
    /// Without what they ask.
    #[oai(path = "/questionnaires", method = "get", operation_id = "listQuestionnaires")]
    async fn list_questionnaires(
        &self,
        by: May<Read>,
        query: Params<QuestionnaireQuery>,
    ) -> Result<Listed<Page<QuestionnaireSummary>>> {
        Listed::new(&store::list_questionnaires(self.app.db.read(), &by, &query).await?)
    }

    /// Create a questionnaire
    ///
    /// A draft: nobody is asked before it is published. Its terms are written out, or those of a ready-made one. What
    /// does not fit together is 422 `rule_violated` with its place: keys given twice, members that questions of a kind
    /// do not have or lack, conditions on questions or answers that are not there or that lead back to themselves, pass
    /// rules that name no possible answer. Weights add up to 10,000, or all are 0 (422 `weights_sum`).
    #[oai(path = "/questionnaires", method = "post", operation_id = "createQuestionnaire")]
    async fn create_questionnaire(
        &self,
        by: May<Write>,
        once: Once,
        new: Body<NewQuestionnaire>,
    ) -> Result<Created<Questionnaire>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let made = store::insert_questionnaire(txn, by, new).await?;
                    record(txn, by, "questionnaire.create", None, Some(&made)).await?;
                    Created::new(format!("/v1/questionnaires/{}", made.summary.id), made.summary.revision, &made)
                })
            })
            .await
    }

    /// Get a questionnaire
    ///
    /// With the terms of its draft, if there is one, otherwise of the version that is answered. They can be sent again
    /// as they are, here or to another installation.
    #[oai(path = "/questionnaires/:questionnaire_id", method = "get", operation_id = "getQuestionnaire")]
    async fn get_questionnaire(
        &self,
        _by: May<Read>,
        questionnaire_id: Path<QuestionnaireId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Questionnaire>> {
        let questionnaire = store::get_questionnaire(self.app.db.fresh(), questionnaire_id.0).await?;
        Found::new(&if_none_match, questionnaire.summary.revision, &questionnaire)
    }

    /// Change a questionnaire
    ///
    /// A JSON Merge Patch: its name, and what its draft asks, with the rules of creating one. Without a draft,
    /// terms are 409 `invalid_state`: `revise` opens the next one.
    #[oai(path = "/questionnaires/:questionnaire_id", method = "patch", operation_id = "updateQuestionnaire")]
    async fn update_questionnaire(
        &self,
        by: May<Write>,
        questionnaire_id: Path<QuestionnaireId>,
        if_match: IfMatch,
        change: Patch<QuestionnaireChange>,
    ) -> Result<Changed<Questionnaire>> {
        let update = (by.by(), questionnaire_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_questionnaire(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    let after = store::update_questionnaire(txn, by, &before, change).await?;
                    record(txn, by, "questionnaire.update", Some(&before), Some(&after)).await?;
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }

    /// Delete a questionnaire
    ///
    /// Only one that was never published; another one is 409 `in_use` and can be retired.
    #[oai(path = "/questionnaires/:questionnaire_id", method = "delete", operation_id = "deleteQuestionnaire")]
    async fn delete_questionnaire(
        &self,
        by: May<Delete>,
        questionnaire_id: Path<QuestionnaireId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), questionnaire_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_questionnaire(txn, *id).await?;
                    if_match.check(before.summary.revision)?;
                    store::delete_questionnaire(txn, &before).await?;
                    record(txn, by, "questionnaire.delete", Some(&before), None).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
