//! What keeps a review from closing, and what closes with it.

use crate::both;
use crate::support::reviews::Stage;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn an_unanswered_early_warning_keeps_a_review_open(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let me = owner.get("/v1/me").await.expect(200).id();
        let path = app.reviewed(&on, Stage::Committed).await;
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let warning = json!({"agreement_id": on.agreement, "text": "Parts run out.", "urgency": "high"});
        let made = admin.post("/v1/early-warnings", warning).await.expect(201);
        let at = made.header("location").to_owned();
        assert_eq!((&made.body["urgency"], &made.body["answer"], &made.body["supplier_id"]), (&json!("high"), &Value::Null, &json!(on.supplier)));
        let due = owner.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&due["kind"], &due["resource_path"], &due["due_at"]), (&json!("early_warning.answer"), &json!(at), &json!("2026-11-22T09:00:00.000Z")));
        let refused = owner.act(&format!("{path}/close")).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), [format!("#/early_warnings/{} rule_violated", made.id())]);
        admin.post(&format!("{at}/answer"), json!({"answer": "Fine."})).await.refused(403, "forbidden");
        let answered = owner.post(&format!("{at}/answer"), json!({"answer": "We send some."})).await.expect(200).body;
        assert_eq!((&answered["answer"], &answered["revision"]), (&json!("We send some."), &json!(2)));
        owner.post(&format!("{at}/answer"), json!({"answer": "Again."})).await.refused(409, "invalid_state");
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
        let seen = admin.get(&at).await.expect(200).body;
        assert_eq!((&seen["answer"], &seen["answered_by"]), (&json!("We send some."), &Value::Null));
        assert_eq!(owner.get("/v1/early-warnings?is_answered=false").await.expect(200).body["data"], json!([]));
        assert_eq!(owner.act(&format!("{path}/close")).await.expect(200).body["status"], "closed");
    }

    async fn what_was_confirmed_is_marked_and_changes_become_proposals(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let clause = |id: &str| format!("{path}/expectations/{id}");
        let refused = owner.put(&clause(&on.theirs), json!({"verdict": "change"})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/proposal rule_violated"]);
        owner.put(&clause(&on.ours), json!({"verdict": "confirmed", "proposal": "x"})).await.refused(422, "rule_violated");
        owner.put(&clause("01946f1e-f608-7a5d-8eaa-5f60718293a4"), json!({"verdict": "confirmed"})).await.refused(404, "not_found");
        owner.put(&clause(&on.ours), json!({"verdict": "confirmed"})).await.expect(200);
        owner.put(&clause(&on.theirs), json!({"verdict": "confirmed"})).await.expect(200);
        let change = json!({"verdict": "change", "proposal": "Everything comes within a day."});
        let said = owner.put(&clause(&on.theirs), change).await.expect(200).body;
        assert_eq!((&said["verdict"], &said["proposal"]), (&json!("change"), &json!("Everything comes within a day.")));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        assert_eq!(admin.get(&format!("{path}/expectations")).await.expect(200).body["data"].as_array().expect("a list").len(), 2);
        let own = format!("/v1/agreements/{}/expectations", on.agreement);
        assert_eq!(owner.get(&format!("{own}/{}", on.ours)).await.expect(200).body["confirmed_by_us_at"], Value::Null);

        app.bring_on(&path, &on).await;
        let confirmed = owner.get(&format!("{own}/{}?version=1", on.ours)).await.expect(200).body;
        let now = json!("2026-11-21T09:00:00.000Z");
        assert_eq!((&confirmed["confirmed_by_us_at"], &confirmed["confirmed_by_supplier_at"]), (&now, &now), "both agree");
        let agreement = owner.get(&format!("/v1/agreements/{}", on.agreement)).await.expect(200).body;
        assert_eq!((&agreement["status"], &agreement["open_version"]), (&json!("amending"), &json!(2)));
        let proposed = owner.get(&format!("{own}/{}?version=2", on.theirs)).await.expect(200).body;
        assert_eq!((&proposed["text"], &proposed["accepted_by_supplier_at"]), (&json!("Everything comes within a day."), &Value::Null));
        let untouched = owner.get(&format!("{own}/{}?version=1", on.theirs)).await.expect(200).body;
        assert_eq!((&untouched["text"], &untouched["confirmed_by_us_at"]), (&json!("Everything comes within two days."), &Value::Null));
        owner.put(&clause(&on.ours), json!({"verdict": "confirmed"})).await.refused(409, "invalid_state");
    }

    async fn a_clause_that_is_gone_keeps_no_review_open(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Committed).await;
        let said = |id: &str| format!("{path}/expectations/{id}");
        owner.put(&said(&on.customers), json!({"verdict": "change", "proposal": "Everything comes within a day."})).await.expect(200);
        owner.put(&said(&on.ours), json!({"verdict": "confirmed"})).await.expect(200);
        // The next version has neither of the two.
        app.sql("DELETE FROM expectation WHERE direction <> 'supplier_to_us'").await;
        assert_eq!(owner.act(&format!("{path}/close")).await.expect(200).body["status"], "closed");
        let agreement = owner.get(&format!("/v1/agreements/{}", on.agreement)).await.expect(200).body;
        assert_eq!(agreement["status"], "active", "there was nothing to amend");
        let id = path.trim_start_matches("/v1/reviews/");
        let events = owner.get(&format!("/v1/audit-events?resource_id={id}&limit=100")).await.expect(200).body;
        let closed = events["data"].as_array().expect("a list").iter().find(|one| one["action"] == "review.close").expect("the fact");
        let reason = closed["reason"].as_str().expect("a reason");
        assert!(reason.contains(&on.customers) && reason.contains(&on.ours), "{reason}");
    }

    async fn what_is_confirmed_after_the_supplier_agreed_is_ours_alone(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let said = |id: &str| format!("{path}/expectations/{id}");
        owner.put(&said(&on.ours), json!({"verdict": "confirmed"})).await.expect(200);
        app.bring_to_committed(&path, &on).await;
        app.clock.advance(chrono::TimeDelta::minutes(1));
        owner.put(&said(&on.theirs), json!({"verdict": "confirmed"})).await.expect(200);
        owner.act(&format!("{path}/close")).await.expect(200);
        let clause = async |id: &str| {
            let clause = owner.get(&format!("/v1/agreements/{}/expectations/{id}", on.agreement)).await.expect(200).body;
            (clause["confirmed_by_us_at"].is_string(), clause["confirmed_by_supplier_at"].is_string())
        };
        assert_eq!((clause(&on.ours).await, clause(&on.theirs).await), ((true, true), (true, false)));
    }
}

impl crate::support::TestApp {
    /// From ready to closed.
    async fn bring_on(&self, path: &str, on: &crate::support::seed::Seeded) {
        self.bring_to_committed(path, on).await;
        self.owner().await.act(&format!("{path}/close")).await.expect(200);
    }

    async fn bring_to_committed(&self, path: &str, on: &crate::support::seed::Seeded) {
        let rater = self.colleague("rater", Role::Manager).await;
        rater.hold(path, on).await.expect(200);
        rater.post(&format!("{path}/rate"), crate::support::reviews::ratings(4)).await.expect(200);
        let admin = self.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&format!("{path}/rate"), crate::support::reviews::ratings(4)).await.expect(200);
        let said = json!({"would_use_again": true, "reason": "Good."});
        rater.post(&format!("{path}/would-use-again"), said).await.expect(200);
        rater.act(&format!("{path}/lock-ratings")).await.expect(200);
        admin.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.expect(200);
        rater.act(&format!("{path}/commit")).await.expect(200);
    }
}
