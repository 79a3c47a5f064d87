//! Commitments: recording, judging, fulfilling, withdrawing, correcting, breaking by themselves.

mod break_by_themselves;
pub mod import;
mod limits;
mod tallies;

use crate::both;
use crate::support::seed::{Seeded, Terms};
use crate::support::{Caller, TestApp};
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// An agreement with a supplier, and its published promise of 48 hours.
pub async fn promised(app: &TestApp, owner: &Caller<'_>) -> (Seeded, String) {
    let on = app.seed_agreement(&owner.supplier("Acme").await).await;
    let promise = app.seed_promise(&on, Terms::default()).await;
    (on, promise)
}

pub async fn commit(owner: &Caller<'_>, promise: &str, more: Value) -> Value {
    let mut new = json!({"promise_id": promise});
    new.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    owner.post("/v1/commitments", new).await.expect(201).body
}

both! {
    async fn a_commitment_is_due_after_the_promised_time(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let new = json!({"promise_id": promise, "job_ref": "J-1", "external_id": "C-1"});
        let made = owner.post("/v1/commitments", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/commitments/{}", made.id()));
        assert_eq!(made.body, json!({"id": made.id(), "promise_id": promise, "promise_version": 1,
            "agreement_id": on.agreement, "supplier_id": on.supplier, "person_id": null, "status": "open",
            "is_promised": true, "made_at": "2026-11-21T09:00:00.000Z", "due_at": "2026-11-23T09:00:00.000Z",
            "breaks_at": "2026-11-23T09:00:00.000Z", "fulfilled_at": null, "value": null, "day": "2026-11-23",
            "job_ref": "J-1", "customer_ref": null, "cause": null, "note": null, "external_id": "C-1",
            "supersedes_id": null, "superseded_by_id": null, "import_id": null, "suggested_cause": null,
            "suggested_by_id": null, "revision": 1, "created_at": "2026-11-21T09:00:00.000Z",
            "updated_at": "2026-11-21T09:00:00.000Z"}));
        assert_eq!(owner.get(made.header("location")).await.expect(200).body, made.body);
    }

    async fn history_is_judged_by_the_version_in_force_then(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms { published_at: None, ..Terms::default() }).await;
        let shorter = Terms { target: 3600.0, effective_from: "2026-06-01T00:00:00Z", ..Terms::default() };
        app.seed_version(&promise, 2, shorter).await;
        let old = commit(&owner, &promise, json!({"made_at": "2026-05-31T10:00:00Z",
            "fulfilled_at": "2026-06-01T10:00:00Z"})).await;
        assert_eq!((&old["promise_version"], &old["status"], &old["is_promised"]), (&json!(1), &json!("kept"), &json!(false)));
        assert_eq!(old["value"], 86_400.0);
        let new = commit(&owner, &promise, json!({"made_at": "2026-06-01T10:00:00Z",
            "fulfilled_at": "2026-06-02T10:00:00Z"})).await;
        assert_eq!((&new["promise_version"], &new["status"], &new["is_promised"]), (&json!(2), &json!("broken"), &json!(true)));
        let before = json!({"promise_id": promise, "made_at": "2025-12-31T23:59:59Z"});
        assert_eq!(owner.post("/v1/commitments", before).await.refused(422, "rule_violated").errors(),
            ["#/made_at rule_violated"]);
    }

    async fn what_cannot_be_is_refused_with_its_place(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let other = owner.supplier("Other").await;
        let stranger = owner.post(&format!("/v1/suppliers/{other}/people"), json!({"name": "Jo"})).await.expect(201).id();
        commit(&owner, &promise, json!({"external_id": "C-1"})).await;
        for (more, status, code, place) in [
            (json!({"made_at": "2026-11-21T09:00:01Z"}), 422, "rule_violated", "#/made_at rule_violated"),
            (json!({"fulfilled_at": "2026-11-21T09:00:01Z"}), 422, "rule_violated", "#/fulfilled_at rule_violated"),
            (json!({"fulfilled_at": "2026-11-21T08:59:59Z"}), 422, "date_order", "#/fulfilled_at date_order"),
            (json!({"due_at": "2026-11-21T08:59:59Z"}), 422, "date_order", "#/due_at date_order"),
            (json!({"value": 7, "fulfilled_at": "2026-11-21T09:00:00Z"}), 422, "rule_violated", "#/value rule_violated"),
            (json!({"person_id": stranger}), 422, "invalid_reference", "#/person_id invalid_reference"),
            (json!({"promise_external_id": "P-1"}), 422, "rule_violated", "#/promise_id rule_violated"),
            (json!({"promise_id": other}), 422, "invalid_reference", "#/promise_id invalid_reference"),
            (json!({"external_id": "C-1"}), 409, "already_exists", "#/external_id already_exists"),
        ] {
            let mut new = json!({"promise_id": promise});
            new.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            assert_eq!(owner.post("/v1/commitments", new).await.refused(status, code).errors(), [place], "{more}");
        }
    }

    async fn a_measured_promise_needs_a_due_date_and_a_number(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let rating = Terms { metric: "rating", comparison: "at_least", target: 4.0, external_id: Some("P-1".into()),
            ..Terms::default() };
        app.seed_promise(&on, rating).await;
        let new = json!({"promise_external_id": "P-1"});
        assert_eq!(owner.post("/v1/commitments", new).await.refused(422, "rule_violated").errors(), ["#/due_at rule_violated"]);
        let new = json!({"promise_external_id": "P-1", "due_at": "2026-11-22T09:00:00Z"});
        let made = owner.post("/v1/commitments", new).await.expect(201);
        let fulfil = format!("{}/fulfil", made.header("location"));
        assert_eq!(owner.post(&fulfil, json!({})).await.refused(422, "rule_violated").errors(), ["#/value rule_violated"]);
        let done = owner.post(&fulfil, json!({"value": 3.9})).await.expect(200).body;
        assert_eq!((&done["status"], &done["value"]), (&json!("broken"), &json!(3.9)));
    }

    async fn an_open_commitment_is_fulfilled_once(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({})).await;
        let path = format!("/v1/commitments/{}", made["id"].as_str().expect("an id"));
        app.clock.advance(chrono::TimeDelta::hours(48));
        let owner = app.owner().await;
        let kept = owner.with("if-match", "\"1\"").post(&format!("{path}/fulfil"), json!({})).await.expect(200).body;
        assert_eq!((&kept["status"], &kept["value"], &kept["revision"]), (&json!("kept"), &json!(172_800.0), &json!(2)));
        let again = owner.post(&format!("{path}/fulfil"), json!({})).await.refused(409, "invalid_state").body;
        assert_eq!((&again["current_status"], &again["allowed"]), (&json!("kept"), &json!(["correct"])));
        let stale = owner.with("if-match", "\"1\"").post(&format!("{path}/fulfil"), json!({})).await;
        stale.refused(412, "etag_mismatch");
    }

    async fn a_late_fulfilment_is_recorded_on_a_broken_one_and_changes_nothing_else(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        assert_eq!(made["status"], "broken");
        let path = format!("/v1/commitments/{}/fulfil", made["id"].as_str().expect("an id"));
        let in_time = json!({"fulfilled_at": "2026-11-02T09:00:00Z"});
        assert_eq!(owner.post(&path, in_time).await.refused(422, "rule_violated").errors(), ["#/fulfilled_at rule_violated"]);
        let late = owner.post(&path, json!({"fulfilled_at": "2026-11-04T09:00:00Z"})).await.expect(200).body;
        assert_eq!((&late["status"], &late["value"]), (&json!("broken"), &json!(259_200.0)));
        owner.post(&path, json!({})).await.refused(409, "invalid_state");
    }

    async fn a_fulfilment_is_judged_by_the_time_that_was_set(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({})).await;
        app.sql("UPDATE promise_version SET grace_seconds = 604800").await;
        app.clock.advance(chrono::TimeDelta::hours(49));
        let owner = app.owner().await;
        let path = format!("/v1/commitments/{}/fulfil", made["id"].as_str().expect("an id"));
        let late = owner.post(&path, json!({})).await.expect(200).body;
        assert_eq!((&late["status"], &late["breaks_at"]), (&json!("broken"), &made["breaks_at"]));
    }

    async fn a_correction_takes_the_place_of_what_it_corrects(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let old = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z", "external_id": "C-1"})).await;
        let path = format!("/v1/commitments/{}", old["id"].as_str().expect("an id"));
        let what = json!({"reason": "The delivery note was found.", "fulfilled_at": "2026-11-02T09:00:00Z"});
        let new = owner.post(&format!("{path}/correct"), what.clone()).await.expect(201);
        assert_eq!((&new.body["status"], &new.body["supersedes_id"], &new.body["external_id"]),
            (&json!("kept"), &old["id"], &json!("C-1")));
        let before = owner.get(&path).await.expect(200).body;
        assert_eq!((&before["status"], &before["superseded_by_id"]), (&json!("broken"), &new.body["id"]));
        owner.post(&format!("{path}/correct"), what).await.refused(409, "invalid_state");
        let list = owner.get("/v1/commitments?external_id=C-1").await.expect(200);
        assert_eq!(list.each("id"), [new.id()]);
        let all = owner.get("/v1/commitments?external_id=C-1&superseded=true").await.expect(200);
        assert_eq!(all.each("status"), ["broken", "kept"]);
        let earlier = json!({"reason": "The call came earlier.", "made_at": "2026-10-30T09:00:00Z"});
        let new = owner.post(&format!("{}/correct", new.header("location")), earlier).await.expect(201);
        assert_eq!((&new.body["due_at"], &new.body["status"]), (&json!("2026-11-01T09:00:00.000Z"), &json!("broken")));
        let undone = json!({"reason": "It was another one's.", "is_unfulfilled": true});
        let again = owner.post(&format!("{}/correct", new.header("location")), undone).await.expect(201).body;
        assert_eq!((&again["status"], &again["value"]), (&json!("broken"), &json!(null)));
    }

    async fn only_open_ones_are_withdrawn_and_only_broken_ones_have_a_cause(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({})).await;
        let path = format!("/v1/commitments/{}", made["id"].as_str().expect("an id"));
        owner.post(&format!("{path}/set-cause"), json!({"cause": "customer"})).await.refused(409, "invalid_state");
        let gone = owner.post(&format!("{path}/withdraw"), json!({"reason": "Cancelled."})).await.expect(200).body;
        assert_eq!(gone["status"], "withdrawn");
        owner.post(&format!("{path}/withdraw"), json!({"reason": "Cancelled."})).await.refused(409, "invalid_state");
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
        let caused = owner.post(&format!("{path}/set-cause"), json!({"cause": "customer"})).await.expect(200).body;
        assert_eq!(caused["cause"], "customer");
    }

    async fn a_retired_promise_and_a_suspended_supplier_get_nothing_new(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let retired = app.seed_promise(&on, Terms { status: "retired", ..Terms::default() }).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        owner.post("/v1/commitments", json!({"promise_id": retired})).await.refused(409, "invalid_state");
        app.sql("UPDATE supplier SET status = 'suspended'").await;
        owner.post("/v1/commitments", json!({"promise_id": promise})).await.refused(409, "invalid_state");
    }

    async fn a_supplier_reads_its_own_commitments_only(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({"external_id": "C-1"})).await;
        let path = format!("/v1/commitments/{}", made["id"].as_str().expect("an id"));
        let other = owner.supplier("Other").await;
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let own = app.sign_in(role, Some(&on.supplier)).await;
            assert_eq!(own.get("/v1/commitments").await.expect(200).each("external_id"), ["C-1"]);
            own.get(&path).await.expect(200);
            let refusal = own.post(&format!("{path}/fulfil"), json!({})).await.refused(403, "forbidden");
            assert_eq!(refusal.body["required_permission"], "commitments.transition");
            own.post("/v1/commitments", json!({"promise_id": promise})).await.refused(403, "forbidden");
            let stranger = app.sign_in(role, Some(&other)).await;
            assert!(stranger.get("/v1/commitments").await.expect(200).each("id").is_empty());
            assert!(stranger.get("/v1/commitments/at-risk").await.expect(200).each("id").is_empty());
            stranger.get(&path).await.refused(404, "not_found");
        }
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        reviewer.get(&path).await.refused(404, "not_found");
        app.nobody().get(&path).await.refused(401, "missing_credentials");
    }

    async fn those_at_risk_come_by_the_time_that_is_left(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        for (key, due_at) in [("late", "2026-11-23T09:00:00Z"), ("soon", "2026-11-21T12:00:00Z"), ("sooner", "2026-11-21T10:00:00Z")] {
            commit(&owner, &promise, json!({"external_id": key, "due_at": due_at})).await;
        }
        assert_eq!(owner.walk("/v1/commitments/at-risk?limit=1", "external_id").await, ["sooner", "soon"]);
        let all = owner.get("/v1/commitments/at-risk?within=PT48H").await.expect(200);
        assert_eq!(all.each("external_id"), ["sooner", "soon", "late"]);
    }
}
