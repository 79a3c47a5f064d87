//! Surveys and links of the world.

use super::Who;
use super::world::World;
use crate::support::Answer;
use serde_json::json;

impl World<'_> {
    /// A survey in the state in which the operation is possible.
    pub async fn survey(&self, operation: &str) -> String {
        match operation {
            "reviseSurvey" | "retireSurvey" => self.owner().published_survey("csat5").await,
            _ => self.owner().draft_survey("csat5").await,
        }
    }

    /// A link about an agreement in force; the reviewer reviews it.
    pub async fn survey_link(&self, who: Who) -> Answer {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let on = self.agreement_in_force(supplier, who).await;
        let survey = self.owner().published_survey("csat5").await;
        let new = json!({"survey_id": survey, "agreement_id": on.agreement});
        self.owner().post("/v1/survey-links", new).await.expect(201)
    }

    /// An answer under an agreement in force, in the state in which the operation is possible.
    pub async fn feedback(&self, operation: &str, who: Who) -> String {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let on = self.agreement_in_force(supplier, who).await;
        let survey = self.owner().published_survey("csat5").await;
        let answers = json!([{"item": "satisfaction", "value": 2}]);
        let new = json!({"survey_id": survey, "agreement_id": on.agreement, "answers": answers});
        let made = self.owner().post("/v1/feedback", new).await.expect(201);
        let before = match operation {
            "releaseFeedback" => "quarantine",
            "showFeedback" => "hide",
            _ => return made.id(),
        };
        let path = format!("{}/{before}", made.header("location"));
        self.owner().post(&path, json!({"reason": "To get there."})).await.expect(200);
        made.id()
    }
}

/// The path parameters there are.
pub const NAMES: &[&str] = &[
    "commitment_id",
    "promise_id",
    "supplier_id",
    "person_id",
    "note_id",
    "credential_id",
    "calendar_id",
    "job_id",
    "user_id",
    "session_id",
    "invitation_id",
    "api_key_id",
    "agreement_id",
    "expectation_id",
    "survey_id",
    "survey_link_id",
    "questionnaire_id",
    "follow_up_id",
    "feedback_id",
    "assessment_id",
    "review_id",
    "early_warning_id",
    "question",
    "action_id",
    "version",
    "template_key",
    "file_id",
    "import_id",
    "export_id",
    "template",
    "code",
];
