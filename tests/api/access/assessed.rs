//! Assessments of the world.

use super::Who;
use super::world::World;
use crate::support::assessments::assignment;
use accord::shared::permission::Role;
use serde_json::json;

/// What all of them ask: that of the document's examples.
pub const QUESTION: &str = "deadlines_measured";

impl World<'_> {
    /// An assessment in the state in which the operation is possible, handed in by somebody of its supplier; the
    /// reviewer reviews an agreement with it.
    pub async fn assessment(&self, operation: &str, who: Who) -> String {
        let (owner, supplier) = (self.owner(), if who.is_own() { &self.own } else { &self.other });
        if who == Who::Staff(Role::Reviewer) {
            self.agreement_in_force(supplier, who).await;
        }
        let question = json!({"key": QUESTION, "kind": "yes_no", "wording": "Do you measure them?"});
        let section = json!({"key": "deadlines", "title": "Deadlines", "questions": [question]});
        let questionnaire = owner.questionnaire_of(json!({"title": "Deadlines", "sections": [section]})).await;
        let mut new = assignment(&questionnaire, &[supplier]);
        if operation == "stopRepeatingAssessment" {
            new["repeats_every_months"] = json!(12);
        }
        let id = owner.assigned(new).await.remove(0);
        let path = format!("/v1/assessments/{id}");
        let steps = match operation {
            "startAssessmentReview" => 1,
            "verifyAssessmentAnswers" | "requestAssessmentChanges" => 2,
            "acceptAssessment" => 3,
            "reopenAssessment" => 4,
            _ => 0,
        };
        if steps > 0 {
            let admin = self.app.sign_in(Role::SupplierAdmin, Some(supplier.as_str())).await;
            admin.say(&path, QUESTION, 0, json!({"given": {"yes": true}})).await.expect(200);
            admin.submit(&path).await.expect(200);
        }
        if steps > 1 {
            owner.act(&format!("{path}/start-review")).await.expect(200);
        }
        if steps > 2 {
            owner.confirm(&path, &[QUESTION]).await.expect(200);
        }
        if steps > 3 {
            owner.act(&format!("{path}/accept")).await.expect(200);
        }
        id
    }
}
