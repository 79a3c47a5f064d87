//! What differs between two versions of an agreement.

use crate::agreements::{candidate, lifts};
use crate::both;
use crate::expectations::{arrival, words};
use crate::negotiation::in_force;
use accord::shared::permission::Role;
use serde_json::json;

both! {
    async fn against_nothing_the_first_version_is_all_new(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
        owner.post(&format!("{path}/expectations"), arrival()).await.expect(201);
        let found = owner.get(&format!("{path}/versions/1/diff")).await.expect(200).body;
        assert_eq!((&found["version"], &found["against"]), (&json!(1), &json!(null)));
        assert_eq!(found["clauses"][0]["change"], "added");
        let lines = found["lines"].as_array().expect("lines");
        assert!(lines.contains(&json!("Clause 1 (supplier_to_customer) is new: Somebody is there.")), "{lines:?}");
        for wrong in ["versions/2/diff", "versions/x/diff"] {
            owner.get(&format!("{path}/{wrong}")).await.refused(404, "not_found");
        }
        let refusal = owner.get(&format!("{path}/versions/1/diff?against=2")).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["against invalid_reference"]);
    }

    async fn an_amendment_is_compared_with_what_is_in_force(app: TestApp) {
        let owner = app.owner().await;
        let (path, supplier) = in_force(&app, &owner, "Acme").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        owner.post(&format!("{path}/amend"), json!({})).await.expect(200);
        let all = owner.get(&format!("{path}/expectations?limit=100")).await.expect(200).body;
        let id = |number: usize| all["data"][number - 1]["id"].as_str().expect("an id").to_owned();
        let change = json!({"target_duration": "PT24H", "reliability": 0.9});
        owner.patch(&format!("{path}/expectations/{}", id(8)), change).await.expect(200);
        owner.delete(&format!("{path}/expectations/{}", id(10))).await.expect(204);
        owner.post(&format!("{path}/expectations"), words("supplier_to_us")).await.expect(201);
        owner.patch(&format!("{path}/versions/2"), json!({"customer_target": 0.85})).await.expect(200);
        let found = owner.get(&format!("{path}/versions/2/diff")).await.expect(200).body;
        assert_eq!(found["against"], 1);
        assert_eq!(found["terms"], json!([{"path": "/customer_target", "before": 0.8, "after": 0.85}]));
        assert_eq!(found["clauses"][0]["members"], json!([
            {"path": "/target_duration", "before": "P2D", "after": "P1D"},
            {"path": "/reliability", "before": 0.95, "after": 0.9},
        ]));
        assert_eq!(found["lines"], json!([
            "The customer target was 0.8, is 0.85.",
            "Clause 8 (supplier_to_customer): target was P2D, is P1D.",
            "Clause 8 (supplier_to_customer): reliability was 0.95, is 0.9.",
            "Clause 10 (supplier_to_customer) is gone: Your people come in clean working clothes with a badge, and \
             leave the place as clean as they found it.",
            "Clause 15 (supplier_to_us) is new: They know what they do.",
        ]));
        let back = owner.get(&format!("{path}/versions/1/diff?against=2")).await.expect(200).body;
        assert_eq!(back["lines"][0], "The customer target was 0.85, is 0.8.");
        // The clauses in force read as they were signed, and the supplier sees no other ones yet.
        let signed = owner.get(&format!("{path}/expectations/{}?version=1", id(8))).await.expect(200).body;
        assert_eq!((&signed["target_duration"], &signed["version"]), (&json!("P2D"), &json!(1)));
        admin.get(&format!("{path}/versions/2/diff")).await.refused(404, "not_found");
        admin.get(&format!("{path}/versions/1/diff?against=2")).await.refused(422, "invalid_reference");
        admin.get(&format!("{path}/expectations?version=2")).await.refused(404, "not_found");
        let shown = admin.get(&format!("{path}/expectations/{}", id(10))).await.expect(200).body;
        assert_eq!(shown["version"], 1);
        owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
        assert_eq!(admin.get(&format!("{path}/versions/2/diff")).await.expect(200).body["lines"], found["lines"]);
        let open = admin.get(&format!("{path}/expectations/{}", id(8))).await.expect(200).body;
        assert_eq!((&open["version"], &open["accepted_by_supplier_at"]), (&json!(2), &json!(null)));
        let kept = admin.get(&format!("{path}/expectations/{}", id(1))).await.expect(200).body;
        assert!(kept["accepted_by_supplier_at"].is_string(), "what was not changed stays accepted");
    }
}
