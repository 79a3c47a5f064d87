//! Signing in, tokens, and accounts that lose their rights.

use crate::both;
use crate::support::{Caller, PASSWORD, TestApp};
use accord::shared::permission::Role;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Header, encode};
use poem::http::Method;
use serde_json::{Value, json};

const OWNER: &str = "owner@accord.example";

fn part(token: &str, number: usize) -> Value {
    let text = token.split('.').nth(number).expect("three parts");
    serde_json::from_slice(&BASE64.decode(text).expect("base64url")).expect("JSON")
}

/// A token that is really signed with the installation's key, with these claims and this type.
fn signed(app: &TestApp, claims: &Value, typ: Option<&str>) -> String {
    let keys = app.app.gate.keys();
    let key = keys.signing(app.clock.now()).expect("a key");
    let header = Header { typ: typ.map(str::to_owned), kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &key.signs).expect("a token")
}

/// What a valid token is made of.
async fn claims(app: &TestApp) -> Value {
    part(app.owner().await.token.as_deref().expect("a token"), 1)
}

async fn login(caller: &Caller<'_>, email: &str, password: &str) -> crate::support::Answer {
    caller.post("/v1/auth/login", json!({"email": email, "password": password})).await
}

both! {
    async fn signing_in_gives_a_token_for_a_quarter_of_an_hour(app: TestApp) {
        app.owner().await;
        let answer = login(&app.nobody(), OWNER, PASSWORD).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(7));
        let token = answer.body["access_token"].as_str().expect("a token");
        app.with_token(token).get("/v1/suppliers").await.expect(200);
        assert_eq!((&part(token, 0)["typ"], &part(token, 0)["alg"]), (&json!("at+jwt"), &json!("EdDSA")));
        assert_eq!(part(token, 1)["sid"], answer.body["session_id"]);
    }

    async fn the_case_of_an_email_address_does_not_count(app: TestApp) {
        app.owner().await;
        login(&app.nobody(), "Owner@ACCORD.example", PASSWORD).await.expect(200);
    }

    async fn a_wrong_password_and_an_unknown_or_disabled_account_answer_alike(app: TestApp) {
        app.owner().await;
        app.sign_in(Role::Manager, None).await;
        app.sql("UPDATE account SET disabled_at = created_at WHERE role = 'manager'").await;
        let nobody = app.nobody();
        let wrong = login(&nobody, OWNER, "wrong horse battery staple").await.refused(401, "invalid_credentials");
        let unknown = login(&nobody, "nobody@accord.example", PASSWORD).await.refused(401, "invalid_credentials");
        let disabled = login(&nobody, "manager@accord.example", PASSWORD).await.refused(401, "invalid_credentials");
        let longer = login(&nobody, OWNER, &format!("{PASSWORD} ")).await.refused(401, "invalid_credentials");
        let names = |answer: &crate::support::Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(|name| name.to_string()).collect();
            names.sort();
            names
        };
        for answer in [&unknown, &disabled, &longer] {
            assert_eq!(answer.lasting(), wrong.lasting());
            assert_eq!(names(answer), names(&wrong));
        }
    }

    async fn a_sign_in_that_does_not_match_the_description_is_refused(app: TestApp) {
        let nobody = app.nobody();
        let empty = nobody.post("/v1/auth/login", json!({"user": "x"})).await.refused(400, "validation_failed");
        assert_eq!(empty.errors(), ["#/email required", "#/password required", "#/user unknown_member"]);
        let long = login(&nobody, "a", &"x".repeat(129)).await.refused(400, "validation_failed");
        assert_eq!(long.errors(), ["#/email too_short", "#/password too_long"]);
        let form = Some(("application/x-www-form-urlencoded", b"email=a".to_vec()));
        nobody.send_raw(Method::POST, "/v1/auth/login", form).await.refused(415, "unsupported_media_type");
    }

    async fn a_token_expires(app: TestApp) {
        let owner = app.owner().await;
        app.clock.advance(TimeDelta::minutes(15));
        owner.get("/v1/suppliers").await.expect(200);
        app.clock.advance(TimeDelta::seconds(30));
        let expired = owner.get("/v1/suppliers").await.refused(401, "token_expired");
        assert_eq!(expired.header("www-authenticate"), "Bearer realm=\"accord\"");
        owner.post("/v1/suppliers", json!({})).await.refused(401, "token_expired");
    }

    async fn a_token_of_a_session_that_is_not_the_accounts_is_refused(app: TestApp) {
        let mut mixed = claims(&app).await;
        app.sign_in(Role::Manager, None).await;
        let other = login(&app.nobody(), "manager@accord.example", PASSWORD).await.expect(200);
        mixed["sid"] = other.body["session_id"].clone();
        let token = signed(&app, &mixed, Some("at+jwt"));
        app.with_token(&token).get("/v1/suppliers").await.refused(401, "session_revoked");
    }

    async fn other_kinds_of_credentials_are_refused(app: TestApp) {
        let token = app.owner().await.token.expect("a token");
        for given in [format!("Basic {token}"), token.clone(), "Bearer".to_owned(), "Bearer ".to_owned()] {
            let caller = app.nobody().with("authorization", &given);
            caller.get("/v1/suppliers").await.refused(401, "invalid_token");
        }
        app.nobody().with("authorization", &format!("bearer {token}")).get("/v1/suppliers").await.expect(200);
    }

    async fn a_disabled_account_is_out_after_ten_seconds(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        manager.get("/v1/suppliers").await.expect(200);
        app.sql("UPDATE account SET disabled_at = created_at WHERE role = 'manager'").await;
        app.clock.advance(TimeDelta::seconds(10));
        manager.get("/v1/suppliers").await.refused(401, "session_revoked");
        owner.get("/v1/suppliers").await.expect(200);
    }

    async fn a_revoked_session_is_out_after_ten_seconds_and_others_stay(app: TestApp) {
        let (phone, desk) = (app.owner().await, app.owner().await);
        phone.get("/v1/suppliers").await.expect(200);
        let lost = part(phone.token.as_deref().expect("a token"), 1)["sid"].as_str().expect("an id").replace('-', "");
        let id = if app.app.db.is_sqlite() { format!("x'{lost}'") } else { format!("'{lost}'") };
        app.sql(&format!("UPDATE session SET revoked_at = created_at WHERE id = {id}")).await;
        app.clock.advance(TimeDelta::seconds(10));
        phone.get("/v1/suppliers").await.refused(401, "session_revoked");
        desk.get("/v1/suppliers").await.expect(200);
    }

    async fn a_role_that_was_taken_away_counts_no_more_after_ten_seconds(app: TestApp) {
        let manager = app.sign_in(Role::Manager, None).await;
        manager.supplier("Before").await;
        app.sql("UPDATE account SET role = 'auditor' WHERE role = 'manager'").await;
        app.clock.advance(TimeDelta::seconds(10));
        let new = json!({"kind": "company", "name": "After"});
        manager.post("/v1/suppliers", new).await.refused(403, "forbidden");
        manager.get("/v1/audit-events").await.expect(200);
    }

    async fn a_token_works_on_every_instance(app: TestApp) {
        let token = app.owner().await.token.expect("a token");
        let second = app.second_instance().await;
        second.with_token(&token).get("/v1/suppliers").await.expect(200);
    }

    async fn a_supplier_account_without_a_supplier_may_do_nothing(app: TestApp) {
        let stray = app.sign_in(Role::SupplierUser, None).await;
        stray.get("/v1/suppliers").await.refused(403, "forbidden");
    }
}
