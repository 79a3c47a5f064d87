//! Templates of agreements.

use crate::agreements::{candidate, lifts};
use crate::both;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn there_are_templates_for_every_kind_of_supplier(app: TestApp) {
        let owner = app.owner().await;
        let all = owner.get("/v1/agreement-templates").await.expect(200);
        let keys = ["field-service", "goods-supplier", "internal-unit", "professional-services"];
        assert_eq!(all.each("key"), keys);
        for (place, key) in keys.iter().enumerate() {
            let one = owner.get(&format!("/v1/agreement-templates/{key}")).await.expect(200);
            assert_eq!(one.body, all.body["data"][place]);
            let code = one.body["service_code"].as_array().expect("a code");
            assert!(code.contains(&json!({"kind": "dont", "text": "Never send the customer to somebody else."})));
        }
        owner.get("/v1/agreement-templates/unknown").await.refused(404, "not_found");
    }

    async fn an_agreement_starts_from_a_template(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let mut new = lifts(&supplier);
        new["template"] = json!("field-service");
        let made = owner.post("/v1/agreements", new.clone()).await.expect(201);
        let template = owner.get("/v1/agreement-templates/field-service").await.expect(200).body;
        assert_eq!(made.body["service_code"], template["service_code"]);
        assert_eq!(made.body["cadence"], template["cadence"]);
        let clauses = owner.get(&format!("{}/expectations?limit=100", made.header("location"))).await.expect(200).body;
        let (clauses, wanted) = (clauses["data"].as_array().expect("a list"), &template["clauses"]);
        assert_eq!(clauses.len(), wanted.as_array().expect("a list").len());
        for (clause, wanted) in clauses.iter().zip(wanted.as_array().expect("a list")) {
            for member in ["direction", "dimension", "text", "metric", "target", "target_duration", "reliability"] {
                assert_eq!(clause[member], wanted[member], "{member}");
            }
            let number = |id: &Value| clauses.iter().find(|other| other["id"] == *id).map(|other| other["position"].clone());
            let on: Vec<_> = clause["depends_on"].as_array().expect("ids").iter().filter_map(number).collect();
            assert_eq!(json!(on), wanted["depends_on"]);
            assert!(clause["accepted_by_us_at"].is_string() && clause["accepted_by_supplier_at"].is_null());
        }
        new["template"] = json!("unknown");
        let refusal = owner.post("/v1/agreements", new).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["#/template invalid_reference"]);
    }

    async fn everybody_who_reads_agreements_reads_templates(app: TestApp) {
        let own = app.owner().await.supplier("Acme").await;
        for (role, supplier) in [(Role::SupplierUser, Some(own.as_str())), (Role::Auditor, None)] {
            app.sign_in(role, supplier).await.get("/v1/agreement-templates").await.expect(200);
        }
        app.nobody().get("/v1/agreement-templates").await.refused(401, "missing_credentials");
    }
}
