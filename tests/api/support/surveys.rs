//! Surveys and links, made through the API.

use super::{Caller, TestApp};
use serde_json::json;

impl Caller<'_> {
    /// Makes a survey with the ready-made content of an instrument and returns its id.
    pub async fn draft_survey(&self, instrument: &str) -> String {
        self.post("/v1/surveys", json!({"name": "After a visit", "instrument": instrument})).await.expect(201).id()
    }

    /// The same, published.
    pub async fn published_survey(&self, instrument: &str) -> String {
        let id = self.draft_survey(instrument).await;
        self.act(&format!("/v1/surveys/{id}/publish")).await.expect(200);
        id
    }
}

impl TestApp {
    /// The token of a link about some supplier.
    pub async fn token_of_link(&self) -> String {
        let owner = self.owner().await;
        let (supplier, survey) = (owner.supplier("Asked About").await, owner.published_survey("csat5").await);
        let new = json!({"survey_id": survey, "supplier_id": supplier});
        let made = owner.post("/v1/survey-links", new).await.expect(201);
        made.body["token"].as_str().expect("a token").to_owned()
    }
}
