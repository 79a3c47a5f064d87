//! The audit trail and its seal.

use crate::both;
use crate::support::{Caller, TestApp};
use accord::shared::history::seal::seal;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// The events that a query finds, newest first.
async fn events(caller: &Caller<'_>, query: &str) -> Vec<Value> {
    let list = caller.get(&format!("/v1/audit-events?limit=100&{query}")).await.expect(200);
    list.body["data"].as_array().expect("a list").clone()
}

async fn actions(caller: &Caller<'_>, query: &str) -> Vec<String> {
    let events = events(caller, query).await;
    events.iter().map(|event| event["action"].as_str().expect("text").to_owned()).collect()
}

async fn verify(caller: &Caller<'_>) -> Value {
    caller.get("/v1/audit-events/verify").await.expect(200).body
}

/// Three sealed events about one supplier; the ids of the events, oldest first.
async fn sealed(app: &TestApp, owner: &Caller<'_>) -> Vec<String> {
    let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
    owner.patch(&path, json!({"name": "Acme Ltd"})).await.expect(200);
    owner.act(&format!("{path}/nominate")).await.expect(200);
    assert_eq!(seal(&app.app).await.expect("it seals"), 5);
    let mut ids: Vec<_> = events(owner, "resource_type=supplier")
        .await
        .iter()
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect();
    ids.reverse();
    ids
}

/// An id as both databases read it in SQL.
fn sql_id(app: &TestApp, id: &str) -> String {
    match app.app.db.is_sqlite() {
        true => format!("x'{}'", id.replace('-', "")),
        false => format!("'{id}'"),
    }
}

