//! Assessments, made through the API.

use super::{Answer, Caller, TestApp};
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// What is asked: whether deadlines are measured (a no fails) and, if so, how many are kept, with a file that proves
/// it; how good one is, from 1 to 5; whether one was fined (a yes is for a person to judge); a certificate; a story.
pub fn asked() -> Value {
    let delivery = [
        json!({"key": "measured", "kind": "yes_no", "wording": "Do you measure it?", "is_required": true, "weight": 5000,
            "good_answer": "yes", "pass_rule": {"must_be_in": ["yes"]}, "is_prefilled": true, "dimension": "reliability"}),
        json!({"key": "share", "kind": "number", "title": "Share kept", "wording": "How many do you keep?",
            "is_required": true, "evidence": "required", "bounds": {"min": 0, "max": 100}, "is_prefilled": true,
            "condition": {"question": "measured", "is_in": ["yes"]}}),
        json!({"key": "good", "kind": "scale", "wording": "How good are you?", "weight": 5000, "attribute": "quality",
            "scale": {"min": 1, "max": 5}, "allows_not_applicable": true, "is_prefilled": true}),
    ];
    let conduct = [
        json!({"key": "fined", "kind": "yes_no", "wording": "Were you fined?", "is_required": true, "weight": 10000,
            "good_answer": "no", "pass_rule": {"must_be_in": ["no"], "is_discretionary": true}}),
        json!({"key": "certificate", "kind": "file", "wording": "A certificate?", "is_prefilled": true}),
        json!({"key": "story", "kind": "text", "wording": "Tell us.", "max_words": 5, "is_prefilled": true}),
    ];
    json!({"title": "Deliveries", "sections": [
        {"key": "delivery", "title": "Delivery", "weight": 6000, "questions": delivery},
        {"key": "conduct", "title": "Conduct", "weight": 4000, "questions": conduct},
    ]})
}

/// What is assigned, for the year 2026.
pub fn assignment(questionnaire: &str, suppliers: &[&str]) -> Value {
    json!({"questionnaire_id": questionnaire, "supplier_ids": suppliers, "period_from": "2026-01-01",
        "period_to": "2026-12-31", "due_on": "2026-12-31"})
}

/// One supplier with somebody who answers, and its assessment.
pub struct Asked<'a> {
    pub owner: Caller<'a>,
    pub admin: Caller<'a>,
    pub supplier: String,
    pub questionnaire: String,
    /// `/v1/assessments/{id}`
    pub path: String,
    pub id: String,
}

impl TestApp {
    pub async fn assessed(&self, name: &str) -> Asked<'_> {
        let owner = self.owner().await;
        let supplier = owner.supplier(name).await;
        let admin = self.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let questionnaire = owner.questionnaire_of(asked()).await;
        let id = owner.assigned(assignment(&questionnaire, &[&supplier])).await.remove(0);
        Asked { owner, admin, supplier, questionnaire, path: format!("/v1/assessments/{id}"), id }
    }
}

impl Caller<'_> {
    /// A published questionnaire.
    pub async fn questionnaire_of(&self, terms: Value) -> String {
        let id = self.post("/v1/questionnaires", json!({"name": "Q", "terms": terms})).await.expect(201).id();
        self.act(&format!("/v1/questionnaires/{id}/publish")).await.expect(200);
        id
    }

    /// Assigns, and returns the ids.
    pub async fn assigned(&self, new: Value) -> Vec<String> {
        let made = self.post("/v1/assessments", new).await.expect(201);
        let all = made.body["assessments"].as_array().expect("a list");
        all.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Sends a change of an answer that is at this revision.
    pub async fn say(&self, path: &str, question: &str, revision: i64, change: Value) -> Answer {
        let path = format!("{path}/answers/{question}");
        self.with("If-Match", &format!("\"{revision}\"")).patch(&path, change).await
    }

    /// Verdicts that confirm answers.
    pub async fn confirm(&self, path: &str, questions: &[&str]) -> Answer {
        let all: Vec<_> = questions.iter().map(|key| json!({"question": key, "verdict": "confirmed"})).collect();
        self.post(&format!("{path}/verify"), json!({"verdicts": all})).await
    }

    pub async fn submit(&self, path: &str) -> Answer {
        self.post(&format!("{path}/submit"), json!({"name": "Mia Berg", "position": "Director"})).await
    }
}

impl Asked<'_> {
    /// Answers what is required so that no file is needed, with this much claimed from 1 to 5, and submits.
    pub async fn submitted(&self, good: i64) {
        let (admin, path) = (&self.admin, &self.path);
        admin.say(path, "measured", 0, json!({"given": {"yes": false}})).await.expect(200);
        admin.say(path, "good", 0, json!({"given": {"number": good}})).await.expect(200);
        admin.say(path, "fined", 0, json!({"given": {"yes": false}})).await.expect(200);
        admin.submit(path).await.expect(200);
    }

    /// The answer to a question, as the owner reads it.
    pub async fn answer(&self, question: &str) -> Value {
        self.owner.get(&format!("{}/answers/{question}", self.path)).await.expect(200).body
    }
}
