//! Forgotten passwords.

use crate::both;
use crate::support::{Answer, PASSWORD, TestApp, Wishes, mail};
use accord::shared::permission::Role;
use accord::shared::rate::Quotas;
use chrono::TimeDelta;
use serde_json::{Value, json};

const OWNER: &str = "owner@accord.example";
const NEW: &str = "ladder violin comet harvest";
const CONFIRM: &str = "/v1/auth/password-reset/confirm";

async fn ask(app: &TestApp, email: &str) -> Answer {
    app.nobody().post("/v1/auth/password-reset", json!({"email": email})).await.expect(202)
}

async fn confirm(app: &TestApp, token: &str, password: &str) -> Answer {
    app.nobody().post(CONFIRM, json!({"token": token, "password": password})).await
}

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.nobody().post("/v1/auth/login", json!({"email": email, "password": password})).await
}

/// A mail's token for the owner's account.
async fn token(app: &TestApp) -> String {
    ask(app, OWNER).await;
    app.mail_to(OWNER).await.token("acc_pr_")
}

both! {
    async fn a_forgotten_password_is_replaced_with_the_token_of_the_mail(app: TestApp) {
        let before = app.owner().await;
        assert_eq!(ask(&app, "Owner@ACCORD.example").await.text, "");
        let mail = app.mail_to(OWNER).await;
        assert_eq!(mail.subject, "Your password for Our organisation");
        assert!(mail.text.contains("Hello Test owner,") && mail.text.contains("2026-11-21 09:30 UTC"), "{}", mail.text);
        assert!(mail.text.contains("POST https://accord.example/v1/auth/password-reset/confirm\n"), "{}", mail.text);
        assert_eq!(confirm(&app, &mail.token("acc_pr_"), NEW).await.expect(204).text, "");

        before.get("/v1/me").await.refused(401, "session_revoked");
        login(&app, OWNER, PASSWORD).await.refused(401, "invalid_credentials");
        let after = login(&app, OWNER, NEW).await.expect(200).body;
        let owner = app.with_token(after["access_token"].as_str().expect("a token"));
        let events = owner.get("/v1/audit-events?limit=4").await.expect(200);
        assert_eq!(events.each("action")[2..4], ["user.password_reset", "user.password_reset_requested"]);
        assert_eq!(events.body["data"][2]["actor"]["label"], "Test owner");
        assert_eq!(events.body["data"][3]["actor"]["type"], "anonymous");
        assert!(!events.text.contains("acc_pr_"), "{}", events.text);
    }

    async fn a_password_that_somebody_else_chose_counts_as_changed_after_a_reset(app: TestApp) {
        app.owner().await;
        app.sql("UPDATE account SET must_change_password = true").await;
        confirm(&app, &token(&app).await, NEW).await.expect(204);
        assert_eq!(login(&app, OWNER, NEW).await.expect(200).body["password_change_required"], false);
    }

    async fn a_token_works_once_and_voids_its_elders(app: TestApp) {
        app.owner().await;
        let older = token(&app).await;
        app.clock.advance(TimeDelta::minutes(1));
        let newer = token(&app).await;
        assert_ne!(older, newer);
        confirm(&app, &newer, NEW).await.expect(204);
        for used in [&newer, &older] {
            confirm(&app, used, "another ladder violin comet").await.refused(410, "link_expired");
        }
        login(&app, OWNER, NEW).await.expect(200);
    }

    async fn of_two_that_use_a_token_at_once_one_is_refused(app: TestApp) {
        app.owner().await;
        let token = token(&app).await;
        let (one, other) = tokio::join!(confirm(&app, &token, NEW), confirm(&app, &token, NEW));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 410]);
    }

    async fn a_token_works_for_half_an_hour(app: TestApp) {
        app.owner().await;
        let token = token(&app).await;
        app.clock.advance(TimeDelta::minutes(30) - TimeDelta::milliseconds(1));
        confirm(&app, &token, "password1234").await.refused(422, "weak_password");
        app.clock.advance(TimeDelta::milliseconds(1));
        confirm(&app, &token, NEW).await.refused(410, "link_expired");
    }

    async fn a_token_that_is_not_ours_is_refused(app: TestApp) {
        app.owner().await;
        let token = token(&app).await;
        let other = TestApp::sqlite().await;
        other.owner().await;
        let foreign = self::token(&other).await;
        for given in ["x", &token[..token.len() - 1], &token.replace("acc_pr_", "acc_inv_"), &foreign] {
            confirm(&app, given, NEW).await.refused(401, "invalid_token");
        }
        let weak = confirm(&app, &token, "owner@accord.example").await.refused(422, "weak_password");
        assert_eq!(weak.errors(), ["#/password weak_password"]);
        let short = confirm(&app, &token, "short").await.refused(400, "validation_failed");
        assert_eq!(short.errors(), ["#/password too_short"]);
        confirm(&app, &token, NEW).await.expect(204);
    }

    async fn an_address_without_a_usable_account_answers_alike_and_gets_no_mail(app: TestApp) {
        let owner = app.owner().await;
        app.sign_in(Role::Manager, None).await;
        let known = ask(&app, OWNER).await;
        app.sql("UPDATE account SET disabled_at = created_at WHERE role = 'manager'").await;
        for email in ["nobody@accord.example", "manager@accord.example", "not an address"] {
            let answer = ask(&app, email).await;
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!((&answer.text, names(&answer)), (&known.text, names(&known)));
        }
        assert_eq!(app.mails().await.len(), 1);
        let jobs = owner.get("/v1/jobs?kind=mail.send").await.expect(200);
        assert_eq!(jobs.each("status"), ["succeeded"; 4], "each was the same work");
    }

    async fn an_account_that_was_disabled_meanwhile_stays_shut(app: TestApp) {
        app.owner().await;
        let token = token(&app).await;
        app.clock.advance(TimeDelta::minutes(1));
        ask(&app, OWNER).await;
        app.sql("UPDATE account SET disabled_at = created_at").await;
        confirm(&app, &token, NEW).await.refused(410, "link_expired");
        assert_eq!(app.mails().await.len(), 1, "nor is a mail sent that was ordered before");
    }

    async fn an_account_gets_one_mail_a_minute(app: TestApp) {
        app.owner().await;
        let (one, other) = tokio::join!(ask(&app, OWNER), ask(&app, OWNER));
        assert_eq!((one.status, other.status), (202, 202));
        ask(&app, OWNER).await;
        assert_eq!(app.mails().await.len(), 1);
        app.clock.advance(TimeDelta::minutes(1));
        ask(&app, OWNER).await;
        assert_eq!(app.mails().await.len(), 2);
    }

    async fn no_token_is_stored(app: TestApp) {
        app.owner().await;
        let token = token(&app).await;
        confirm(&app, &token, NEW).await.expect(204);
        let stored = app.everything(&["job", "history", "password_reset", "idempotency_key"]).await;
        assert!(stored.contains("mail.send") && !stored.contains("acc_pr_"), "{stored}");
        let payloads: Vec<Value> = app.job_payloads("mail.send").await;
        assert_eq!(payloads.len(), 1);
        let names: Vec<_> = payloads[0].as_object().expect("an object").keys().cloned().collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(!payloads[0].to_string().contains('@'), "{payloads:?}");
    }
}

