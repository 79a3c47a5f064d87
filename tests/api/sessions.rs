//! Refresh tokens, sessions, signing out, the slow-down of failing sign-ins, signing keys.

use crate::both;
use crate::support::{Answer, Caller, PASSWORD, TestApp, Wishes};
use accord::shared::auth::keys;
use accord::shared::error::Result;
use accord::shared::permission::Role;
use accord::shared::rate::Quotas;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

const OWNER: &str = "owner@accord.example";
const SECRET: &str = "a secret of the tests, long enough to be one";

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().expect("text")
}

async fn login(caller: &Caller<'_>, email: &str, password: &str) -> Answer {
    caller.post("/v1/auth/login", json!({"email": email, "password": password})).await
}

/// Signs the owner in and gives the whole answer.
async fn pair(app: &TestApp) -> Value {
    app.owner().await;
    login(&app.nobody(), OWNER, PASSWORD).await.expect(200).body
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.nobody().post("/v1/auth/refresh", json!({"refresh_token": token})).await
}

async fn rotate(app: &TestApp) -> Result<String> {
    let input = app.clock.clone();
    app.app.db.write(input, |txn, clock| Box::pin(keys::rotate(txn, SECRET, clock))).await
}

async fn key_ids(app: &TestApp) -> Vec<String> {
    let set = app.nobody().get("/.well-known/jwks.json").await.expect(200).body;
    let keys = set["keys"].as_array().expect("keys").iter();
    keys.map(|key| text(key, "kid").to_owned()).collect()
}

fn kid(token: &str) -> String {
    let header = jsonwebtoken::decode_header(token).expect("a header");
    header.kid.expect("a key's id")
}