both! {
    async fn a_change_is_entered_with_who_what_when_and_in_which_request(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let supplier = path.rsplit('/').next().expect("an id");
        app.clock.advance(TimeDelta::minutes(1));
        let change = json!({"name": "Acme Ltd", "external_id": "E1", "regions": ["US"]});
        owner.with("x-request-id", "request-42").patch(&path, change).await.expect(200);
        let found = events(&owner, "action=supplier.update").await;
        assert_eq!(found.len(), 1);
        let event = &found[0];
        assert_eq!(event["at"], "2026-11-21T09:01:00.000Z");
        assert_eq!((&event["actor"]["type"], &event["actor"]["label"]), (&json!("account"), &json!("Test owner")));
        assert_eq!(event["resource"], json!({"type": "supplier", "id": supplier}));
        assert_eq!((&event["supplier_id"], &event["request_id"]), (&json!(supplier), &json!("request-42")));
        assert_eq!(event["reason"], json!(null));
        let mut changes = event["changes"].as_array().expect("a list").clone();
        changes.sort_by_key(|change| change["path"].to_string());
        assert_eq!(json!(changes), json!([
            {"path": "/external_id", "before": null, "after": "E1"},
            {"path": "/name", "before": "Acme", "after": "Acme Ltd"},
            {"path": "/regions", "before": [], "after": ["US"]},
        ]));
    }

    async fn every_kind_of_change_leaves_one_event(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        for (part, new, change) in [
            ("people", json!({"name": "Mia"}), json!({"name": "Jo"})),
            ("notes", json!({"text": "x"}), json!({"text": "y"})),
            ("credentials", json!({"type": "permit", "number": "1", "issuer": "X"}), json!({"number": "2"})),
        ] {
            let made = owner.post(&format!("{path}/{part}"), new).await.expect(201);
            owner.patch(made.header("location"), change).await.expect(200);
            owner.delete(made.header("location")).await.expect(204);
        }
        owner.delete(&path).await.expect(204);
        let supplier = path.rsplit('/').next().expect("an id");
        assert_eq!(actions(&owner, &format!("supplier_id={supplier}")).await, [
            "supplier.delete", "credential.delete", "credential.update", "credential.create", "supplier_note.delete",
            "supplier_note.update", "supplier_note.create", "person.delete", "person.update", "person.create",
            "supplier.create",
        ]);
    }

    async fn making_and_deleting_show_everything_that_came_and_went(app: TestApp) {
        let owner = app.owner().await;
        let people = format!("/v1/suppliers/{}/people", owner.supplier("Acme").await);
        let made = owner.post(&people, json!({"name": "Mia", "phone": "+493012345678"})).await.expect(201);
        owner.delete(made.header("location")).await.expect(204);
        let found = events(&owner, &format!("resource_id={}", made.id())).await;
        let value = |event: &Value, path: &str| {
            let changes = event["changes"].as_array().expect("a list").clone();
            changes.into_iter().find(|change| change["path"] == path).expect("this member")
        };
        assert_eq!(value(&found[1], "/phone"), json!({"path": "/phone", "before": null, "after": "+493012345678"}));
        assert_eq!(value(&found[0], "/phone"), json!({"path": "/phone", "before": "+493012345678", "after": null}));
    }

    async fn the_reason_of_a_decision_is_kept(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        owner.act(&format!("{path}/nominate")).await.expect(200);
        owner.post(&format!("{path}/reject"), json!({"reason": "No insurance"})).await.expect(200);
        let event = events(&owner, "action=supplier.reject").await.remove(0);
        assert_eq!(event["reason"], "No insurance");
        assert_eq!(event["changes"], json!([{"path": "/status", "before": "candidate", "after": "rejected"}]));
    }

    async fn what_was_refused_or_changed_nothing_leaves_no_event(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let before = events(&owner, "").await.len();
        owner.patch(&path, json!({})).await.expect(200);
        owner.patch(&path, json!({"legal_ids": [{"scheme": "DUNS", "value": "1"}]})).await.expect(422);
        owner.with("if-match", "\"9\"").patch(&path, json!({"name": "B"})).await.expect(412);
        owner.act(&format!("{path}/activate")).await.expect(409);
        owner.with("idempotency-key", "k").act(&format!("{path}/activate")).await.expect(409);
        assert_eq!(events(&owner, "").await.len(), before);
    }

    async fn each_filter_of_the_trail_finds_what_it_names(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let one = owner.supplier("One").await;
        app.clock.advance(TimeDelta::minutes(1));
        let other = manager.supplier("Other").await;
        app.clock.advance(TimeDelta::minutes(1));
        let person = manager.post(&format!("/v1/suppliers/{one}/people"), json!({"name": "Mia"})).await.expect(201).id();
        let manager_id = events(&owner, "action=person.create").await[0]["actor"]["id"].clone();
        let manager_id = manager_id.as_str().expect("an id");
        for (query, found) in [
            ("resource_type=person".to_owned(), &["person.create"][..]),
            (format!("resource_id={person}"), &["person.create"]),
            (format!("resource_id={one}"), &["supplier.create"]),
            (format!("supplier_id={one}"), &["person.create", "supplier.create"]),
            (format!("supplier_id={other}"), &["supplier.create"]),
            (format!("actor_id={manager_id}"), &["person.create", "supplier.create", "session.create"]),
            (format!("actor_id={manager_id}&supplier_id={other}"), &["supplier.create"]),
            ("action=supplier.create".to_owned(), &["supplier.create", "supplier.create"]),
            ("action=supplier.delete".to_owned(), &[]),
            ("resource_type=supplier&at_gte=2026-11-21T09:01:00Z".to_owned(), &["supplier.create"]),
            ("at_gte=2026-11-21T09:01:00Z&at_lt=2026-11-21T09:02:00Z".to_owned(), &["supplier.create"]),
            ("at_gte=2026-11-21T09:02:00.001Z".to_owned(), &[]),
        ] {
            assert_eq!(actions(&owner, &query).await, found, "{query}");
        }
        let wrong = "resource_type=A&action=x&actor_id=1&at_lt=now&sort=at";
        owner.get(&format!("/v1/audit-events?{wrong}")).await.refused(400, "unknown_parameter");
        let wrong = owner.get("/v1/audit-events?resource_type=A&action=x&at_lt=now&limit=0").await;
        let errors = wrong.refused(400, "invalid_parameter").errors();
        assert_eq!(errors, ["action pattern", "at_lt format", "limit too_small", "resource_type pattern"]);
    }

    async fn the_trail_is_read_to_its_end_newest_first(app: TestApp) {
        let owner = app.owner().await;
        let mut made = Vec::new();
        for name in ["A", "B", "C", "D", "E"] {
            made.push(owner.supplier(name).await);
        }
        made.reverse();
        let all = owner.walk("/v1/audit-events?resource_type=supplier", "id").await;
        for limit in [1, 2, 5] {
            let walked = owner.walk(&format!("/v1/audit-events?resource_type=supplier&limit={limit}"), "id").await;
            assert_eq!(walked, all);
        }
        let suppliers = events(&owner, "resource_type=supplier").await;
        let order: Vec<_> = suppliers.iter().map(|event| event["resource"]["id"].as_str().expect("an id")).collect();
        assert_eq!(order, made);
        let counted = owner.get("/v1/audit-events?resource_type=supplier&limit=1&count=true").await.expect(200);
        assert_eq!(counted.body["total_count"], 5);
    }

    async fn everybody_reads_of_the_trail_what_is_theirs_to_know(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let auditor = app.sign_in(Role::Auditor, None).await;
        let everything = actions(&auditor, "").await;
        assert_eq!(everything.len(), 6, "{everything:?}");
        assert_eq!(actions(&auditor, "resource_type=supplier").await, ["supplier.create", "supplier.create"]);
        let manager = app.sign_in(Role::Manager, None).await;
        assert_eq!(actions(&manager, "").await, ["supplier.create", "supplier.create"]);
        let (admin, foreign) = (
            app.sign_in(Role::SupplierAdmin, Some(&own)).await,
            app.sign_in(Role::SupplierAdmin, Some(&other)).await,
        );
        let people = |supplier: &str| format!("/v1/suppliers/{supplier}/people");
        admin.post(&people(&own), json!({"name": "Mia"})).await.expect(201);
        foreign.post(&people(&other), json!({"name": "Jo"})).await.expect(201);
        owner.post(&people(&own), json!({"name": "Staff's"})).await.expect(201);
        let login = json!({"email": format!("supplier_admin{own}@accord.example"), "password": "wrong"});
        app.nobody().post("/v1/auth/login", login).await.expect(401);
        assert_eq!(actions(&admin, "").await, ["user.sign_in_refused", "person.create", "session.create"]);
        assert_eq!(actions(&foreign, "").await, ["person.create", "session.create"]);
        assert_eq!(actions(&admin, &format!("supplier_id={other}")).await, [""; 0]);
    }

    async fn only_owners_and_auditors_verify_the_trail(app: TestApp) {
        let own = app.owner().await.supplier("Acme").await;
        app.sign_in(Role::Auditor, None).await.get("/v1/audit-events/verify").await.expect(200);
        for (role, supplier) in [(Role::Manager, None), (Role::SupplierAdmin, Some(own.as_str()))] {
            let caller = app.sign_in(role, supplier).await;
            let refusal = caller.get("/v1/audit-events/verify").await.refused(403, "forbidden");
            assert_eq!(refusal.body["required_permission"], "audit_events.verify");
        }
        app.nobody().get("/v1/audit-events").await.refused(401, "missing_credentials");
        app.nobody().get("/v1/audit-events/verify").await.refused(401, "missing_credentials");
    }

    async fn a_refusal_is_entered_once_a_minute(app: TestApp) {
        let (owner, agent) = (app.owner().await, app.sign_in(Role::Agent, None).await);
        for _ in 0..3 {
            agent.post("/v1/suppliers", json!({"kind": "company", "name": "X"})).await.refused(403, "forbidden");
        }
        agent.get("/v1/users").await.refused(403, "forbidden");
        let denied = events(&owner, "action=access.deny").await;
        let reasons: Vec<_> = denied.iter().map(|event| &event["reason"]).collect();
        assert_eq!(reasons, [&json!("users.read"), &json!("suppliers.create")]);
        assert_eq!(denied[0]["actor"]["label"], "Test agent");
        app.clock.advance(TimeDelta::minutes(1));
        agent.get("/v1/users").await.refused(403, "forbidden");
        assert_eq!(events(&owner, "action=access.deny").await.len(), 3);
    }

    async fn what_is_not_sealed_yet_is_counted(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        assert_eq!(verify(&owner).await, json!({"is_intact": true, "sealed": 0, "unsealed": 3, "problems": []}));
        assert_eq!(seal(&app.app).await.expect("it seals"), 3);
        assert_eq!(seal(&app.app).await.expect("nothing to seal"), 0);
        owner.supplier("B").await;
        assert_eq!(verify(&owner).await, json!({"is_intact": true, "sealed": 3, "unsealed": 1, "problems": []}));
        seal(&app.app).await.expect("it seals");
        assert_eq!(verify(&owner).await, json!({"is_intact": true, "sealed": 4, "unsealed": 0, "problems": []}));
    }

    async fn instances_that_seal_at_once_seal_every_event_once(app: TestApp) {
        let second = app.second_instance().await;
        let owner = app.owner().await;
        for name in ["A", "B", "C"] {
            owner.supplier(name).await;
        }
        // One of the two may lose the race; then it finds nothing left to do.
        let _ = tokio::join!(seal(&app.app), seal(&second.app));
        seal(&app.app).await.expect("it seals");
        assert_eq!(verify(&owner).await, json!({"is_intact": true, "sealed": 5, "unsealed": 0, "problems": []}));
    }

    async fn an_event_that_was_changed_by_hand_is_named(app: TestApp) {
        let owner = app.owner().await;
        let ids = sealed(&app, &owner).await;
        for change in [
            "action = 'supplier.read'", "content = replace(content, 'Acme', 'Evil')", "actor_id = NULL",
            "request_id = 'other'", "content = NULL",
        ] {
            let id = sql_id(&app, &ids[1]);
            app.sql("CREATE TABLE kept AS SELECT * FROM history").await;
            app.sql(&format!("UPDATE history SET {change} WHERE id = {id}")).await;
            let found = verify(&owner).await;
            assert_eq!(found["is_intact"], false, "{change}");
            assert_eq!(found["problems"], json!([{"position": 4, "event_id": ids[1], "problem": "changed"}]));
            app.sql("DELETE FROM history").await;
            app.sql("INSERT INTO history SELECT * FROM kept").await;
            app.sql("DROP TABLE kept").await;
            assert_eq!(verify(&owner).await["is_intact"], true);
        }
    }

    async fn an_event_that_was_removed_by_hand_is_named(app: TestApp) {
        let owner = app.owner().await;
        let ids = sealed(&app, &owner).await;
        app.sql(&format!("DELETE FROM history WHERE id = {}", sql_id(&app, &ids[1]))).await;
        let found = verify(&owner).await;
        assert_eq!(found["problems"], json!([{"position": 4, "event_id": ids[1], "problem": "removed"}]));
        assert_eq!((&found["is_intact"], &found["sealed"]), (&json!(false), &json!(5)));
    }

    async fn an_event_that_was_removed_before_it_was_sealed_is_named(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        let event = events(&owner, "action=supplier.create").await.remove(0);
        let id = event["id"].as_str().expect("an id");
        app.sql(&format!("DELETE FROM history WHERE id = {}", sql_id(&app, id))).await;
        seal(&app.app).await.expect("it seals the rest");
        let found = verify(&owner).await;
        assert_eq!(found["problems"], json!([{"position": null, "event_id": id, "problem": "removed"}]));
    }

    async fn a_seal_that_was_removed_with_its_event_is_missed(app: TestApp) {
        let owner = app.owner().await;
        let ids = sealed(&app, &owner).await;
        let id = sql_id(&app, &ids[1]);
        app.sql(&format!("DELETE FROM audit_seal WHERE event_id = {id}")).await;
        app.sql(&format!("DELETE FROM history WHERE id = {id}")).await;
        let found = verify(&owner).await;
        assert_eq!(found["is_intact"], false);
        let missing = json!({"position": 4, "event_id": null, "problem": "seal_missing"});
        assert!(found["problems"].as_array().expect("a list").contains(&missing), "{found}");
    }

    async fn erased_content_leaves_an_intact_trail(app: TestApp) {
        let owner = app.owner().await;
        let ids = sealed(&app, &owner).await;
        let id = sql_id(&app, &ids[1]);
        app.sql(&format!("UPDATE history SET content = NULL, salt = NULL WHERE id = {id}")).await;
        assert_eq!(verify(&owner).await, json!({"is_intact": true, "sealed": 5, "unsealed": 0, "problems": []}));
        let event = events(&owner, "action=supplier.update").await.remove(0);
        assert_eq!((&event["changes"], &event["actor"]["label"]), (&json!([]), &json!(null)));
        assert_eq!(event["resource"]["type"], "supplier");
    }
}
