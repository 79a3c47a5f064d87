//! The organisation that runs the installation.

use crate::both;
use crate::support::TestApp;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

const PATH: &str = "/v1/organization";

async fn number(app: &TestApp, sql: &str) -> i64 {
    let db = app.app.db.fresh();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("the query");
    row.expect("a row").try_get_by_index(0).expect("a number")
}

both! {
    async fn an_organisation_has_defaults_until_it_is_changed(app: TestApp) {
        let owner = app.owner().await;
        let read = owner.get(PATH).await.expect(200);
        assert_eq!(read.header("etag"), "\"1\"");
        assert_eq!(read.body, json!({"name": "Our organisation", "time_zone": "UTC", "language": "en",
            "contact_email": null, "revision": 1, "created_at": "2026-11-21T09:00:00.000Z",
            "updated_at": "2026-11-21T09:00:00.000Z"}));
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(app.owner().await.get(PATH).await.expect(200).body, read.body);
        app.owner().await.with("if-none-match", "\"1\"").get(PATH).await.expect(304);
    }

    async fn those_who_read_first_at_the_same_time_see_one_row(app: TestApp) {
        let (owner, second) = (app.owner().await, app.second_instance().await);
        let there = second.owner().await;
        let (a, b, c, d) = tokio::join!(owner.get(PATH), there.get(PATH), owner.get(PATH),
            there.patch(PATH, json!({"language": "de"})));
        for answer in [a, b, c, d] {
            answer.expect(200);
        }
        assert_eq!(number(&app, "SELECT count(*) FROM organization").await, 1);
        assert_eq!(owner.get(PATH).await.expect(200).body["language"], "de");
    }

    async fn an_owner_changes_the_organisation_where_the_patch_says_so(app: TestApp) {
        let owner = app.owner().await;
        app.clock.advance(TimeDelta::minutes(1));
        let change = json!({"name": "Acme Services", "time_zone": "europe/BERLIN", "language": "pt-BR",
            "contact_email": "contact@acme.example"});
        owner.with("if-match", "\"7\"").patch(PATH, change.clone()).await.refused(412, "etag_mismatch");
        let changed = owner.with("if-match", "\"1\"").patch(PATH, change).await.expect(200);
        assert_eq!(changed.header("etag"), "\"2\"");
        assert_eq!((&changed.body["name"], &changed.body["time_zone"]), (&json!("Acme Services"), &json!("Europe/Berlin")));
        assert_eq!(owner.get(PATH).await.expect(200).body, changed.body);
        for nothing in [json!({}), json!({"time_zone": "Europe/Berlin"}), json!({"time_zone": "EUROPE/berlin"})] {
            assert_eq!(owner.patch(PATH, nothing).await.expect(200).header("etag"), "\"2\"");
        }
        let cleared = owner.patch(PATH, json!({"contact_email": null})).await.expect(200).body;
        assert_eq!((&cleared["contact_email"], &cleared["language"]), (&json!(null), &json!("pt-BR")));
        assert_eq!(number(&app, "SELECT count(*) FROM history WHERE action = 'organization.update'").await, 2);
    }

    async fn what_an_organisation_cannot_be_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let wrong = json!({"name": " ", "time_zone": "Berlin!", "language": "Deutsch", "contact_email": "x", "id": "1"});
        assert_eq!(owner.patch(PATH, wrong).await.refused(400, "validation_failed").errors(), [
            "#/contact_email pattern", "#/id unknown_member", "#/language pattern", "#/name pattern",
            "#/time_zone pattern",
        ]);
        owner.patch(PATH, json!({"name": null})).await.refused(400, "validation_failed");
        let nowhere = owner.patch(PATH, json!({"time_zone": "Europe/Nowhere"})).await.refused(422, "rule_violated");
        assert_eq!(nowhere.errors(), ["#/time_zone rule_violated"]);
    }

    async fn staff_reads_the_organisation_and_suppliers_do_not(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Own").await;
        for role in [Role::Manager, Role::Reviewer, Role::Agent, Role::Auditor] {
            let caller = app.sign_in(role, None).await;
            caller.get(PATH).await.expect(200);
            let refusal = caller.patch(PATH, json!({"name": "X"})).await.refused(403, "forbidden");
            assert_eq!(refusal.body["required_permission"], "organization.update");
        }
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&supplier)).await;
            caller.get(PATH).await.refused(403, "forbidden");
            caller.patch(PATH, json!({"name": "X"})).await.refused(403, "forbidden");
        }
        app.nobody().get(PATH).await.refused(401, "missing_credentials");
    }
}
