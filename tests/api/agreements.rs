//! Agreements: drafts, lists, what may be changed.

use crate::both;
use crate::support::Caller;
use serde_json::{Value, json};

/// A supplier that gets agreements.
pub async fn candidate(owner: &Caller<'_>, name: &str) -> String {
    let supplier = owner.supplier(name).await;
    owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
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
}
