//! What API keys open, and for how long.

use super::{KEYS, make, secret};
use crate::both;
use crate::support::{TestApp, Wishes};
use accord::shell::Settings;
use chrono::TimeDelta;
use serde_json::json;

both! {
    async fn a_key_of_the_organisation_sees_all_suppliers(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        owner.supplier("B").await;
        let made = make(&owner, json!({"scopes": ["suppliers:read", "suppliers:write"]})).await;
        let key = app.with_token(&secret(&made));
        assert_eq!(key.walk("/v1/suppliers?limit=1", "name").await.len(), 2);
        key.supplier("C").await;
        let me = key.get("/v1/me").await.expect(200).body;
        assert_eq!((&me["kind"], &me["id"], &me["name"]), (&json!("api_key"), &json!(made.id()), &json!("Import")));
        assert_eq!((&me["role"], &me["scopes"]), (&json!(null), &json!(["suppliers:read", "suppliers:write"])));
    }

    async fn a_suppliers_key_sees_its_supplier_only(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let scopes = json!(["suppliers:read", "people:read", "people:write"]);
        let key = app.with_token(&secret(&make(&owner, json!({"supplier_id": own, "scopes": scopes})).await));
        assert_eq!(key.get("/v1/suppliers").await.expect(200).each("name"), ["Own"]);
        key.get(&format!("/v1/suppliers/{other}")).await.refused(404, "not_found");
        key.get(&format!("/v1/suppliers/{other}/people")).await.refused(404, "not_found");
        key.post(&format!("/v1/suppliers/{other}/people"), json!({"name": "X"})).await.refused(404, "not_found");
        key.post(&format!("/v1/suppliers/{own}/people"), json!({"name": "X"})).await.expect(201);
        assert_eq!(key.get("/v1/me").await.expect(200).body["supplier_id"], own);
    }

    async fn a_key_does_what_its_scopes_name_and_no_more(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let made = make(&owner, json!({"scopes": ["suppliers:read"]})).await;
        let key = app.with_token(&secret(&made));
        key.get("/v1/suppliers").await.expect(200);
        let people = format!("/v1/suppliers/{supplier}/people");
        let refusal = key.get(&people).await.refused(403, "insufficient_scope");
        assert_eq!(refusal.body["required_permission"], "people.read");
        let new = json!({"kind": "company", "name": "B"});
        let refusal = key.post("/v1/suppliers", new).await.refused(403, "insufficient_scope");
        assert_eq!(refusal.body["required_permission"], "suppliers.create");
        owner.patch(made.header("location"), json!({"scopes": ["people:read"]})).await.expect(200);
        key.get(&people).await.expect(200);
        key.get("/v1/suppliers").await.refused(403, "insufficient_scope");
    }

    async fn a_key_is_accepted_from_its_networks_only(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({"allowed_cidrs": ["192.0.2.0/24", "2001:db8::/32"]})).await;
        let key = app.with_token(&secret(&made));
        key.get("/v1/suppliers").await.refused(403, "ip_not_allowed");
        owner.patch(made.header("location"), json!({"allowed_cidrs": ["127.0.0.0/8"]})).await.expect(200);
        key.get("/v1/suppliers").await.expect(200);
    }

    async fn a_key_expires_and_lives_on_when_its_end_is_moved(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({"expires_at": "2026-11-21T09:00:30Z"})).await;
        let key = app.with_token(&secret(&made));
        key.get("/v1/suppliers").await.expect(200);
        app.clock.advance(TimeDelta::seconds(30));
        key.get("/v1/suppliers").await.refused(401, "api_key_expired");
        let rotate = format!("{}/rotate", made.header("location"));
        let refusal = owner.post(&rotate, json!({})).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["current_status"], "expired");
        owner.patch(made.header("location"), json!({"expires_at": "2026-11-22T00:00:00Z"})).await.expect(200);
        key.get("/v1/suppliers").await.expect(200);
    }

    async fn a_revoked_key_is_refused_at_once(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({})).await;
        let key = app.with_token(&secret(&made));
        key.get("/v1/suppliers").await.expect(200);
        owner.delete(made.header("location")).await.expect(204);
        let refusal = key.get("/v1/suppliers").await.refused(401, "invalid_api_key");
        assert_eq!(refusal.header("www-authenticate"), "Bearer realm=\"accord\"");
    }

    async fn a_revoked_key_is_refused_by_other_instances_when_they_catch_up(app: TestApp) {
        let owner = app.owner().await;
        let second = app.second_instance().await;
        let made = make(&owner, json!({})).await;
        let there = second.with_token(&secret(&made));
        there.get("/v1/suppliers").await.expect(200);
        owner.patch(made.header("location"), json!({"scopes": ["people:read"]})).await.expect(200);
        second.app.gate.catch_up().await.expect("it reads the counter");
        there.get("/v1/suppliers").await.refused(403, "insufficient_scope");
        owner.delete(made.header("location")).await.expect(204);
        second.app.gate.catch_up().await.expect("it reads the counter");
        there.get("/v1/suppliers").await.refused(401, "invalid_api_key");
    }

    async fn a_key_with_a_typing_error_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let key = secret(&make(&owner, json!({})).await);
        let last = if key.ends_with('0') { '1' } else { '0' };
        for wrong in [format!("{}{last}", &key[..key.len() - 1]), format!("{key}x"), "acc_sk_".to_owned()] {
            app.with_token(&wrong).get("/v1/suppliers").await.refused(401, "invalid_api_key");
        }
    }

    async fn after_a_rotation_both_keys_work_until_the_overlap_ends(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({})).await;
        let rotate = format!("{}/rotate", made.header("location"));
        let rotated = owner.with("if-match", "\"1\"").post(&rotate, json!({"overlap": "PT1H"})).await.expect(200);
        assert_eq!(rotated.header("cache-control"), "no-store");
        assert_eq!(rotated.body["previous_until"], "2026-11-21T10:00:00.000Z");
        assert_ne!(rotated.body["last4"], made.body["last4"]);
        let (old, new) = (secret(&made), secret(&rotated));
        app.clock.advance(TimeDelta::minutes(59));
        app.with_token(&old).get("/v1/suppliers").await.expect(200);
        app.with_token(&new).get("/v1/suppliers").await.expect(200);
        app.clock.advance(TimeDelta::minutes(1));
        app.with_token(&old).get("/v1/suppliers").await.refused(401, "api_key_expired");
        app.with_token(&new).get("/v1/suppliers").await.expect(200);
    }

    async fn a_second_rotation_ends_the_first_key_and_an_overlap_may_be_nothing(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({})).await;
        let rotate = format!("{}/rotate", made.header("location"));
        let second = owner.post(&rotate, json!({})).await.expect(200);
        assert_eq!(second.body["previous_until"], "2026-11-22T09:00:00.000Z");
        let third = owner.post(&rotate, json!({"overlap": "PT0S"})).await.expect(200);
        app.with_token(&secret(&made)).get("/v1/suppliers").await.refused(401, "invalid_api_key");
        app.with_token(&secret(&second)).get("/v1/suppliers").await.refused(401, "api_key_expired");
        app.with_token(&secret(&third)).get("/v1/suppliers").await.expect(200);
        let long = owner.post(&rotate, json!({"overlap": "P8D"})).await.refused(422, "rule_violated");
        assert_eq!(long.errors(), ["#/overlap rule_violated"]);
        owner.post(&rotate, json!({"overlap": "a day"})).await.refused(400, "validation_failed");
        owner.post(&format!("{KEYS}/{}/rotate", super::NOWHERE), json!({})).await.refused(404, "not_found");
    }

    async fn the_last_use_is_noted_once_a_minute_at_most(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({})).await;
        let key = app.with_token(&secret(&made));
        let used = async || {
            key.get("/v1/suppliers").await.expect(200);
            let read = owner.get(made.header("location")).await.expect(200);
            assert_eq!((read.header("etag"), &read.body["last_used_from"]), ("\"1\"", &json!("127.0.0.1")));
            read.body["last_used_at"].as_str().expect("a time").to_owned()
        };
        assert_eq!(used().await, "2026-11-21T09:00:00.000Z");
        app.clock.advance(TimeDelta::seconds(59));
        assert_eq!(used().await, "2026-11-21T09:00:00.000Z");
        app.clock.advance(TimeDelta::seconds(1));
        assert_eq!(used().await, "2026-11-21T09:01:00.000Z");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_of_the_client_counts() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let settings = Settings { trusted_proxies, ..Settings::default() };
    let app = TestApp::sqlite_with(Wishes { settings, ..Wishes::default() }).await;
    let made = make(&app.owner().await, json!({"allowed_cidrs": ["192.0.2.0/24", "2001:db8::/32"]})).await;
    let key = app.with_token(&secret(&made));
    for inside in ["192.0.2.9", "2001:db8::7", "::ffff:192.0.2.9"] {
        key.with("x-forwarded-for", inside).get("/v1/suppliers").await.expect(200);
    }
    for outside in ["192.0.3.1", "2001:db9::1", "192.0.2.9, 198.51.100.1"] {
        key.with("x-forwarded-for", outside).get("/v1/suppliers").await.refused(403, "ip_not_allowed");
    }
}
