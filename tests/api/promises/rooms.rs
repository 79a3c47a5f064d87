//! Making, reading, changing and deleting promises.

use super::{agreement, kept, made, promise};
use crate::both;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn a_promise_takes_its_numbers_from_the_clause(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let new = json!({"agreement_id": on.agreement, "expectation_id": on.theirs, "wording": "Within two days.",
            "promised_to": "The workshop", "external_id": "P-1", "grace": "PT1H", "precision": "day"});
        let made = owner.post("/v1/promises", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/promises/{}", made.id()));
        assert_eq!(made.body, json!({"id": made.id(), "agreement_id": on.agreement, "supplier_id": on.supplier,
            "expectation_id": on.theirs, "direction": "supplier_to_us", "promised_to": "The workshop",
            "external_id": "P-1", "status": "draft", "version": 1, "latest_version": 1, "differs_from_clause": false, "wording": "Within two days.",
            "metric": "duration", "comparison": "at_most", "target": null, "target_duration": "P2D", "unit": null,
            "reliability": 0.95, "precision": "day", "calendar_id": null, "grace": "PT1H", "period": "month",
            "effective_from": "2026-11-21T09:00:00.000Z", "published_at": null, "unpublished_at": null,
            "approved_by": null, "approval_reason": null, "recheck_on": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        owner.with("if-none-match", "\"1\"").get(made.header("location")).await.expect(304);
    }

    async fn what_is_signed_is_promised_as_it_is_signed(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for clause in [&on.theirs, &on.ours] {
            let mut new = promise(&on, clause);
            new["target_duration"] = json!("PT24H");
            new["reliability"] = json!(0.9);
            let refusal = owner.post("/v1/promises", new.clone()).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/reliability rule_violated", "#/target_duration rule_violated"]);
            new["target_duration"] = json!("PT48H");
            new["reliability"] = json!(0.95);
            owner.post("/v1/promises", new).await.expect(201);
        }
        // What customers are promised is ours to decide.
        let mut new = promise(&on, &on.customers);
        new["target_duration"] = json!("PT72H");
        new["reliability"] = json!(0.9);
        let made = owner.post("/v1/promises", new).await.expect(201).body;
        assert_eq!((&made["target_duration"], &made["reliability"]), (&json!("P3D"), &json!(0.9)));
    }

    async fn numbers_that_do_not_fit_together_are_refused(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for (numbers, wrong) in [
            (json!({"metric": "rating", "comparison": "at_least", "reliability": 0.9}), "#/target rule_violated"),
            (json!({"metric": "rating", "target": 4, "reliability": 0.9}), "#/comparison rule_violated"),
            (json!({"metric": "rating", "target": 4, "comparison": "at_least"}), "#/reliability rule_violated"),
            (json!({"metric": "proportion", "target": 1.5, "comparison": "at_least", "reliability": 0.9}),
                "#/target rule_violated"),
            (json!({"metric": "count", "target": 1.5, "comparison": "at_most", "reliability": 0.9}),
                "#/target rule_violated"),
            (json!({"target": 5}), "#/target rule_violated"),
            (json!({"target_duration": "PT0S"}), "#/target_duration rule_violated"),
            (json!({"comparison": "at_least"}), "#/comparison rule_violated"),
            (json!({"unit": "hours"}), "#/unit rule_violated"),
            (json!({"metric": "rating", "target": 4, "comparison": "at_least", "reliability": 0.9,
                "target_duration": "PT1H"}), "#/target_duration rule_violated"),
        ] {
            let mut new = promise(&on, &on.customers);
            new.as_object_mut().expect("an object").extend(numbers.as_object().expect("an object").clone());
            assert_eq!(owner.post("/v1/promises", new).await.refused(422, "rule_violated").errors(), [wrong]);
        }
    }

    async fn a_promise_hangs_on_a_clause_in_force(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let other = app.seed_agreement(&owner.supplier("Other").await).await;
        let refusal = owner.post("/v1/promises", promise(&on, &other.theirs)).await;
        assert_eq!(refusal.refused(422, "invalid_reference").errors(), ["#/expectation_id invalid_reference"]);
        let mut new = promise(&on, &on.theirs);
        new["agreement_id"] = json!(on.theirs);
        let refusal = owner.post("/v1/promises", new).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["#/agreement_id invalid_reference"]);
        let mut new = promise(&on, &on.theirs);
        new["calendar_id"] = json!(on.theirs);
        let refusal = owner.post("/v1/promises", new).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["#/calendar_id invalid_reference"]);
    }

    async fn a_suspended_supplier_gets_no_new_promise(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{}/{verb}", on.supplier)).await.expect(200);
        }
        let path = format!("/v1/suppliers/{}/suspend", on.supplier);
        owner.post(&path, json!({"reason": "Lapsed."})).await.expect(200);
        let refusal = owner.post("/v1/promises", promise(&on, &on.theirs)).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/agreement_id rule_violated"]);
    }

    async fn an_external_id_belongs_to_one_promise(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let mut new = promise(&on, &on.theirs);
        new["external_id"] = json!("P-1");
        let first = owner.post("/v1/promises", new.clone()).await.expect(201).id();
        let refusal = owner.post("/v1/promises", new).await.refused(409, "already_exists");
        assert_eq!(refusal.body["existing_id"], first);
        let second = made(&owner, promise(&on, &on.ours)).await;
        owner.patch(&second, json!({"external_id": "P-1"})).await.refused(409, "already_exists");
        assert_eq!(owner.get("/v1/promises?external_id=P-1").await.expect(200).each("id"), [first]);
    }

    async fn promises_are_listed_by_what_they_hang_on(app: TestApp) {
        let owner = app.owner().await;
        let (on, other) = (agreement(&app, &owner).await, agreement(&app, &owner).await);
        let mut ids = Vec::new();
        for new in [promise(&on, &on.theirs), promise(&on, &on.ours), promise(&other, &other.theirs)] {
            ids.push(owner.post("/v1/promises", new).await.expect(201).id());
        }
        owner.act(&format!("/v1/promises/{}/check", ids[1])).await.expect(200);
        for (filter, wanted) in [
            (String::new(), &ids[..]),
            (format!("agreement_id={}", on.agreement), &ids[..2]),
            (format!("supplier_id={}", other.supplier), &ids[2..]),
            ("status=checked".to_owned(), &ids[1..2]),
            ("direction=us_to_supplier".to_owned(), &ids[1..2]),
            ("status=retired".to_owned(), &[]),
        ] {
            assert_eq!(owner.get(&format!("/v1/promises?{filter}")).await.expect(200).each("id"), wanted, "{filter}");
        }
        let first = owner.get("/v1/promises?limit=2").await.expect(200);
        let cursor = first.body["next_cursor"].as_str().expect("a cursor").to_owned();
        let rest = owner.get(&format!("/v1/promises?limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!(rest.each("id"), ids[2..]);
    }

    async fn words_are_changed_in_place_until_the_promise_was_published(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        let changed = owner.patch(&path, json!({"wording": "Soon.", "promised_to": "Everybody"})).await.expect(200);
        assert_eq!((&changed.body["wording"], &changed.body["promised_to"]), (&json!("Soon."), &json!("Everybody")));
        assert_eq!(changed.header("etag"), "\"2\"");
        let same = owner.patch(&path, json!({"wording": "Soon."})).await.expect(200);
        assert_eq!(same.header("etag"), "\"2\"");
        owner.with("if-match", "\"1\"").patch(&path, json!({"wording": "X"})).await.refused(412, "etag_mismatch");
        owner.patch(&path, json!({"reliability": 0.5})).await.refused(400, "validation_failed");
        kept(&app, &owner, &path, 60, 60).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        owner.post(&format!("{path}/publish"), json!({})).await.expect(200);
        owner.patch(&path, json!({"wording": "Now."})).await.refused(409, "invalid_state");
        owner.patch(&path, json!({"promised_to": null})).await.expect(200);
    }

    async fn only_a_draft_without_commitments_is_deleted(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        owner.with("if-match", "\"7\"").delete(&path).await.refused(412, "etag_mismatch");
        owner.delete(&path).await.expect(204);
        owner.get(&path).await.refused(404, "not_found");
        let path = made(&owner, promise(&on, &on.theirs)).await;
        kept(&app, &owner, &path, 1, 1).await;
        owner.delete(&path).await.refused(409, "in_use");
        owner.act(&format!("{path}/check")).await.expect(200);
        let refusal = owner.delete(&path).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["allowed"], json!(["check", "publish", "retire"]));
        let manager = app.sign_in(Role::Manager, None).await;
        manager.delete(&path).await.refused(403, "forbidden");
    }

    async fn suppliers_read_their_own_promises_and_write_none(app: TestApp) {
        let owner = app.owner().await;
        let (on, other) = (agreement(&app, &owner).await, agreement(&app, &owner).await);
        let own = made(&owner, promise(&on, &on.theirs)).await;
        let theirs = made(&owner, promise(&other, &other.theirs)).await;
        owner.act(&format!("{own}/check")).await.expect(200);
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&on.supplier)).await;
            assert_eq!(caller.get("/v1/promises").await.expect(200).each("id").len(), 1);
            let all = caller.get(&format!("/v1/promises?supplier_id={}", other.supplier)).await.expect(200);
            assert_eq!(all.body["data"], json!([]));
            for part in ["", "/versions", "/capability", "/capability-checks"] {
                caller.get(&format!("{own}{part}")).await.expect(200);
                caller.get(&format!("{theirs}{part}")).await.refused(404, "not_found");
            }
            caller.get(&format!("{own}/underpinning")).await.refused(403, "forbidden");
            caller.post("/v1/promises", promise(&on, &on.theirs)).await.refused(403, "forbidden");
            caller.patch(&own, json!({"wording": "X"})).await.refused(403, "forbidden");
            caller.delete(&own).await.refused(403, "forbidden");
            caller.act(&format!("{own}/check")).await.refused(403, "forbidden");
            let approved = json!({"approval": {"reason": "X", "recheck_on": "2027-01-01"}});
            caller.post(&format!("{own}/publish"), approved).await.refused(403, "forbidden");
        }
    }

    async fn who_approved_what_is_staffs_own_matter(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        let approved = json!({"approval": {"reason": "We trust them.", "recheck_on": "2027-01-01"}});
        let published = owner.post(&format!("{path}/publish"), approved).await.expect(200).body;
        let me = owner.get("/v1/me").await.expect(200).id();
        assert_eq!((&published["approved_by"], &published["approval_reason"]), (&json!(me), &json!("We trust them.")));
        let caller = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let seen = caller.get(&path).await.expect(200).body;
        assert_eq!((&seen["approved_by"], &seen["approval_reason"]), (&Value::Null, &Value::Null));
        assert_eq!(seen["recheck_on"], "2027-01-01");
    }
}
