//! Expectations: the clauses of agreements.

use crate::agreements::{candidate, lifts};
use crate::both;
use crate::support::{Answer, Caller};
use accord::shared::permission::Role;
use serde_json::{Value, json};

const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// An agreement without clauses: its address, and the supplier's id.
async fn draft(owner: &Caller<'_>) -> (String, String) {
    let supplier = candidate(owner, "Acme").await;
    let made = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201);
    (made.header("location").to_owned(), supplier)
}

pub fn arrival() -> Value {
    json!({"direction": "supplier_to_customer", "dimension": "responsiveness", "text": "Somebody is there.",
        "metric": "duration", "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.95})
}

pub fn words(direction: &str) -> Value {
    json!({"direction": direction, "dimension": "assurance", "text": "They know what they do."})
}

async fn write(caller: &Caller<'_>, agreement: &str, clause: Value) -> Answer {
    caller.post(&format!("{agreement}/expectations"), clause).await.expect(201)
}

both! {
    async fn a_clause_is_written_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let made = write(&owner, &agreement, arrival()).await;
        assert_eq!(made.header("location"), format!("{agreement}/expectations/{}", made.id()));
        let now = "2026-11-21T09:00:00.000Z";
        assert_eq!(made.body, json!({"id": made.id(), "agreement_id": agreement.rsplit('/').next(), "version": 1,
            "position": 1, "direction": "supplier_to_customer", "dimension": "responsiveness",
            "text": "Somebody is there.", "metric": "duration", "comparison": "at_most", "target": null,
            "target_duration": "P2D", "unit": null, "reliability": 0.95, "is_gate": false, "depends_on": [],
            "review_by": null, "accepted_by_us_at": now, "accepted_by_supplier_at": null, "confirmed_by_us_at": null,
            "confirmed_by_supplier_at": null, "revision": 1, "created_at": now, "updated_at": now}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        owner.get(&format!("{}?version=2", made.header("location"))).await.refused(404, "not_found");
        let stars = json!({"direction": "supplier_to_customer", "dimension": "empathy", "text": "Liked.",
            "metric": "rating", "comparison": "at_least", "target": 4.5, "unit": "stars of 5", "reliability": 0.9,
            "is_gate": true, "review_by": "2027-06-30"});
        let stars = write(&owner, &agreement, stars).await.body;
        assert_eq!((&stars["target"], &stars["target_duration"], &stars["position"]), (&json!(4.5), &json!(null), &json!(2)));
    }

    async fn clauses_are_listed_by_number_filtered_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let directions = ["us_to_supplier", "supplier_to_us", "supplier_to_customer", "us_to_supplier"];
        for (place, direction) in directions.iter().enumerate() {
            let mut clause = words(direction);
            clause["text"] = json!(format!("{place}"));
            write(&owner, &agreement, clause).await;
        }
        let list = format!("{agreement}/expectations");
        for limit in [1, 2, 25] {
            assert_eq!(owner.walk(&format!("{list}?limit={limit}"), "text").await, ["0", "1", "2", "3"]);
        }
        let ours = owner.get(&format!("{list}?direction=us_to_supplier&version=1&count=true")).await.expect(200);
        assert_eq!((ours.each("text"), &ours.body["total_count"]), (vec!["0".to_owned(), "3".to_owned()], &json!(2)));
        let empty = owner.get(&format!("{list}?dimension=empathy&dimension=tangibles")).await.expect(200);
        assert_eq!(empty.body["data"], json!([]));
        owner.get(&format!("{list}?version=2")).await.refused(404, "not_found");
        owner.get(&format!("{list}?version=0")).await.refused(400, "invalid_parameter");
        owner.get(&format!("{list}?direction=up")).await.refused(400, "invalid_parameter");
    }

    async fn what_does_not_match_the_document_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let wrong = json!({"direction": "up", "text": " ", "metric": "speed", "reliability": 0, "target": -1,
            "target_duration": "P1M", "unit": "\u{0}", "depends_on": [NOWHERE, NOWHERE], "owner": 1});
        let refusal = owner.post(&format!("{agreement}/expectations"), wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/depends_on not_unique", "#/dimension required", "#/direction not_in_enum", "#/metric not_in_enum",
            "#/owner unknown_member", "#/reliability too_small", "#/target too_small", "#/target_duration pattern",
            "#/text pattern", "#/unit pattern",
        ]);
    }

    async fn numbers_fit_the_metric_or_all_that_do_not_are_named(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let cases = [
            (json!({"comparison": "at_least"}), vec!["#/comparison rule_violated"]),
            (json!({"target": 2, "target_duration": null}), vec!["#/target rule_violated", "#/target_duration rule_violated"]),
            (json!({"target_duration": "PT0S"}), vec!["#/target_duration rule_violated"]),
            (json!({"unit": "hours"}), vec!["#/unit rule_violated"]),
            (json!({"reliability": null, "comparison": null}), vec!["#/comparison rule_violated", "#/reliability rule_violated"]),
            (json!({"metric": "proportion"}), vec!["#/target rule_violated", "#/target_duration rule_violated"]),
            (json!({"metric": "proportion", "target_duration": null, "target": 1.01}), vec!["#/target rule_violated"]),
            (json!({"metric": "count", "target_duration": null, "target": 2.5}), vec!["#/target rule_violated"]),
            (json!({"metric": null, "target_duration": null}), vec!["#/comparison rule_violated", "#/reliability rule_violated"]),
        ];
        let made = write(&owner, &agreement, arrival()).await;
        for (change, wrong) in cases {
            let mut new = arrival();
            for (name, value) in change.as_object().expect("an object") {
                new[name] = value.clone();
            }
            // A new clause leaves out what it does not have.
            new.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
            let refusal = owner.post(&format!("{agreement}/expectations"), new).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), wrong, "{change}");
            let refusal = owner.patch(made.header("location"), change.clone()).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), wrong, "{change}");
        }
        assert_eq!(owner.get(made.header("location")).await.expect(200).body, made.body);
    }

    async fn a_clause_depends_on_what_the_other_side_owes(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let ours = write(&owner, &agreement, words("us_to_supplier")).await;
        let theirs = write(&owner, &agreement, words("supplier_to_us")).await;
        let mut served = words("supplier_to_customer");
        for (on, code) in [(theirs.id(), "rule_violated"), (NOWHERE.to_owned(), "invalid_reference")] {
            served["depends_on"] = json!([ours.id(), on]);
            let refusal = owner.post(&format!("{agreement}/expectations"), served.clone()).await.refused(422, code);
            assert_eq!(refusal.errors(), [format!("#/depends_on/1 {code}")]);
        }
        served["depends_on"] = json!([ours.id()]);
        let served = write(&owner, &agreement, served).await;
        assert_eq!(served.body["depends_on"], json!([ours.id()]));
        let circle = json!({"depends_on": [served.id()]});
        let refusal = owner.patch(ours.header("location"), circle).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/depends_on rule_violated"]);
        let itself = json!({"depends_on": [ours.id()]});
        owner.patch(ours.header("location"), itself).await.refused(422, "rule_violated");
        let turned = json!({"direction": "supplier_to_us"});
        let refusal = owner.patch(ours.header("location"), turned).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/direction rule_violated"]);
        let kept = owner.delete(ours.header("location")).await.refused(409, "in_use");
        assert_eq!(kept.body["clauses"], json!([served.body["position"]]));
        owner.patch(served.header("location"), json!({"depends_on": []})).await.expect(200);
        owner.delete(ours.header("location")).await.expect(204);
        owner.get(ours.header("location")).await.refused(404, "not_found");
        // Its number is gone with it: 4 was not given, 3 is.
        assert_eq!(write(&owner, &agreement, words("us_to_supplier")).await.body["position"], 4);
    }

    async fn a_version_has_at_most_two_hundred_clauses(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        for _ in 0..200 {
            write(&owner, &agreement, words("us_to_supplier")).await;
        }
        owner.post(&format!("{agreement}/expectations"), words("us_to_supplier")).await.refused(422, "rule_violated");
    }

    async fn a_clause_is_changed_only_as_it_was_read_and_only_if_it_differs(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = draft(&owner).await;
        let path = write(&owner, &agreement, arrival()).await.header("location").to_owned();
        let same = json!({"text": "Somebody is there.", "target_duration": "P2D"});
        assert_eq!(owner.patch(&path, same).await.expect(200).header("etag"), "\"1\"");
        let sooner = owner.with("if-match", "\"1\"").patch(&path, json!({"target_duration": "PT24H"})).await.expect(200);
        assert_eq!((sooner.header("etag"), &sooner.body["target_duration"]), ("\"2\"", &json!("P1D")));
        let stale = owner.with("if-match", "\"1\"");
        stale.patch(&path, json!({"text": "Lost"})).await.refused(412, "etag_mismatch");
        stale.delete(&path).await.refused(412, "etag_mismatch");
        stale.act(&format!("{path}/accept")).await.refused(412, "etag_mismatch");
        let plain = json!({"metric": null, "comparison": null, "target_duration": null, "reliability": null});
        let plain = owner.patch(&path, plain).await.expect(200).body;
        assert_eq!((&plain["metric"], &plain["target_duration"]), (&json!(null), &json!(null)));
        let refusal = owner.patch(&path, json!({"text": null, "position": 3})).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/position unknown_member", "#/text wrong_type"]);
    }

    async fn clauses_of_a_draft_are_hidden_from_the_supplier(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, supplier) = draft(&owner).await;
        let clause = write(&owner, &agreement, arrival()).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        admin.get(&format!("{agreement}/expectations")).await.refused(404, "not_found");
        admin.get(clause.header("location")).await.refused(404, "not_found");
        admin.post(&format!("{agreement}/expectations"), arrival()).await.refused(404, "not_found");
        admin.patch(clause.header("location"), json!({"text": "X"})).await.refused(404, "not_found");
        admin.delete(clause.header("location")).await.refused(404, "not_found");
        admin.act(&format!("{}/accept", clause.header("location"))).await.refused(404, "not_found");
    }

    async fn unknown_malformed_and_misplaced_clauses_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, supplier) = draft(&owner).await;
        let clause = write(&owner, &agreement, arrival()).await;
        let other = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201);
        let misplaced = format!("{}/expectations/{}", other.header("location"), clause.id());
        let unknown = owner.get(&format!("{agreement}/expectations/{NOWHERE}")).await.refused(404, "not_found");
        for path in [
            format!("{agreement}/expectations/1"), misplaced.clone(), format!("/v1/agreements/{NOWHERE}/expectations"),
        ] {
            assert_eq!(owner.get(&path).await.refused(404, "not_found").lasting(), unknown.lasting());
        }
        owner.patch(&misplaced, json!({"text": "X"})).await.refused(404, "not_found");
        owner.delete(&misplaced).await.refused(404, "not_found");
        owner.act(&format!("{misplaced}/accept")).await.refused(404, "not_found");
        owner.post(&format!("{misplaced}/confirm"), json!({})).await.refused(409, "invalid_state");
        let nowhere = format!("/v1/agreements/{NOWHERE}/expectations");
        owner.post(&nowhere, arrival()).await.refused(404, "not_found");
        owner.post(&format!("{nowhere}/{NOWHERE}/confirm"), json!({})).await.refused(404, "not_found");
    }
}
