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
}
