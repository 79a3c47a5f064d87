//! Questionnaires, made through the API.

use super::Caller;
use serde_json::{Value, json};

/// What a questionnaire of one question asks.
pub fn one_question() -> Value {
    let question = json!({"key": "insured", "kind": "yes_no", "wording": "Are you insured?"});
    json!({"title": "Insurance", "sections": [{"key": "insurance", "title": "Insurance", "questions": [question]}]})
}

impl Caller<'_> {
    /// Makes a questionnaire of one question and returns its id.
    pub async fn draft_questionnaire(&self) -> String {
        let new = json!({"name": "Insurance", "terms": one_question()});
        self.post("/v1/questionnaires", new).await.expect(201).id()
    }

    /// The same, published.
    pub async fn published_questionnaire(&self) -> String {
        let id = self.draft_questionnaire().await;
        self.act(&format!("/v1/questionnaires/{id}/publish")).await.expect(200);
        id
    }
}
