//! Actions of the world.

use super::Who;
use super::world::{HIDDEN, World};
use accord::shared::permission::Role;
use serde_json::{Value, json};

impl World<'_> {
    /// What is to be done by us, without anything that belongs to a supplier.
    pub async fn action_terms(&self) -> Value {
        let reviewer = self.caller(Who::Staff(Role::Reviewer)).get("/v1/me").await.expect(200).id();
        json!({"title": "Answer sooner", "description": "Within a day.", "side": "us", "owner_id": reviewer,
            "due_on": "2099-12-31", "metric": {"kind": "judgement"}})
    }

    /// An agreement in force that the reviewer owns.
    pub async fn owned_agreement(&self, supplier: &str, who: Who) -> String {
        let on = self.agreement_in_force(supplier, who).await;
        let owner = json!({"owner_id": self.action_terms().await["owner_id"]});
        self.owner().patch(&format!("/v1/agreements/{}", on.agreement), owner).await.expect(200);
        on.agreement
    }

    /// An action in the state in which the operation is possible: what a supplier does, it has to do itself.
    pub async fn action(&self, operation: &str, who: Who) -> String {
        let supplier = if who.is_own() { &self.own } else { &self.other };
        let us = self.owner().clone();
        let them = self.app.sign_in(Role::SupplierAdmin, Some(supplier.as_str())).await;
        let agreement = self.owned_agreement(supplier, who).await;
        let contact = json!({"name": "Somebody", "roles": ["main_employee_contact"]});
        let contact = us.post(&format!("/v1/suppliers/{supplier}/people"), contact).await.expect(201).id();
        let is_theirs = who.is_own() || operation == "verifyAction";
        let mut terms = self.action_terms().await;
        if is_theirs {
            terms.as_object_mut().expect("an object").remove("owner_id");
            (terms["side"], terms["person_id"]) = (json!("supplier"), json!(contact));
        }
        terms["title"] = json!(if who.is_own() { "Own terms" } else { HIDDEN });
        let mut new = terms.clone();
        new["agreement_id"] = json!(agreement);
        let path = us.post("/v1/actions", new).await.expect(201).header("location").to_owned();
        let other_side_proposes = match operation {
            "counterAction" => !who.is_own(),
            "updateAction" | "withdrawAction" => who.is_own(),
            _ => false,
        };
        if other_side_proposes {
            them.post(&format!("{path}/counter"), terms).await.expect(200);
        }
        let steps = match operation {
            "startAction" | "abandonAction" => 1,
            "claimAction" => 2,
            "verifyAction" => 3,
            "resumeAction" => 4,
            _ => 0,
        };
        if steps > 0 {
            us.post(&format!("{path}/sign"), json!({})).await.expect(200);
            them.post(&format!("{path}/sign"), json!({"person_id": contact})).await.expect(200);
        }
        // Whoever claims it does not verify it.
        let (doer, judge) = if is_theirs { (them, us) } else { (us, self.caller(Who::Staff(Role::Manager))) };
        if steps > 1 {
            doer.act(&format!("{path}/start")).await.expect(200);
        }
        if steps > 2 {
            doer.post(&format!("{path}/claim"), self.claim()).await.expect(200);
        }
        if steps > 3 {
            let judged = json!({"judgement": {"effective": false, "text": "Nothing changed."}});
            judge.post(&format!("{path}/verify"), judged).await.expect(200);
        }
        path.rsplit('/').next().expect("an id").to_owned()
    }

    /// It shows since today.
    pub fn claim(&self) -> Value {
        json!({"note": "Done.", "effective_from": &self.app.clock.now().to_string()[..10]})
    }
}
