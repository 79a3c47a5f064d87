//! Excuses: asked by one person, decided by another.

use crate::both;
use crate::commitments::{commit, promised};
use crate::support::seed::Terms;
use accord::shared::permission::Role;
use serde_json::json;

both! {
    async fn an_excuse_is_asked_by_one_and_granted_by_another(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let asked = json!({"cause": "customer", "reason": "The gate was closed."});
        let waiting = admin.post(&format!("{path}/ask-excuse"), asked.clone()).await.expect(200).body;
        assert_eq!(waiting["status"], "excuse_requested");
        admin.post(&format!("{path}/ask-excuse"), asked).await.refused(409, "invalid_state");
        let rate = format!("/v1/kept-rate?promise_id={promise}");
        assert_eq!(owner.get(&rate).await.expect(200).body["rate"]["n"], 1);
        let granted = owner.post(&format!("{path}/grant-excuse"), json!({"note": "Seen."})).await.expect(200).body;
        assert_eq!((&granted["status"], &granted["cause"]), (&json!("excused"), &json!("customer")));
        let after = owner.get(&rate).await.expect(200).body;
        assert_eq!((&after["rate"]["n"], &after["strict"]["n"], &after["excused"]), (&json!(0), &json!(1), &json!(1)));
        assert_eq!(after["excuse_heavy"], true);
        let excuse = admin.get("/v1/excuses").await.expect(200).body["data"][0].clone();
        assert_eq!((&excuse["status"], &excuse["asked_by_side"], &excuse["decision_reason"]),
            (&json!("granted"), &json!("supplier"), &json!("Seen.")));
        owner.post(&format!("{path}/refuse-excuse"), json!({"reason": "No."})).await.refused(409, "invalid_state");
    }

    async fn whoever_asks_does_not_decide(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
        let asked = json!({"cause": "force_majeure", "reason": "Storm."});
        owner.post(&format!("{path}/ask-excuse"), asked).await.expect(200);
        owner.post(&format!("{path}/grant-excuse"), json!({})).await.refused(422, "four_eyes");
        owner.post(&format!("{path}/refuse-excuse"), json!({"reason": "No."})).await.refused(422, "four_eyes");
        let manager = app.sign_in(Role::Manager, None).await;
        let refused = manager.post(&format!("{path}/refuse-excuse"), json!({"reason": "No storm."})).await.expect(200);
        assert_eq!((&refused.body["status"], &refused.body["cause"]), (&json!("broken"), &json!(null)));
    }

    async fn what_we_broke_is_excused_only_at_the_suppliers_request(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
        let broken = commit(&owner, &ours, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}/ask-excuse", broken["id"].as_str().expect("an id"));
        let asked = json!({"cause": "supplier", "reason": "They were closed."});
        owner.post(&path, asked.clone()).await.refused(422, "rule_violated");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&path, asked).await.expect(200);
    }

    async fn what_we_caused_is_excused_only_at_the_suppliers_request(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
        let asked = json!({"cause": "us", "reason": "Our parts came late."});
        let refused = owner.post(&format!("{path}/ask-excuse"), asked.clone()).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/cause rule_violated"]);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&format!("{path}/ask-excuse"), asked).await.expect(200);
        let granted = owner.post(&format!("{path}/grant-excuse"), json!({})).await.expect(200).body;
        assert_eq!((&granted["status"], &granted["cause"]), (&json!("excused"), &json!("us")));
        let late = json!({"fulfilled_at": "2026-11-04T09:00:00Z"});
        let late = owner.post(&format!("{path}/fulfil"), late).await.expect(200).body;
        assert_eq!((&late["status"], &late["value"]), (&json!("excused"), &json!(259_200.0)));
    }

    async fn the_side_that_asks_does_not_decide_either_way(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let [manager, agent] = [app.sign_in(Role::Manager, None).await, app.sign_in(Role::Agent, None).await];
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let path = async || {
            let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
            format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"))
        };
        // Nobody of ours asks for what we caused; the supplier does, and staff decides, both ways.
        for (verb, said, status) in
            [("grant-excuse", json!({}), "excused"), ("refuse-excuse", json!({"reason": "We were in time."}), "broken")]
        {
            let path = path().await;
            let asked = json!({"cause": "us", "reason": "Our parts came late."});
            for staff in [&owner, &manager, &agent] {
                staff.post(&format!("{path}/ask-excuse"), asked.clone()).await.refused(422, "rule_violated");
            }
            admin.post(&format!("{path}/ask-excuse"), asked).await.expect(200);
            admin.post(&format!("{path}/{verb}"), said.clone()).await.refused(403, "forbidden");
            agent.post(&format!("{path}/{verb}"), said.clone()).await.refused(403, "forbidden");
            assert_eq!(manager.post(&format!("{path}/{verb}"), said).await.expect(200).body["status"], status);
        }
        // What staff asks for, somebody else of the staff decides, not the supplier.
        for (verb, said, status) in
            [("grant-excuse", json!({}), "excused"), ("refuse-excuse", json!({"reason": "No."}), "broken")]
        {
            let path = path().await;
            let asked = json!({"cause": "customer", "reason": "Away."});
            manager.post(&format!("{path}/ask-excuse"), asked).await.expect(200);
            manager.post(&format!("{path}/{verb}"), said.clone()).await.refused(422, "four_eyes");
            admin.post(&format!("{path}/{verb}"), said.clone()).await.refused(403, "forbidden");
            assert_eq!(owner.post(&format!("{path}/{verb}"), said).await.expect(200).body["status"], status);
        }
    }

    async fn our_own_broken_commitment_for_the_same_job_suggests_the_cause(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
        let theirs = app.seed_promise(&on, Terms::default()).await;
        let job = |made_at: &str, job: &str| json!({"made_at": made_at, "job_ref": job});
        let first = commit(&owner, &ours, job("2026-11-01T09:00:00Z", "J-1")).await;
        let broken = commit(&owner, &theirs, job("2026-11-02T09:00:00Z", "J-1")).await;
        let other = commit(&owner, &theirs, job("2026-11-02T09:00:00Z", "J-2")).await;
        let get = async |of: &serde_json::Value| {
            let path = format!("/v1/commitments/{}", of["id"].as_str().expect("an id"));
            owner.get(&path).await.expect(200).body
        };
        let shown = get(&broken).await;
        assert_eq!((&shown["suggested_cause"], &shown["suggested_by_id"]), (&json!("us"), &first["id"]));
        assert_eq!(get(&other).await["suggested_cause"], json!(null));
        assert_eq!(get(&first).await["suggested_cause"], json!(null));
        // A clause that nobody has signed yet says nothing about it.
        app.sql("UPDATE expectation SET version = 2").await;
        assert_eq!(get(&broken).await["suggested_cause"], json!(null));
    }

    async fn what_we_may_have_caused_is_listed(app: TestApp) {
        let owner = app.owner().await;
        let mut sides = Vec::new();
        for name in ["Acme", "Other"] {
            let on = app.seed_agreement(&owner.supplier(name).await).await;
            let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
            let theirs = app.seed_promise(&on, Terms::default()).await;
            sides.push((on, ours, theirs));
        }
        let job = |made_at: &str, job: &str| json!({"made_at": made_at, "job_ref": job});
        let (on, ours, theirs) = &sides[0];
        let first = commit(&owner, ours, job("2026-11-02T09:00:00Z", "J-1")).await;
        let mut candidates = Vec::new();
        for made_at in ["2026-11-03T09:00:00Z", "2026-11-04T09:00:00Z"] {
            candidates.push(commit(&owner, theirs, job(made_at, "J-1")).await["id"].clone());
        }
        // Before ours, for another job, kept, ours itself, and for the same job of another supplier.
        commit(&owner, theirs, job("2026-11-01T09:00:00Z", "J-1")).await;
        commit(&owner, theirs, job("2026-11-03T09:00:00Z", "J-2")).await;
        let mut kept = job("2026-11-03T09:00:00Z", "J-1");
        kept["fulfilled_at"] = json!("2026-11-03T10:00:00Z");
        commit(&owner, theirs, kept).await;
        commit(&owner, &sides[1].2, job("2026-11-03T09:00:00Z", "J-1")).await;
        let list = "/v1/commitments/excuse-candidates";
        let found = owner.get(list).await.expect(200);
        assert_eq!(found.each("suggested_by_id"), [first["id"].as_str().expect("an id"); 2]);
        assert_eq!(found.each("suggested_cause"), ["us"; 2]);
        assert_eq!(json!(owner.walk(&format!("{list}?limit=1"), "id").await), json!(candidates));
        for (on, n) in [(&sides[0].0, 2), (&sides[1].0, 0)] {
            for filter in [format!("supplier_id={}", on.supplier), format!("agreement_id={}", on.agreement)] {
                assert_eq!(owner.get(&format!("{list}?{filter}")).await.expect(200).each("id").len(), n, "{filter}");
            }
            let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
            assert_eq!(admin.get(list).await.expect(200).each("id").len(), n);
        }
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let path = format!("/v1/commitments/{}/ask-excuse", candidates[0].as_str().expect("an id"));
        admin.post(&path, json!({"cause": "us", "reason": "The site was locked."})).await.expect(200);
        assert_eq!(json!(owner.get(list).await.expect(200).each("id")), json!(candidates[1..]));
    }

    async fn a_correction_ends_what_was_asked(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
        owner.post(&format!("{path}/ask-excuse"), json!({"cause": "customer", "reason": "Away."})).await.expect(200);
        let what = json!({"reason": "It was in time.", "fulfilled_at": "2026-11-02T09:00:00Z"});
        owner.post(&format!("{path}/correct"), what).await.expect(201);
        let excuse = owner.get("/v1/excuses").await.expect(200).body["data"][0].clone();
        assert_eq!((&excuse["status"], &excuse["revision"]), (&json!("void"), &json!(2)));
        let manager = app.sign_in(Role::Manager, None).await;
        manager.post(&format!("{path}/grant-excuse"), json!({})).await.refused(409, "invalid_state");
    }

    async fn another_supplier_sees_no_excuses_and_asks_for_none(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let path = format!("/v1/commitments/{}/ask-excuse", broken["id"].as_str().expect("an id"));
        let asked = json!({"cause": "customer", "reason": "Away."});
        let other = owner.supplier("Other").await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        stranger.post(&path, asked.clone()).await.refused(404, "not_found");
        let user = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        user.post(&path, asked.clone()).await.refused(403, "forbidden");
        owner.post(&path, asked).await.expect(200);
        assert!(stranger.get("/v1/excuses").await.expect(200).each("id").is_empty());
        assert_eq!(user.get("/v1/excuses").await.expect(200).each("status"), ["requested"]);
        app.sql("UPDATE supplier SET status = 'suspended'").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&path, json!({"cause": "us", "reason": "Ours."})).await.refused(403, "forbidden");
    }
}
