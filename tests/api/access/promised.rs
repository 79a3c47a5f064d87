//! Promises and commitments of the world.

use super::Who;
use super::world::World;
use crate::support::lived::Lived;
use crate::support::seed::{Seeded, Terms};
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::json;

impl World<'_> {
    /// An agreement in force; the reviewer reviews it.
    pub async fn agreement_in_force(&self, supplier: &str, who: Who) -> Seeded {
        let on = self.app.seed_agreement(supplier).await;
        if who == Who::Staff(Role::Reviewer) {
            let id = |text: &str| accord::shared::id::parse(text).expect("an id").into();
            let me = self.caller(who).get("/v1/me").await.expect(200).id();
            let cells = vec![("agreement_id", id(&on.agreement)), ("account_id", id(&me))];
            self.app.row("agreement_reviewer", false, cells).await;
        }
        on
    }

    /// A published promise of the supplier; the reviewer reviews its agreement.
    pub async fn promise(&self, who: Who) -> (String, String) {
        let supplier = if who.is_own() { self.own.clone() } else { self.other.clone() };
        let on = self.agreement_in_force(&supplier, who).await;
        (self.app.seed_promise(&on, Terms::default()).await, supplier)
    }

    /// A follow-up in the state in which the operation is possible.
    pub async fn follow_up(&self, operation: &str, who: Who) -> String {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let on = self.agreement_in_force(supplier, who).await;
        let status = match operation {
            "contactFollowUp" | "markFollowUpUnreachable" => "owned",
            "resolveFollowUp" => "contacted",
            _ => "required",
        };
        self.app.seed_follow_up(&on, status, None, Lived::default()).await
    }

    /// A commitment in the state in which the operation is possible.
    pub async fn commitment(&self, operation: &str, who: Who) -> String {
        let (promise, supplier) = self.promise(who).await;
        let mut new = json!({"promise_id": promise});
        if !["fulfilCommitment", "withdrawCommitment"].contains(&operation) {
            new["made_at"] = json!("2026-11-02T09:00:00Z");
            new["due_at"] = json!("2026-11-04T09:00:00Z");
        }
        let made = self.owner().post("/v1/commitments", new).await.expect(201);
        if ["grantExcuse", "refuseExcuse"].contains(&operation) {
            let asked = json!({"cause": "customer", "reason": "To get there."});
            let admin = self.app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
            admin.post(&format!("{}/ask-excuse", made.header("location")), asked).await.expect(200);
        }
        made.id()
    }

    /// A promise in the state in which the operation is possible.
    pub async fn promise_for(&self, operation: &str, who: Who) -> String {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let on = self.agreement_in_force(supplier, who).await;
        let (status, is_out) = match operation {
            "pausePromise" | "retirePromise" => ("published", true),
            "resumePromise" => ("paused", true),
            "publishPromise" => ("checked", false),
            _ => ("draft", false),
        };
        let customers = operation.ends_with("Underpinning");
        let direction = if customers { "supplier_to_customer" } else { "supplier_to_us" };
        let published_at = is_out.then_some("2026-01-01T00:00:00Z");
        let id = self.app.seed_promise(&on, Terms { status, published_at, direction, ..Terms::default() }).await;
        if operation == "getUnderpinning" {
            let link = self.app.seed_promise(&on, Terms::default()).await;
            let tree = json!({"tree": {"kind": "promise", "promise_id": link}});
            self.owner().send(Method::PUT, &format!("/v1/promises/{id}/underpinning"), Some(tree)).await.expect(200);
        }
        id
    }
}