both! {
    async fn a_refresh_token_gives_the_next_pair(app: TestApp) {
        let first = pair(&app).await;
        assert_eq!((&first["refresh_expires_in"], &first["password_change_required"]), (&json!(604_800), &json!(false)));
        app.clock.advance(TimeDelta::minutes(20));
        app.with_token(text(&first, "access_token")).get("/v1/me").await.refused(401, "token_expired");
        let next = refresh(&app, text(&first, "refresh_token")).await.expect(200);
        assert_eq!(next.header("cache-control"), "no-store");
        assert_eq!(next.body["session_id"], first["session_id"]);
        assert_ne!(next.body["refresh_token"], first["refresh_token"]);
        app.with_token(text(&next.body, "access_token")).get("/v1/me").await.expect(200);
    }

    async fn a_refresh_token_that_is_presented_again_ends_the_session(app: TestApp) {
        let first = pair(&app).await;
        let next = refresh(&app, text(&first, "refresh_token")).await.expect(200).body;
        let caller = app.with_token(text(&next, "access_token"));
        caller.get("/v1/me").await.expect(200);
        app.clock.advance(TimeDelta::seconds(10));
        refresh(&app, text(&first, "refresh_token")).await.refused(401, "refresh_token_reused");
        caller.get("/v1/me").await.refused(401, "session_revoked");
        refresh(&app, text(&next, "refresh_token")).await.refused(401, "refresh_token_expired");
        let owner = app.owner().await;
        let events = owner.get("/v1/audit-events?action=session.reuse_detected").await.expect(200).body;
        assert_eq!(events["data"][0]["resource"], json!({"type": "session", "id": first["session_id"]}));
    }

    async fn a_lost_answer_does_not_end_the_session(app: TestApp) {
        let first = pair(&app).await;
        let lost = refresh(&app, text(&first, "refresh_token")).await.expect(200).body;
        app.clock.advance(TimeDelta::seconds(9));
        let again = refresh(&app, text(&first, "refresh_token")).await.expect(200).body;
        assert_ne!(lost["refresh_token"], again["refresh_token"]);
        for next in [lost, again] {
            refresh(&app, text(&next, "refresh_token")).await.expect(200);
        }
    }

    async fn tabs_that_refresh_at_once_all_stay_signed_in(app: TestApp) {
        let first = pair(&app).await;
        let token = text(&first, "refresh_token");
        let answers = join_all((0..8).map(|_| refresh(&app, token))).await;
        for answer in answers {
            app.with_token(text(&answer.expect(200).body, "access_token")).get("/v1/me").await.expect(200);
        }
    }

    async fn a_session_is_over_after_seven_days_without_use_and_after_thirty_with(app: TestApp) {
        let idle = pair(&app).await;
        app.clock.advance(TimeDelta::days(7));
        refresh(&app, text(&idle, "refresh_token")).await.refused(401, "refresh_token_expired");
        let mut used = login(&app.nobody(), OWNER, PASSWORD).await.expect(200).body;
        for _ in 0..5 {
            app.clock.advance(TimeDelta::days(5));
            used = refresh(&app, text(&used, "refresh_token")).await.expect(200).body;
        }
        app.clock.advance(TimeDelta::days(5));
        refresh(&app, text(&used, "refresh_token")).await.refused(401, "refresh_token_expired");
    }

    async fn what_is_no_refresh_token_is_refused(app: TestApp) {
        let pair = pair(&app).await;
        let mut typo = text(&pair, "refresh_token").to_owned();
        typo.pop();
        for token in [typo.as_str(), "x", text(&pair, "access_token").get(..150).expect("long"), "acc_rt_"] {
            refresh(&app, token).await.refused(401, "invalid_token");
        }
        app.with_token(text(&pair, "refresh_token")).get("/v1/me").await.refused(401, "invalid_token");
    }

    async fn signing_out_ends_the_session_at_once(app: TestApp) {
        let pair = pair(&app).await;
        let caller = app.with_token(text(&pair, "access_token"));
        caller.get("/v1/me").await.expect(200);
        caller.act("/v1/auth/logout").await.expect(204);
        caller.get("/v1/me").await.refused(401, "session_revoked");
        refresh(&app, text(&pair, "refresh_token")).await.refused(401, "refresh_token_expired");
    }

    async fn everybody_sees_and_ends_their_own_sessions_and_owners_all(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let desk = app.nobody().with("user-agent", "Desk 1.0");
        let email = format!("supplier_admin{own}@accord.example");
        let second = login(&desk, &email, PASSWORD).await.expect(200).body;
        let listed = admin.get("/v1/sessions").await.expect(200).body;
        let sessions = listed["data"].as_array().expect("a list");
        assert_eq!(sessions.len(), 2);
        assert_eq!((&sessions[0]["id"], &sessions[0]["user_agent"]), (&second["session_id"], &json!("Desk 1.0")));
        assert_eq!((&sessions[0]["is_current"], &sessions[1]["is_current"]), (&json!(false), &json!(true)));
        let of_owner = owner.get("/v1/sessions").await.expect(200).body;
        assert_eq!(of_owner["data"].as_array().map(Vec::len), Some(3));
        let of_owner = of_owner["data"].as_array().expect("a list").iter().find(|one| one["is_current"] == true);
        let foreign = text(of_owner.expect("its own"), "id").to_owned();
        admin.delete(&format!("/v1/sessions/{foreign}")).await.refused(404, "not_found");
        let lost = app.with_token(text(&second, "access_token"));
        lost.get("/v1/suppliers").await.expect(200);
        admin.delete(&format!("/v1/sessions/{}", text(&second, "session_id"))).await.expect(204);
        lost.get("/v1/suppliers").await.refused(401, "session_revoked");
        admin.delete(&format!("/v1/sessions/{}", text(&second, "session_id"))).await.refused(404, "not_found");
        let left = admin.get("/v1/sessions").await.expect(200).body;
        owner.delete(&format!("/v1/sessions/{}", text(&left["data"][0], "id"))).await.expect(204);
        admin.get("/v1/suppliers").await.refused(401, "session_revoked");
    }

    async fn a_new_key_signs_after_a_minute_and_nobody_is_signed_out(app: TestApp) {
        let second = app.second_instance().await;
        let owner = app.owner().await;
        let before = owner.token.clone().expect("a token");
        assert_eq!(rotate(&app).await.expect("a key"), "t2");
        for instance in [&app, &second] {
            instance.app.gate.catch_up().await.expect("it reads the keys");
            assert_eq!(key_ids(instance).await, ["t1", "t2"]);
        }
        let soon = login(&app.nobody(), OWNER, PASSWORD).await.expect(200).body;
        assert_eq!(kid(text(&soon, "access_token")), "t1");
        app.clock.advance(TimeDelta::minutes(1));
        let later = login(&second.nobody(), OWNER, PASSWORD).await.expect(200).body;
        assert_eq!(kid(text(&later, "access_token")), "t2");
        for instance in [&app, &second] {
            for token in [before.as_str(), text(&later, "access_token")] {
                instance.with_token(token).get("/v1/me").await.expect(200);
            }
        }
    }

    async fn a_key_is_forgotten_when_its_last_token_has_expired(app: TestApp) {
        let token = app.owner().await.token.expect("a token");
        rotate(&app).await.expect("a key");
        app.app.gate.catch_up().await.expect("it reads the keys");
        app.clock.advance(TimeDelta::minutes(17));
        assert_eq!(key_ids(&app).await, ["t2"]);
        let second = app.second_instance().await;
        second.with_token(&token).get("/v1/me").await.refused(401, "invalid_token");
        assert_eq!(rotate(&app).await.expect("a key"), "t3");
        app.app.gate.catch_up().await.expect("it reads the keys");
        assert_eq!(key_ids(&app).await, ["t2", "t3"]);
    }

    async fn what_one_instance_ends_the_other_refuses_when_it_has_caught_up(app: TestApp) {
        let second = app.second_instance().await;
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let there = second.with_token(manager.token.as_deref().expect("a token"));
        there.get("/v1/suppliers").await.expect(200);
        let users = owner.get("/v1/users?role=manager").await.expect(200).body;
        let id = text(&users["data"][0], "id").to_owned();
        owner.act(&format!("/v1/users/{id}/disable")).await.expect(200);
        manager.get("/v1/suppliers").await.refused(401, "session_revoked");
        second.app.gate.catch_up().await.expect("it looks");
        there.get("/v1/suppliers").await.refused(401, "session_revoked");
    }
}