#[tokio::test]
async fn asking_and_confirming_are_limited_per_address() {
    let limits = Quotas::parse("login=3").expect("limits");
    let app = TestApp::sqlite_with(Wishes { rate_limits: Some(limits), ..Wishes::default() }).await;
    for _ in 0..2 {
        ask(&app, OWNER).await;
    }
    confirm(&app, "x", NEW).await.refused(401, "invalid_token");
    app.nobody().post("/v1/auth/password-reset", json!({"email": OWNER})).await.refused(429, "rate_limited");
    confirm(&app, "x", NEW).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn the_mail_leads_to_the_page_that_is_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = Some("https://app.accord.example/reset".to_owned());
    let settings = accord::shared::mail::Settings { password_reset_url: page, ..mail::settings(folder.path()) };
    let app = TestApp::sqlite_with(Wishes { mail: Some(settings.clone()), ..Wishes::default() }).await;
    app.owner().await;
    ask(&app, OWNER).await;
    app.mails().await;
    let file = std::fs::read_dir(settings.folder).expect("mails").next().expect("a mail").expect("a mail").path();
    let text = std::fs::read_to_string(file).expect("a mail").replace("=\r\n", "").replace("=3D", "=");
    assert!(text.contains("https://app.accord.example/reset#token=acc_pr_"), "{text}");
}
