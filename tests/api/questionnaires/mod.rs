//! Questionnaires: terms that are read and sent again, drafts, versions, and who may do what.

mod terms;
mod versions;

use crate::both;
use crate::support::questionnaires::one_question;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn a_questionnaire_is_made_from_a_template_and_is_complete(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Service", "template": "service_excellence"});
        let made = owner.post("/v1/questionnaires", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/questionnaires/{}", made.id()));
        let body = &made.body;
        assert_eq!((&body["status"], &body["version"], &body["draft_version"]), (&json!("draft"), &Value::Null, &json!(1)));
        assert_eq!(body["terms"]["sections"].as_array().expect("sections").len(), 11);
        let templates = owner.get("/v1/questionnaire-templates").await.expect(200);
        assert_eq!(templates.each("template"), ["service_excellence"]);
        let terms = json!({"terms": templates.body["data"][0]["terms"]});
        let same = owner.patch(made.header("location"), terms).await.expect(200);
        assert_eq!(same.body["revision"], 1, "the template is what was stored");
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!(read.body, made.body);
        owner.with("If-None-Match", read.header("etag")).get(made.header("location")).await.expect(304);
    }

    async fn terms_are_written_out_or_ready_made(app: TestApp) {
        let owner = app.owner().await;
        let both = json!({"name": "Both", "template": "service_excellence", "terms": one_question()});
        for new in [json!({"name": "Neither"}), both] {
            let refusal = owner.post("/v1/questionnaires", new).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/terms rule_violated"]);
        }
        let unknown = json!({"name": "X", "template": "dragons"});
        owner.post("/v1/questionnaires", unknown).await.refused(400, "validation_failed");
        assert_eq!(owner.get("/v1/questionnaires").await.expect(200).body["data"], json!([]));
    }

    async fn questionnaires_are_found_by_name_and_state_in_order(app: TestApp) {
        let owner = app.owner().await;
        for name in ["zebra", "Ärzte", "Mounting"] {
            owner.post("/v1/questionnaires", json!({"name": name, "terms": one_question()})).await.expect(201);
            app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let mounting = owner.get("/v1/questionnaires?q=mount").await.expect(200);
        let id = mounting.body["data"][0]["id"].as_str().expect("an id").to_owned();
        owner.act(&format!("/v1/questionnaires/{id}/publish")).await.expect(200);
        let names = async |query: &str| owner.get(&format!("/v1/questionnaires{query}")).await.expect(200).each("name");
        assert_eq!(names("").await, ["Mounting", "Ärzte", "zebra"]);
        assert_eq!(names("?sort=created_at").await, ["zebra", "Ärzte", "Mounting"]);
        assert_eq!(names("?sort=-name").await, ["zebra", "Mounting", "Ärzte"]);
        assert_eq!(names("?status=published").await, ["Mounting"]);
        assert_eq!(names("?status=draft&status=retired&q=arzt").await, ["Ärzte"]);
        assert_eq!(owner.walk("/v1/questionnaires?sort=name&limit=1", "name").await, ["Ärzte", "Mounting", "zebra"]);
        owner.patch(&format!("/v1/questionnaires/{id}"), json!({"name": "Aufbau"})).await.expect(200);
        assert_eq!(names("?q=mount").await, Vec::<String>::new());
        assert!(mounting.body["data"][0].get("terms").is_none(), "lists are short");
    }

    async fn roles_do_what_the_table_says(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let path = format!("/v1/questionnaires/{}", owner.published_questionnaire().await);
        let closed = ["/v1/questionnaires", "/v1/questionnaire-templates", &path];
        for (role, of) in [(Role::SupplierAdmin, Some(&*supplier)), (Role::SupplierUser, Some(&*supplier)), (Role::Agent, None)] {
            let caller = app.sign_in(role, of).await;
            for path in closed {
                caller.get(path).await.refused(403, "forbidden");
            }
        }
        for role in [Role::Reviewer, Role::Auditor] {
            let caller = app.sign_in(role, None).await;
            caller.get(&path).await.expect(200);
            caller.act(&format!("{path}/revise")).await.refused(403, "forbidden");
            caller.post("/v1/questionnaires", json!({"name": "X", "terms": one_question()})).await.refused(403, "forbidden");
        }
        let manager = app.sign_in(Role::Manager, None).await;
        manager.act(&format!("{path}/revise")).await.expect(200);
        manager.act(&format!("{path}/publish")).await.expect(200);
        let draft = format!("/v1/questionnaires/{}", manager.draft_questionnaire().await);
        manager.delete(&draft).await.refused(403, "forbidden");
        owner.delete(&draft).await.expect(204);
    }

    async fn a_key_reads_with_its_scope_and_writes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/questionnaires/{}", owner.draft_questionnaire().await);
        let new = json!({"name": "Reader", "scopes": ["questionnaires:read"]});
        let made = owner.post("/v1/api-keys", new).await.expect(201);
        let key = app.with_token(made.body["key"].as_str().expect("the key"));
        key.get(&path).await.expect(200);
        key.act(&format!("{path}/publish")).await.refused(403, "forbidden");
        let new = json!({"name": "Other", "scopes": ["suppliers:read"]});
        let made = owner.post("/v1/api-keys", new).await.expect(201);
        let other = app.with_token(made.body["key"].as_str().expect("the key"));
        other.get(&path).await.refused(403, "insufficient_scope");
    }

    async fn the_history_tells_what_happened_without_the_texts(app: TestApp) {
        let owner = app.owner().await;
        let id = owner.published_questionnaire().await;
        let path = format!("/v1/questionnaires/{id}");
        owner.act(&format!("{path}/revise")).await.expect(200);
        let mut terms = one_question();
        terms["title"] = json!("Cover");
        owner.patch(&path, json!({"terms": terms})).await.expect(200);
        let events = owner.get(&format!("/v1/audit-events?resource_id={id}")).await.expect(200);
        let actions = ["questionnaire.update", "questionnaire.revise", "questionnaire.publish", "questionnaire.create"];
        assert_eq!(events.each("action"), actions);
        let changed: Vec<_> = events.body["data"][0]["changes"].as_array().expect("changes").iter().map(|one| one["path"].clone()).collect();
        assert_eq!(changed, ["/terms_digest"]);
        assert!(!events.text.contains("Are you insured?"));
    }

    async fn lists_are_exported_by_whoever_may_read_them(app: TestApp) {
        let owner = app.owner().await;
        owner.published_questionnaire().await;
        for kind in ["questionnaires", "questionnaire_versions"] {
            let new = json!({"kind": kind, "format": "ndjson"});
            let made = owner.post("/v1/exports", new.clone()).await.expect(202);
            let path = format!("/v1/exports/{}", made.body["export_id"].as_str().expect("an id"));
            while accord::shared::jobs::worker::run_one(&app.app, &accord::app::long_work()).await.expect("it works") {}
            let done = owner.get(&path).await.expect(200);
            assert_eq!((&done.body["status"], &done.body["rows"]), (&json!("succeeded"), &json!(1)), "{kind}");
            let agent = app.sign_in(Role::Agent, None).await;
            agent.post("/v1/exports", new).await.refused(403, "forbidden");
        }
    }
}