/// An application that slows failing sign-ins down, without the limits per address.
fn slow() -> Wishes {
    let rate_limits = Some(Quotas::parse("login=1000000").expect("quotas"));
    Wishes { rate_limits, ..Wishes::default() }
}

async fn failing_sign_ins_are_slowed_down(app: TestApp, second: TestApp) {
    app.owner().await;
    for email in [OWNER, "nobody@accord.example"] {
        for _ in 0..5 {
            login(&app.nobody(), email, "wrong").await.refused(401, "invalid_credentials");
        }
        for instance in [&app, &second] {
            let refusal = login(&instance.nobody(), email, PASSWORD).await.refused(429, "rate_limited");
            assert_eq!((refusal.header("retry-after"), &refusal.body["policy"]), ("1", &json!("login")));
        }
        app.clock.advance(TimeDelta::seconds(1));
        login(&second.nobody(), email, "wrong").await.refused(401, "invalid_credentials");
        let refusal = login(&app.nobody(), email, PASSWORD).await.refused(429, "rate_limited");
        assert_eq!(refusal.header("retry-after"), "2");
    }
    app.clock.advance(TimeDelta::seconds(2));
    login(&app.nobody(), OWNER, PASSWORD).await.expect(200);
    login(&app.nobody(), OWNER, "wrong").await.refused(401, "invalid_credentials");
    login(&app.nobody(), OWNER, PASSWORD).await.expect(200);
}

async fn an_address_that_tries_many_accounts_is_slowed_down(app: TestApp, second: TestApp) {
    app.owner().await;
    for number in 0..20 {
        let instance = [&app, &second][number % 2];
        let email = format!("guess{number}@accord.example");
        login(&instance.nobody(), &email, "wrong").await.refused(401, "invalid_credentials");
    }
    for instance in [&app, &second] {
        login(&instance.nobody(), OWNER, PASSWORD).await.refused(429, "rate_limited");
    }
    app.clock.advance(TimeDelta::seconds(1));
    login(&second.nobody(), OWNER, PASSWORD).await.expect(200);
}

async fn many_guesses_at_once_do_not_slip_through(app: TestApp) {
    app.owner().await;
    let nobody = app.nobody();
    let answers = join_all((0..30).map(|_| login(&nobody, OWNER, "wrong"))).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(looked_at, 5, "the others were told to wait before their password was looked at");
}

/// Two instances over one database, both slow.
async fn pair_of(app: TestApp) -> (TestApp, TestApp) {
    let second = TestApp::over(app.addresses.clone(), app.clock.clone(), slow()).await;
    (app, second)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_are_slowed_down_across_instances_on_sqlite() {
    let (app, second) = pair_of(TestApp::sqlite_with(slow()).await).await;
    failing_sign_ins_are_slowed_down(app, second).await;
    let (app, second) = pair_of(TestApp::sqlite_with(slow()).await).await;
    an_address_that_tries_many_accounts_is_slowed_down(app, second).await;
    many_guesses_at_once_do_not_slip_through(TestApp::sqlite_with(slow()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_are_slowed_down_across_instances_on_postgres() {
    let Some(app) = TestApp::postgres_with(slow()).await else { return };
    let (app, second) = pair_of(app).await;
    failing_sign_ins_are_slowed_down(app, second).await;
    let Some(app) = TestApp::postgres_with(slow()).await else { return };
    let (app, second) = pair_of(app).await;
    an_address_that_tries_many_accounts_is_slowed_down(app, second).await;
    let Some(app) = TestApp::postgres_with(slow()).await else { return };
    many_guesses_at_once_do_not_slip_through(app).await;
}
