//! Actions: proposing, reading, who may do what.

mod effect;
mod ending;
mod handing_over;
mod signing;

use crate::both;
use accord::shared::jobs::worker::run_one;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn an_action_is_proposed_and_read_by_both_sides(app: TestApp) {
        let on = app.improving().await;
        let made = on.owner.post("/v1/actions", on.with(json!({"note": "As discussed."}))).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/actions/{}", made.id()));
        assert_eq!(made.body, json!({"id": made.id(), "agreement_id": on.on.agreement, "supplier_id": on.on.supplier,
            "status": "proposed", "status_reason": null, "proposal": 1, "proposed_by": "us",
            "title": "Train the drivers", "description": "All of them, twice.", "side": "supplier", "owner_id": null,
            "person_id": on.driver, "due_on": "2026-12-31", "metric": {"kind": "kept_rate", "promise_id": on.promise,
            "target": 0.95, "baseline_days": 90}, "is_overdue": false, "signatures": [], "accepted_on": null,
            "baseline": null, "claim": null, "effect": null, "abandonments": [], "ended_on": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let path = made.header("location");
        assert_eq!(on.admin.get(path).await.expect(200).body, made.body);
        on.admin.with("If-None-Match", "\"1\"").get(path).await.expect(304);
        let proposals = on.admin.get(&format!("{path}/proposals")).await.expect(200).body;
        assert_eq!((&proposals["data"][0]["note"], &proposals["data"][0]["number"]), (&json!("As discussed."), &json!(1)));
        let event = on.owner.get("/v1/audit-events?action=action.create").await.expect(200).body;
        assert_eq!(event["data"][0]["resource"]["id"], json!(made.id()));
    }

    async fn what_does_not_fit_is_refused(app: TestApp) {
        let on = app.improving().await;
        let other = app.seed_agreement(&on.owner.supplier("Other").await).await;
        let new = json!({"name": "Somebody"});
        let stranger = on.owner.post(&format!("/v1/suppliers/{}/people", other.supplier), new).await.expect(201).id();
        let draft = json!({"supplier_id": on.on.supplier, "title": "Draft", "starts_on": "2027-01-01"});
        on.owner.act(&format!("/v1/suppliers/{}/nominate", on.on.supplier)).await.expect(200);
        let draft = on.owner.post("/v1/agreements", draft).await.expect(201).id();
        let kept = |more: Value| {
            let mut metric = json!({"kind": "kept_rate", "promise_id": on.promise, "target": 0.9});
            metric.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            json!({"metric": metric})
        };
        let admin = on.admin.get("/v1/me").await.expect(200).id();
        let nobody = app.clock.uuid().to_string();
        for (more, code, at) in [
            (json!({"agreement_id": nobody}), "invalid_reference", "#/agreement_id"),
            (json!({"agreement_id": draft}), "rule_violated", "#/agreement_id"),
            (json!({"due_on": "2026-11-20"}), "rule_violated", "#/due_on"),
            (json!({"person_id": null}), "rule_violated", "#/person_id"),
            (json!({"person_id": stranger}), "invalid_reference", "#/person_id"),
            (json!({"owner_id": admin}), "rule_violated", "#/owner_id"),
            (json!({"side": "us"}), "rule_violated", "#/owner_id"),
            (json!({"side": "us", "person_id": null, "owner_id": admin}), "invalid_reference", "#/owner_id"),
            (kept(json!({"promise_id": nobody})), "invalid_reference", "#/metric/promise_id"),
            (kept(json!({"promise_id": null})), "rule_violated", "#/metric/promise_id"),
            (kept(json!({"target": null})), "rule_violated", "#/metric/target"),
            (kept(json!({"kind": "csat"})), "rule_violated", "#/metric/promise_id"),
            (json!({"metric": {"kind": "judgement", "baseline_days": 7}}), "rule_violated", "#/metric/baseline_days"),
        ] {
            let refused = on.owner.post("/v1/actions", on.with(more.clone())).await.refused(422, code);
            assert_eq!(refused.errors(), [format!("{at} {code}")], "{more}");
        }
        for wrong in [json!({"title": " "}), kept(json!({"target": 1.1})), kept(json!({"baseline_days": 0})), json!({"status": "accepted"})] {
            on.owner.post("/v1/actions", on.with(wrong)).await.refused(400, "validation_failed");
        }
    }

    async fn the_owner_of_the_agreement_answers_for_what_is_ours(app: TestApp) {
        let on = app.improving().await;
        let manager = on.manager.get("/v1/me").await.expect(200).id();
        on.owner.patch(&format!("/v1/agreements/{}", on.on.agreement), json!({"owner_id": manager})).await.expect(200);
        let path = on.proposed(json!({"side": "us", "person_id": null, "metric": {"kind": "judgement"}})).await;
        assert_eq!(on.admin.get(&path).await.expect(200).body["owner_id"], json!(manager));
    }

    async fn nobody_sees_what_hangs_on_agreements_of_others(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let other = on.owner.supplier("Other").await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        for caller in [&stranger, &reviewer] {
            assert_eq!(caller.get("/v1/actions").await.expect(200).body["data"], json!([]));
            for below in ["", "/proposals"] {
                caller.get(&format!("{path}{below}")).await.refused(404, "not_found");
            }
            caller.patch(&path, json!({"title": "Mine"})).await.refused(404, "not_found");
            caller.post(&format!("{path}/counter"), on.terms()).await.refused(404, "not_found");
            for (step, body) in STEPS.iter().filter(|(step, _)| *step != "verify") {
                let body = body.map(|text| serde_json::from_str(text).expect("JSON"));
                caller.send(poem::http::Method::POST, &format!("{path}/{step}"), body).await.refused(404, "not_found");
            }
        }
        reviewer.post("/v1/actions", on.with(json!({}))).await.refused(422, "invalid_reference");
        let me = reviewer.get("/v1/me").await.expect(200).id();
        let id = |text: &str| accord::shared::id::parse(text).expect("an id").into();
        app.row("agreement_reviewer", false, vec![("agreement_id", id(&on.on.agreement)), ("account_id", id(&me))]).await;
        assert_eq!(reviewer.get("/v1/actions").await.expect(200).each("title"), ["Train the drivers"]);
        reviewer.post("/v1/actions", on.with(json!({}))).await.expect(201);
        reviewer.post(&format!("{path}/sign"), json!({})).await.expect(200);
        reviewer.post(&format!("{path}/verify"), json!({})).await.refused(403, "forbidden");
    }

    async fn roles_do_what_the_table_says(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        let user = app.sign_in(Role::SupplierUser, Some(&on.on.supplier)).await;
        let auditor = app.sign_in(Role::Auditor, None).await;
        for caller in [&user, &auditor] {
            caller.get(&path).await.expect(200);
            caller.post(&sign, json!({})).await.refused(403, "forbidden");
            caller.patch(&path, json!({"title": "x"})).await.refused(403, "forbidden");
        }
        app.sign_in(Role::Agent, None).await.get(&path).await.refused(403, "forbidden");
        on.admin.post("/v1/actions", on.with(json!({}))).await.refused(403, "forbidden");
        let new = json!({"name": "Robot", "scopes": ["actions:read"], "supplier_id": on.on.supplier});
        let key = on.owner.post("/v1/api-keys", new).await.expect(201);
        let key = app.with_token(key.body["key"].as_str().expect("the key"));
        key.get(&path).await.expect(200);
        key.post(&sign, json!({})).await.refused(403, "insufficient_scope");
    }

    async fn users_of_a_suspended_supplier_may_only_read(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        for verb in ["nominate", "qualify"] {
            on.owner.act(&format!("/v1/suppliers/{}/{verb}", on.on.supplier)).await.expect(200);
        }
        on.owner.post(&format!("/v1/suppliers/{}/suspend", on.on.supplier), json!({"reason": "r"})).await.expect(200);
        on.admin.get(&path).await.expect(200);
        on.admin.post(&format!("{path}/sign"), json!({})).await.refused(403, "forbidden");
        on.admin.post(&format!("{path}/counter"), on.terms()).await.refused(403, "forbidden");
        on.owner.post(&format!("{path}/sign"), json!({})).await.expect(200);
    }

    async fn a_list_is_filtered_and_exported(app: TestApp) {
        let on = app.improving().await;
        let me = on.owner.get("/v1/me").await.expect(200).id();
        let theirs = on.accepted(json!({"title": "Theirs"})).await;
        on.proposed(json!({"title": "Ours", "side": "us", "person_id": null, "owner_id": me})).await;
        let found = async |query: &str| on.owner.get(&format!("/v1/actions?{query}")).await.expect(200).each("title");
        assert_eq!(found("").await, ["Ours", "Theirs"], "newest first");
        assert_eq!(found("side=us").await, ["Ours"]);
        assert_eq!(found(&format!("owner_id={me}")).await, ["Ours"]);
        assert_eq!(found("status=accepted&status=abandoned").await, ["Theirs"]);
        assert_eq!(found(&format!("agreement_id={}", on.on.agreement)).await.len(), 2);
        assert_eq!(found(&format!("supplier_id={}", on.owner.supplier("Other").await)).await, [""; 0]);
        assert_eq!(found("is_overdue=true").await, [""; 0]);
        assert_eq!(on.owner.walk("/v1/actions?limit=1", "title").await, ["Ours", "Theirs"]);
        app.clock.advance(chrono::TimeDelta::days(41));
        let on = on.later().await;
        assert_eq!(on.owner.get("/v1/actions?is_overdue=true").await.expect(200).each("title"), ["Theirs"]);
        assert_eq!(on.owner.get("/v1/actions?is_overdue=false").await.expect(200).each("title"), ["Ours"]);
        assert_eq!(on.admin.get(&theirs).await.expect(200).body["is_overdue"], json!(true));
        let made = on.owner.post("/v1/exports", json!({"kind": "actions", "format": "ndjson"})).await.expect(202);
        while run_one(&app.app, &accord::app::long_work()).await.expect("it works") {}
        let path = format!("/v1/exports/{}", made.body["export_id"].as_str().expect("an id"));
        let done = on.owner.get(&path).await.expect(200);
        assert_eq!((&done.body["status"], &done.body["rows"]), (&json!("succeeded"), &json!(2)));
    }

    async fn every_step_is_refused_where_it_does_not_belong(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({"metric": {"kind": "judgement"}})).await;
        let refused = async |possible: &[&str]| {
            for (step, body) in STEPS.iter().filter(|(step, _)| !possible.contains(step)) {
                let body = body.map(|text| serde_json::from_str(text).expect("JSON"));
                let answer = on.owner.send(poem::http::Method::POST, &format!("{path}/{step}"), body).await;
                let allowed = answer.refused(409, "invalid_state").body["allowed"].clone();
                let allowed: Vec<_> = allowed.as_array().expect("words").iter().filter_map(Value::as_str).collect();
                assert!(possible.iter().all(|word| allowed.contains(word)), "{step}: {allowed:?}");
            }
        };
        refused(&["sign", "withdraw"]).await;
        on.sign(&path).await.expect(200);
        refused(&["start", "abandon"]).await;
        on.owner.patch(&path, json!({"title": "Later"})).await.refused(409, "invalid_state");
        on.owner.post(&format!("{path}/counter"), on.terms()).await.refused(409, "invalid_state");
        on.claimed(&path, "2026-11-21").await.expect(200);
        refused(&["verify"]).await;
        let judged = json!({"judgement": {"effective": false, "text": "Nothing changed."}});
        on.owner.post(&format!("{path}/verify"), judged).await.expect(200);
        refused(&["resume", "abandon"]).await;
        on.admin.act(&format!("{path}/resume")).await.expect(200);
        refused(&["claim", "abandon"]).await;
        on.claim(&path, "2026-11-21").await.expect(200);
        let judged = json!({"judgement": {"effective": true, "text": "It is better."}});
        on.owner.post(&format!("{path}/verify"), judged).await.expect(200);
        refused(&[]).await;
    }
}

/// What can be done, with a body that is possible.
const STEPS: [(&str, Option<&str>); 7] = [
    ("sign", Some("{}")),
    ("withdraw", Some(r#"{"reason": "Because."}"#)),
    ("start", None),
    ("claim", Some(r#"{"note": "Done.", "effective_from": "2026-11-21"}"#)),
    ("verify", Some(r#"{"judgement": {"effective": true, "text": "I saw it."}}"#)),
    ("resume", None),
    ("abandon", Some(r#"{"reason": "Because."}"#)),
];
