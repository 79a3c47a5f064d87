//! Calling, moving, holding and missing reviews.

use crate::both;
use crate::support::reviews::Stage;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

both! {
    async fn what_cannot_be_reviewed_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let refused = async |change: Value, code: &str| {
            let mut new = json!({"agreement_id": on.agreement, "scheduled_on": "2026-12-01"});
            new.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
            owner.post("/v1/reviews", new).await.refused(422, code).errors()
        };
        let nobody = "01946f1e-d0f6-7e3b-8c88-3d4e5f607182";
        assert_eq!(refused(json!({"agreement_id": nobody}), "invalid_reference").await, ["#/agreement_id invalid_reference"]);
        assert_eq!(refused(json!({"scheduled_on": "2026-11-20"}), "rule_violated").await, ["#/scheduled_on rule_violated"]);
        assert_eq!(refused(json!({"period_from": "2026-11-10", "period_to": "2026-11-09"}), "date_order").await, ["#/period_to date_order"]);
        assert_eq!(refused(json!({"period_to": "2026-12-02"}), "rule_violated").await, ["#/scheduled_on rule_violated"]);
        assert_eq!(refused(json!({"period_from": "2000-01-01"}), "rule_violated").await, ["#/period_from rule_violated"]);
        assert_eq!(refused(json!({"attendees": [{"account_id": nobody}]}), "invalid_reference").await, ["#/attendees/0 invalid_reference"]);
        assert_eq!(refused(json!({"attendees": [{}]}), "rule_violated").await, ["#/attendees/0 rule_violated"]);
        let stranger = owner.contact(&owner.supplier("Other").await).await;
        assert_eq!(refused(json!({"attendees": [{"person_id": stranger}]}), "invalid_reference").await, ["#/attendees/0 invalid_reference"]);
        app.sql("UPDATE agreement SET status = 'expired'").await;
        assert_eq!(refused(json!({}), "rule_violated").await, ["#/agreement_id rule_violated"]);
    }

    async fn a_review_is_moved_until_it_is_held(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let contact = owner.contact(&on.supplier).await;
        let moved = owner.patch(&path, json!({"scheduled_on": "2026-12-24", "attendees": [{"person_id": contact}]})).await.expect(200).body;
        assert_eq!((&moved["scheduled_on"], &moved["revision"]), (&json!("2026-12-24"), &json!(2)));
        let expected = json!([{"side": "supplier", "account_id": null, "person_id": contact, "name": "Mia Berg", "is_main_contact": true, "is_present": null}]);
        assert_eq!(moved["attendees"], expected);
        assert_eq!(owner.patch(&path, json!({})).await.expect(200).body["revision"], 2);
        assert_eq!(owner.patch(&path, json!({"attendees": [{"person_id": contact}]})).await.expect(200).body["revision"], 2);
        let refused = owner.patch(&path, json!({"scheduled_on": "2026-10-30"})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/scheduled_on rule_violated"]);
        owner.with("If-Match", "\"1\"").patch(&path, json!({"scheduled_on": "2026-12-25"})).await.refused(412, "etag_mismatch");
        app.bring(&path, &on, Stage::Held).await;
        let refused = owner.patch(&path, json!({"scheduled_on": "2026-12-26"})).await.refused(409, "invalid_state");
        assert_eq!(refused.body["current_status"], "held");
        assert_eq!(refused.body["allowed"], json!(["cancel", "rate", "would-use-again", "lock-ratings", "confirm"]));
    }

    async fn without_a_quorum_nothing_was_held(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let (me, theirs) = (owner.get("/v1/me").await.expect(200).id(), admin.get("/v1/me").await.expect(200).id());
        let contact = owner.contact(&on.supplier).await;
        let held = async |present: Value| owner.post(&format!("{path}/hold"), json!({"present": present})).await;
        for present in [json!([{"account_id": me}]), json!([{"person_id": contact}]), json!([{"account_id": me}, {"account_id": theirs}])] {
            assert_eq!(held(present).await.refused(422, "rule_violated").errors(), ["#/present rule_violated"]);
        }
        let early = json!({"held_on": "2026-10-30", "present": [{"account_id": me}, {"person_id": contact}]});
        let refused = owner.post(&format!("{path}/hold"), early).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/held_on rule_violated"]);
        owner.patch(&path, json!({"attendees": [{"account_id": theirs}]})).await.expect(200);
        let done = held(json!([{"account_id": me}, {"person_id": contact}])).await.expect(200).body;
        assert_eq!((&done["status"], &done["held_on"]), (&json!("held"), &json!("2026-11-21")));
        let absent = done["attendees"].as_array().expect("a list").iter().filter(|one| one["is_present"] == false);
        assert_eq!(absent.map(|one| &one["account_id"]).collect::<Vec<_>>(), [&json!(theirs)], "invited, and not there");
    }

    async fn what_was_missed_is_recorded_against_whoever_caused_it(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let missed = owner.post(&format!("{path}/miss"), json!({"by": "supplier", "reason": "Nobody came."})).await.expect(200).body;
        assert_eq!((&missed["status"], &missed["missed_by"], &missed["status_reason"]), (&json!("missed"), &json!("supplier"), &json!("Nobody came.")));
        let next = owner.get("/v1/reviews?status=scheduled").await.expect(200).body["data"][0].clone();
        assert_eq!((&next["origin"], &next["scheduled_on"], &next["instead_of_id"]), (&json!("instead"), &json!("2026-12-05"), &missed["id"]));
        assert_eq!((&next["period_from"], &next["period_to"]), (&missed["period_from"], &missed["period_to"]));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        assert_eq!(admin.get(&path).await.expect(200).body["missed_by"], "supplier");
        owner.act(&format!("{path}/ready")).await.refused(409, "invalid_state");
        // One that is called for a day until then is enough.
        let next = format!("/v1/reviews/{}", next["id"].as_str().expect("an id"));
        app.clock.advance(TimeDelta::days(14));
        let owner = app.owner().await;
        app.reviewed(&on, Stage::Scheduled).await;
        owner.post(&format!("{next}/miss"), json!({"by": "both", "reason": "Snow."})).await.expect(200);
        assert_eq!(owner.get("/v1/reviews?status=scheduled").await.expect(200).each("origin"), ["extra"]);
    }

    async fn a_period_that_is_not_over_is_not_frozen(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let new = json!({"agreement_id": on.agreement, "period_from": "2026-11-01", "period_to": "2026-11-21", "scheduled_on": "2026-11-21"});
        let made = owner.post("/v1/reviews", new).await.expect(201);
        owner.act(&format!("{}/ready", made.header("location"))).await.refused(422, "rule_violated");
        let gone = owner.post(&format!("{}/cancel", made.header("location")), json!({"reason": "Not wanted."})).await.expect(200).body;
        assert_eq!((&gone["status"], &gone["status_reason"]), (&json!("cancelled"), &json!("Not wanted.")));
        owner.post(&format!("{}/cancel", made.header("location")), json!({"reason": "Again."})).await.refused(409, "invalid_state");
    }

    async fn nothing_is_missed_before_its_day(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        owner.patch(&path, json!({"scheduled_on": "2026-11-22"})).await.expect(200);
        let missed = json!({"by": "supplier", "reason": "They will not come."});
        owner.post(&format!("{path}/miss"), missed.clone()).await.refused(422, "rule_violated");
        assert_eq!(owner.get("/v1/reviews").await.expect(200).each("status"), ["scheduled"]);
        app.clock.advance(TimeDelta::days(1));
        app.owner().await.post(&format!("{path}/miss"), missed).await.expect(200);
    }

    async fn no_missed_period_goes_without_a_review(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let new = json!({"agreement_id": on.agreement, "period_from": "2026-11-01", "period_to": "2026-11-20", "scheduled_on": "2026-11-25"});
        let near = owner.post("/v1/reviews", new).await.expect(201).header("location").to_owned();
        let missed = json!({"by": "us", "reason": "Snow."});
        owner.post(&format!("{path}/miss"), missed.clone()).await.expect(200);
        let next = owner.get(&near).await.expect(200).body;
        assert_eq!((&next["period_from"], &next["period_to"]), (&json!("2026-10-01"), &json!("2026-11-20")));
        assert_eq!(owner.get("/v1/reviews?status=scheduled").await.expect(200).each("origin"), ["extra"]);
        // That one is missed, too.
        app.clock.advance(TimeDelta::days(4));
        let owner = app.owner().await;
        owner.post(&format!("{near}/miss"), missed).await.expect(200);
        let instead = owner.get("/v1/reviews?status=scheduled").await.expect(200).body["data"][0].clone();
        let said = (&instead["origin"], &instead["period_from"], &instead["period_to"], &instead["scheduled_on"]);
        assert_eq!(said, (&json!("instead"), &json!("2026-10-01"), &json!("2026-11-20"), &json!("2026-12-09")));
    }

    async fn main_contacts_of_the_supplier_are_invited(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let me = owner.get("/v1/me").await.expect(200).id();
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        let contact = owner.contact(&on.supplier).await;
        let driver = json!({"name": "Tom", "roles": ["field_worker"]});
        owner.post(&format!("/v1/suppliers/{}/people", on.supplier), driver).await.expect(201);
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let invited = owner.get(&path).await.expect(200).body["attendees"].clone();
        assert_eq!((&invited[0]["person_id"], &invited[0]["is_main_contact"]), (&json!(contact), &json!(true)));
        assert_eq!((&invited[1]["account_id"], invited.as_array().map(Vec::len)), (&json!(me), Some(2)));
    }
}
