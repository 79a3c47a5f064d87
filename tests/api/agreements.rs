//! Agreements: drafts, lists, what may be changed.

mod ending;
mod handed_over;
mod negotiation;

use crate::both;
use crate::support::Caller;
use accord::shared::permission::Role;
use serde_json::{Value, json};

const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// A supplier that gets agreements.
pub async fn candidate(owner: &Caller<'_>, name: &str) -> String {
    let supplier = owner.supplier(name).await;
    owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
    supplier
}

/// A supplier whose agreements can be activated.
pub async fn field(owner: &Caller<'_>, name: &str) -> String {
    let supplier = candidate(owner, name).await;
    for verb in ["qualify", "activate"] {
        owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
    }
    supplier
}

pub fn lifts(supplier: &str) -> Value {
    json!({"supplier_id": supplier, "title": "Lift maintenance", "starts_on": "2027-01-01", "ends_on": "2027-12-31"})
}

both! {
    async fn an_agreement_is_made_as_a_draft_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let made = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201);
        let id = made.id();
        assert_eq!(made.header("location"), format!("/v1/agreements/{id}"));
        assert_eq!(made.body, json!({"id": id, "supplier_id": supplier, "external_id": null, "status": "draft",
            "status_reason": null, "owner_id": null, "reviewer_ids": [], "version": 1, "version_in_force": null,
            "open_version": 1, "turn": "us", "title": "Lift maintenance", "service_line": null,
            "customer_segment": null, "calendar_id": null, "starts_on": "2027-01-01", "ends_on": "2027-12-31",
            "notice": "P90D", "renewal": "none", "renewal_months": null, "customer_target": 0.8, "cadence": null,
            "service_code": [], "terminates_on": null, "previous_id": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        let versions = owner.get(&format!("/v1/agreements/{id}/versions")).await.expect(200).body;
        assert_eq!((&versions["data"][0]["version"], &versions["data"][0]["turn"]), (&json!(1), &json!("us")));
        let version = owner.get(&format!("/v1/agreements/{id}/versions/1")).await.expect(200).body;
        assert_eq!((&version["terms"]["title"], &version["status"]), (&json!("Lift maintenance"), &json!("open")));
        let change = json!({"title": "Lifts", "cadence": {"unit": "month", "every": 3, "day": 31}});
        let path = format!("/v1/agreements/{id}/versions/1");
        let changed = owner.patch(&path, change).await.expect(200);
        assert_eq!((&changed.body["terms"]["title"], changed.header("etag")), (&json!("Lifts"), "\"2\""));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body["title"], read.header("etag")), (&json!("Lifts"), "\"2\""));
        assert_eq!(owner.get("/v1/agreements?q=lif&status=draft").await.expect(200).each("id"), [id]);
    }

    async fn what_terms_may_not_be_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let month = |members: Value| {
            let mut cadence = json!({"unit": "month", "every": 1});
            cadence.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
            json!({"cadence": cadence})
        };
        for (wrong, error) in [
            (json!({"ends_on": "2026-12-31"}), "#/ends_on date_order"),
            (json!({"notice": "PT36H"}), "#/notice rule_violated"),
            (json!({"notice": "P9999D"}), "#/notice rule_violated"),
            (json!({"renewal": "automatic"}), "#/renewal_months rule_violated"),
            (json!({"renewal_months": 12}), "#/renewal_months rule_violated"),
            (month(json!({})), "#/cadence/day rule_violated"),
            (month(json!({"weekday": "monday"})), "#/cadence/nth rule_violated"),
            (month(json!({"nth": 2})), "#/cadence/weekday rule_violated"),
            (month(json!({"weekday": "monday", "nth": 0})), "#/cadence/nth rule_violated"),
            (month(json!({"weekday": "monday", "nth": 1, "day": 1})), "#/cadence/day rule_violated"),
            (json!({"cadence": {"unit": "week", "every": 1}}), "#/cadence/weekday rule_violated"),
            (json!({"template": "nothing-like-it"}), "#/template invalid_reference"),
            (json!({"copy_from": NOWHERE}), "#/copy_from invalid_reference"),
            (json!({"copy_from": NOWHERE, "template": "field-service"}), "#/template rule_violated"),
            (json!({"calendar_id": NOWHERE}), "#/calendar_id invalid_reference"),
            (json!({"owner_id": NOWHERE}), "#/owner_id invalid_reference"),
            (json!({"reviewer_ids": [NOWHERE]}), "#/reviewer_ids/0 invalid_reference"),
            (json!({"supplier_id": NOWHERE}), "#/supplier_id invalid_reference"),
        ] {
            let mut new = lifts(&supplier);
            new.as_object_mut().expect("an object").extend(wrong.as_object().expect("an object").clone());
            let refusal = owner.post("/v1/agreements", new).await.expect(422);
            assert_eq!(refusal.errors(), [error], "{wrong}");
        }
        let mut endless = lifts(&supplier);
        endless["ends_on"] = json!(null);
        endless["renewal"] = json!("automatic");
        endless["renewal_months"] = json!(12);
        let refusal = owner.post("/v1/agreements", endless).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/ends_on wrong_type"]);
        let wrong = json!({"title": " ", "starts_on": "soon", "customer_target": 1.1, "status": "active"});
        let refusal = owner.post("/v1/agreements", wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/customer_target too_large", "#/starts_on format", "#/status unknown_member",
            "#/supplier_id required", "#/title pattern"]);
        assert_eq!(owner.get("/v1/agreements").await.expect(200).body["data"], json!([]));
    }

    async fn only_suppliers_that_are_candidates_or_further_get_agreements(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let refusal = owner.post("/v1/agreements", lifts(&supplier)).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/supplier_id rule_violated"]);
        owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
        owner.post("/v1/agreements", lifts(&supplier)).await.expect(201);
        let reason = json!({"reason": "No."});
        owner.post(&format!("/v1/suppliers/{supplier}/reject"), reason).await.expect(200);
        owner.post("/v1/agreements", lifts(&supplier)).await.refused(422, "rule_violated");
    }

    async fn an_agreement_starts_from_a_template_or_from_another_one(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let mut new = lifts(&supplier);
        new["template"] = json!("field-service");
        new["notice"] = json!("P30D");
        let first = owner.post("/v1/agreements", new).await.expect(201);
        assert!(first.body["cadence"].is_object() && !first.body["service_code"].as_array().expect("items").is_empty());
        let other = candidate(&owner, "Other").await;
        let mut copy = json!({"supplier_id": other, "title": "Doors", "starts_on": "2028-01-01"});
        copy["copy_from"] = first.body["id"].clone();
        let second = owner.post("/v1/agreements", copy).await.expect(201);
        assert_eq!((&second.body["notice"], &second.body["cadence"]), (&json!("P30D"), &first.body["cadence"]));
        assert_eq!((&second.body["ends_on"], &second.body["title"]), (&json!(null), &json!("Doors")));
        let mut texts = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        for made in [&first, &second] {
            let path = format!("{}/versions/1", made.header("location"));
            let version = owner.get(&path).await.expect(200).body;
            let clauses = version["clauses"].as_array().expect("clauses").clone();
            texts.push(clauses.iter().map(|clause| clause["text"].clone()).collect::<Vec<_>>());
            ids.extend(clauses.iter().map(|clause| clause["id"].to_string()));
        }
        assert_eq!((&texts[0], ids.len()), (&texts[1], texts[0].len() * 2));
    }

    async fn agreements_are_filtered_sorted_and_read_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/v1/me").await.expect(200).body["id"].clone();
        let (acme, other) = (candidate(&owner, "Acme").await, candidate(&owner, "Other").await);
        for (supplier, title, more) in [
            (&acme, "Élan", json!({"service_line": "lifts", "external_id": "E-1"})),
            (&acme, "doors", json!({"owner_id": me})),
            (&other, "Zebra", json!({"ends_on": "2028-12-31"})),
        ] {
            let mut new = lifts(supplier);
            new["title"] = json!(title);
            new.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            owner.post("/v1/agreements", new).await.expect(201);
        }
        for (query, titles) in [
            ("limit=1", vec!["doors", "Élan", "Zebra"]),
            ("sort=-title&limit=2", vec!["Zebra", "Élan", "doors"]),
            ("sort=-created_at&limit=1", vec!["Zebra", "doors", "Élan"]),
            (&format!("supplier_id={other}"), vec!["Zebra"]),
            ("service_line=lifts", vec!["Élan"]),
            (&format!("owner_id={}", me.as_str().expect("an id")), vec!["doors"]),
            ("external_id=E-1", vec!["Élan"]),
            ("q=elan", vec!["Élan"]),
            ("ends_on_lte=2027-12-31", vec!["doors", "Élan"]),
            ("status=active&status=draft", vec!["doors", "Élan", "Zebra"]),
            ("status=active", vec![]),
        ] {
            assert_eq!(owner.walk(&format!("/v1/agreements?{query}"), "title").await, titles, "{query}");
        }
        let mut again = lifts(&acme);
        again["external_id"] = json!("E-1");
        owner.post("/v1/agreements", again).await.refused(409, "already_exists");
    }

    async fn owner_reviewers_and_external_id_are_changed_without_negotiation(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/v1/me").await.expect(200).body["id"].clone();
        let supplier = candidate(&owner, "Acme").await;
        let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
        let change = json!({"owner_id": me, "reviewer_ids": [me], "external_id": "A-1"});
        let changed = owner.patch(&path, change.clone()).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.body["reviewer_ids"]), ("\"2\"", &json!([me])));
        assert_eq!(owner.patch(&path, change).await.expect(200).header("etag"), "\"2\"");
        assert_eq!(owner.get(&path).await.expect(200).body, changed.body);
        let cleared = owner.patch(&path, json!({"owner_id": null, "reviewer_ids": []})).await.expect(200).body;
        assert_eq!((&cleared["owner_id"], &cleared["reviewer_ids"]), (&json!(null), &json!([])));
        let user = app.sign_in(Role::SupplierUser, Some(&supplier)).await.get("/v1/me").await.expect(200).body["id"].clone();
        let refusal = owner.patch(&path, json!({"owner_id": user})).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["#/owner_id invalid_reference"]);
        owner.patch(&path, json!({"title": "X"})).await.refused(400, "validation_failed");
        owner.with("if-match", "\"1\"").patch(&path, json!({})).await.refused(412, "etag_mismatch");
    }

    async fn only_a_draft_that_was_never_proposed_is_deleted(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let mut new = lifts(&supplier);
        new["template"] = json!("field-service");
        let path = owner.post("/v1/agreements", new.clone()).await.expect(201).header("location").to_owned();
        app.sign_in(Role::Manager, None).await.delete(&path).await.refused(403, "forbidden");
        owner.delete(&path).await.expect(204);
        owner.get(&path).await.refused(404, "not_found");
        assert_eq!(app.everything(&["agreement", "agreement_version", "expectation", "agreement_reviewer"]).await, "");
        let path = owner.post("/v1/agreements", new).await.expect(201).header("location").to_owned();
        owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
        owner.delete(&path).await.refused(409, "invalid_state");
    }

    async fn reviewers_see_what_they_own_or_review_and_others_read_all(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        let me = reviewer.get("/v1/me").await.expect(200).body["id"].clone();
        let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
        reviewer.get(&path).await.refused(404, "not_found");
        reviewer.get(&format!("{path}/versions/1")).await.refused(404, "not_found");
        assert_eq!(reviewer.get("/v1/agreements?count=true").await.expect(200).body["total_count"], 0);
        for change in [json!({"owner_id": me}), json!({"owner_id": null, "reviewer_ids": [me]})] {
            owner.patch(&path, change).await.expect(200);
            reviewer.get(&path).await.expect(200);
        }
        reviewer.patch(&path, json!({"external_id": "X"})).await.refused(403, "forbidden");
        reviewer.post(&format!("{path}/propose"), json!({})).await.refused(403, "forbidden");
        for role in [Role::Manager, Role::Agent, Role::Auditor] {
            app.sign_in(role, None).await.get(&path).await.expect(200);
        }
        for unknown in [format!("/v1/agreements/{NOWHERE}"), "/v1/agreements/1".to_owned(), format!("{path}/versions/2"),
            format!("{path}/versions/x")] {
            owner.get(&unknown).await.refused(404, "not_found");
        }
    }
}
