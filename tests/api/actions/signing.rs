//! Signatures and counter-proposals.

use crate::both;
use crate::support::Caller;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn both_sides_sign_once_and_how_it_was_is_frozen(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 9, 12).await;
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        let first = on.owner.post(&sign, json!({"title": "Head of service"})).await.expect(200).body;
        let me = on.owner.get("/v1/me").await.expect(200).id();
        assert_eq!(first["signatures"], json!([{"side": "us", "name": "Test owner", "title": "Head of service",
            "account_id": me, "person_id": null, "is_on_paper": false, "signed_on": "2026-11-21"}]));
        assert_eq!((&first["status"], &first["baseline"]), (&json!("proposed"), &Value::Null));
        on.manager.post(&sign, json!({})).await.refused(409, "already_exists");
        let second = on.admin.post(&sign, json!({"person_id": on.contact})).await.expect(200).body;
        assert_eq!((&second["status"], &second["accepted_on"], &second["revision"]), (&json!("accepted"), &json!("2026-11-21"), &json!(3)));
        let before = &second["baseline"];
        assert_eq!((&before["n"], &before["k"], &before["value"]), (&json!(12), &json!(9), &json!(0.75)));
        assert_eq!(before["window"], json!({"from": "2026-08-23", "to": "2026-11-20"}));
        assert!((before["lower"].as_f64().expect("a bound") - 0.467_7).abs() < 1e-3, "{before}");
        on.occasions("2026-11-02", 0, 3).await;
        assert_eq!(on.admin.get(&path).await.expect(200).body["baseline"], *before, "it stays as it was signed");
    }

    async fn nobody_signs_or_counters_under_an_agreement_that_is_over(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        app.sql("UPDATE agreement SET status = 'expired'").await;
        on.admin.post(&format!("{path}/sign"), json!({})).await.refused(422, "rule_violated");
        on.admin.post(&format!("{path}/counter"), on.terms()).await.refused(422, "rule_violated");
        on.owner.patch(&path, json!({"title": "x"})).await.refused(422, "rule_violated");
        on.owner.post(&format!("{path}/withdraw"), json!({"reason": "It is over."})).await.expect(200);
    }

    async fn below_ten_occasions_a_baseline_has_no_value(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 9, 9).await;
        let path = on.accepted(json!({"metric": {"kind": "kept_rate", "promise_id": on.promise, "target": 1, "baseline_days": 30}})).await;
        let before = on.owner.get(&path).await.expect(200).body["baseline"].clone();
        assert_eq!((&before["n"], &before["value"], &before["min_n"]), (&json!(9), &Value::Null, &json!(10)));
        assert_eq!(before["window"], json!({"from": "2026-10-22", "to": "2026-11-20"}));
        let path = on.accepted(json!({"metric": {"kind": "judgement"}})).await;
        assert_eq!(on.owner.get(&path).await.expect(200).body["baseline"], Value::Null, "nothing is counted");
    }

    async fn a_main_employee_contact_signs_or_is_named(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        for person in [&on.driver, &on.contact] {
            on.owner.post(&sign, json!({"person_id": person})).await.refused(422, "invalid_reference");
        }
        on.admin.post(&sign, json!({"person_id": on.driver})).await.refused(422, "invalid_reference");
        on.owner.post(&sign, json!({})).await.expect(200);
        let refused = on.admin.post(&sign, json!({})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/person_id rule_violated"]);
        let signed = on.admin.post(&sign, json!({"person_id": on.contact})).await.expect(200).body;
        assert_eq!((&signed["status"], &signed["signatures"][1]["person_id"]), (&json!("accepted"), &json!(on.contact)));
        // An account with the address of one is one.
        let mine = format!("/v1/suppliers/{}/people/{}", on.on.supplier, on.contact);
        let address = on.admin.get("/v1/me").await.expect(200).body["email"].clone();
        on.owner.patch(&mine, json!({"email": address})).await.expect(200);
        let path = on.proposed(json!({})).await;
        on.owner.post(&format!("{path}/sign"), json!({})).await.expect(200);
        let signed = on.admin.post(&format!("{path}/sign"), json!({})).await.expect(200).body;
        assert_eq!((&signed["status"], &signed["signatures"][1]["person_id"]), (&json!("accepted"), &json!(on.contact)));
    }

    async fn a_main_contact_of_an_internal_unit_is_ours(app: TestApp) {
        let on = app.improving().await;
        let unit = json!({"kind": "internal_unit", "name": "Dispatch"});
        let unit = on.owner.post("/v1/suppliers", unit).await.expect(201).id();
        let ida = json!({"name": "Ida", "roles": ["main_employee_contact"]});
        let ida = on.owner.post(&format!("/v1/suppliers/{unit}/people"), ida).await.expect(201).id();
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        on.admin.post(&sign, json!({"person_id": ida})).await.refused(422, "invalid_reference");
        on.admin.post(&sign, json!({})).await.expect(200);
        let signed = on.owner.post(&sign, json!({"person_id": ida})).await.expect(200).body;
        assert_eq!((&signed["status"], &signed["signatures"][1]["person_id"]), (&json!("accepted"), &json!(ida)));
    }

    async fn staff_records_what_the_supplier_signs_on_paper(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        let paper = |day: &str| json!({"person_id": on.contact, "on_paper": {"side": "supplier", "name": "Mia Berg", "signed_on": day}});
        on.admin.post(&sign, paper("2026-11-20")).await.refused(403, "forbidden");
        on.owner.post(&sign, paper("2026-11-22")).await.refused(422, "rule_violated");
        let signed = on.owner.post(&sign, paper("2026-11-20")).await.expect(200).body;
        assert_eq!((&signed["signatures"][0]["side"], &signed["signatures"][0]["is_on_paper"]), (&json!("supplier"), &json!(true)));
        on.admin.post(&sign, json!({})).await.refused(409, "already_exists");
        assert_eq!(on.manager.post(&sign, json!({})).await.expect(200).body["status"], json!("accepted"));
    }

    async fn a_counter_proposal_takes_the_signatures_back(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({"note": "Please."})).await;
        let (sign, counter) = (format!("{path}/sign"), format!("{path}/counter"));
        on.owner.post(&counter, on.terms()).await.refused(409, "invalid_state");
        on.admin.patch(&path, json!({"due_on": "2027-01-31"})).await.refused(409, "invalid_state");
        on.admin.post(&format!("{path}/withdraw"), json!({"reason": "No."})).await.refused(409, "invalid_state");
        on.owner.post(&sign, json!({})).await.expect(200);
        let mut other = on.terms();
        (other["due_on"], other["note"]) = (json!("2027-01-31"), json!("We need January."));
        let countered = on.admin.post(&counter, other).await.expect(200).body;
        assert_eq!((&countered["proposal"], &countered["proposed_by"], &countered["due_on"]), (&json!(2), &json!("supplier"), &json!("2027-01-31")));
        assert_eq!((&countered["signatures"], &countered["status"]), (&json!([]), &json!("proposed")));
        on.admin.post(&sign, json!({"person_id": on.contact})).await.expect(200);
        on.owner.patch(&path, json!({"title": "x"})).await.refused(409, "invalid_state");
        // Whoever changes its own proposal has to sign again, and so has the other side.
        let changed = on.admin.patch(&path, json!({"title": "Train all drivers"})).await.expect(200).body;
        assert_eq!((&changed["proposal"], &changed["signatures"]), (&json!(3), &json!([])));
        let same = on.admin.patch(&path, json!({"title": "Train all drivers"})).await.expect(200).body;
        assert_eq!((&same["proposal"], &same["revision"]), (&json!(3), &changed["revision"]));
        on.admin.patch(&path, json!({"due_on": "2026-11-20"})).await.refused(422, "rule_violated");
        let proposals = on.owner.get(&format!("{path}/proposals")).await.expect(200);
        let short = |proposal: &Value| {
            format!("{} {} {} {}", proposal["number"], proposal["proposed_by"], proposal["due_on"], proposal["note"])
        };
        let all: Vec<_> = proposals.body["data"].as_array().expect("a list").iter().map(short).collect();
        assert_eq!(all, [r#"1 "us" "2026-12-31" "Please.""#, r#"2 "supplier" "2027-01-31" "We need January.""#,
            r#"3 "supplier" "2027-01-31" null"#]);
        assert_eq!(on.sign(&path).await.expect(200).body["status"], json!("accepted"));
    }

    async fn a_proposal_is_withdrawn_by_the_side_that_made_it(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let why = json!({"reason": "Not needed."});
        let gone = on.manager.post(&format!("{path}/withdraw"), why.clone()).await.expect(200).body;
        assert_eq!((&gone["status"], &gone["status_reason"], &gone["ended_on"]), (&json!("withdrawn"), &json!("Not needed."), &json!("2026-11-21")));
        let path = on.proposed(json!({})).await;
        on.admin.post(&format!("{path}/counter"), on.terms()).await.expect(200);
        on.owner.post(&format!("{path}/withdraw"), why.clone()).await.refused(409, "invalid_state");
        on.admin.post(&format!("{path}/withdraw"), why).await.expect(200);
    }

    async fn steps_hold_a_revision_and_are_answered_once(app: TestApp) {
        let on = app.improving().await;
        let path = on.proposed(json!({})).await;
        let sign = format!("{path}/sign");
        on.admin.with("If-Match", "\"7\"").post(&sign, json!({})).await.refused(412, "etag_mismatch");
        on.owner.with("If-Match", "\"7\"").patch(&path, json!({"title": "x"})).await.refused(412, "etag_mismatch");
        on.admin.with("If-Match", "\"7\"").post(&format!("{path}/counter"), on.terms()).await.refused(412, "etag_mismatch");
        let keyed = on.admin.with("Idempotency-Key", "sign-1").with("If-Match", "\"1\"");
        let first = keyed.post(&sign, json!({})).await.expect(200);
        let again = keyed.post(&sign, json!({})).await.expect(200);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
    }

    async fn everybody_is_told_what_is_due(app: TestApp) {
        let on = app.improving().await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        let owns = json!({"owner_id": reviewer.get("/v1/me").await.expect(200).id()});
        on.owner.patch(&format!("/v1/agreements/{}", on.on.agreement), owns).await.expect(200);
        let tasks = async |caller: &Caller<'_>| {
            let list = caller.get("/v1/me/tasks").await.expect(200);
            list.body["data"].as_array().expect("tasks").iter().map(|task| {
                format!("{} {}", task["kind"].as_str().expect("a kind"), &task["due_at"].as_str().expect("a time")[..10])
            }).collect::<Vec<_>>()
        };
        let path = on.proposed(json!({"metric": {"kind": "judgement"}})).await;
        assert_eq!((tasks(&reviewer).await, tasks(&on.owner).await), (vec!["action.sign 2026-12-05".to_owned()], vec![]));
        assert_eq!(tasks(&on.admin).await, ["action.sign 2026-12-05"]);
        let task = on.admin.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&task["resource_path"], &task["supplier_id"]), (&json!(path), &json!(on.on.supplier)));
        on.owner.post(&format!("{path}/sign"), json!({})).await.expect(200);
        assert_eq!((tasks(&reviewer).await, tasks(&on.admin).await.len()), (vec![], 1));
        on.admin.post(&format!("{path}/sign"), json!({"person_id": on.contact})).await.expect(200);
        assert_eq!(tasks(&on.admin).await, ["action.do 2027-01-01"]);
        on.owner.post(&format!("{path}/abandon"), json!({"reason": "Too dear."})).await.expect(200);
        assert_eq!(tasks(&on.admin).await, ["action.sign 2026-12-05", "action.do 2027-01-01"]);
        on.claimed(&path, "2026-11-21").await.expect(200);
        assert_eq!((tasks(&on.admin).await, tasks(&reviewer).await), (vec![], vec![]));
        // The owner of the agreement may not verify: whoever proposed it may.
        assert_eq!(tasks(&on.owner).await, ["action.verify 2026-12-21"]);
        let judged = json!({"judgement": {"effective": false, "text": "Nothing changed."}});
        on.owner.post(&format!("{path}/verify"), judged).await.expect(200);
        assert_eq!((tasks(&on.owner).await, tasks(&on.admin).await), (vec![], vec!["action.do 2027-01-01".to_owned()]));
        let path = on.proposed(json!({})).await;
        on.owner.post(&format!("{path}/withdraw"), json!({"reason": "r"})).await.expect(200);
        assert_eq!((tasks(&reviewer).await.len(), tasks(&on.admin).await.len()), (0, 1));
    }
}
