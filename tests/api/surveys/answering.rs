//! What customers get who hold a link.

use super::links::link_id;
use crate::both;
use crate::support::{TestApp, Wishes};
use accord::shared::rate::Quotas;
use accord::surveys::use_link;
use chrono::TimeDelta;
use serde_json::{Value, json};

const FORM: &str = "/v1/public/survey";

both! {
    async fn a_link_leads_to_the_form_and_to_nothing_else(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Secret Supplier").await;
        let on = app.seed_agreement(&supplier).await;
        let person = owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Secret Person"})).await.expect(201).id();
        let survey = owner.published_survey("csat5").await;
        let new = json!({"survey_id": survey, "agreement_id": on.agreement, "person_id": person, "job_ref": "Secret-Job",
            "customer_ref": "Secret-Customer", "language": "de"});
        let made = owner.post("/v1/survey-links", new).await.expect(201);
        let token = made.body["token"].as_str().expect("a token");
        let form = app.with_token(token).get(FORM).await.expect(200);
        let members: Vec<_> = form.body.as_object().expect("an object").keys().cloned().collect();
        let known = ["asks_importance", "asks_minimum", "introduction", "items", "language", "languages", "needs_customer_ref", "thanks", "title"];
        assert!(members.iter().all(|member| known.contains(&&**member)) && members.len() == known.len(), "{members:?}");
        assert_eq!((&form.body["language"], &form.body["needs_customer_ref"]), (&json!("de"), &json!(false)));
        assert_eq!(form.body["items"][0]["key"], "satisfaction");
        for secret in ["Secret", "After a visit", &*supplier, &*on.agreement, &*person, &*survey, &*made.id()] {
            assert!(!form.text.contains(secret), "{secret} in {}", form.text);
        }
        // The token opens nothing else.
        for path in ["/v1/me", "/v1/surveys", "/v1/survey-links"] {
            app.with_token(token).get(path).await.refused(401, "invalid_token");
        }
    }

    async fn only_the_token_of_a_link_opens_the_form(app: TestApp) {
        let owner = app.owner().await;
        let token = app.token_of_link().await;
        let missing = app.nobody().get(FORM).await.refused(401, "missing_credentials");
        assert!(!missing.header("www-authenticate").is_empty());
        owner.get(FORM).await.refused(401, "invalid_token");
        let mut forged = token.clone().into_bytes();
        forged[40] = if forged[40] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("text");
        for wrong in ["acc_fb_", &*forged, &token[..token.len() - 1], "x"] {
            app.with_token(wrong).get(FORM).await.refused(401, "invalid_token");
        }
        app.with_token(&token).get(&format!("{FORM}?token={token}")).await.refused(400, "unknown_parameter");
        app.with_token(&token).get(FORM).await.expect(200);
    }

    async fn a_link_that_is_over_says_how_it_ended(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let survey = owner.published_survey("csat5").await;
        let mut links = Vec::new();
        for _ in 0..4 {
            let new = json!({"survey_id": survey, "supplier_id": supplier, "expires_at": "2026-11-23T09:00:00Z"});
            links.push(owner.post("/v1/survey-links", new).await.expect(201));
        }
        let form = async |place: usize| app.with_token(links[place].body["token"].as_str().expect("a token")).get(FORM).await;
        let input = (app.clock.clone(), link_id(&links[0]));
        let used = |input| app.app.db.write(input, |txn, (clock, id): &(accord::shared::clock::Clock, _)| {
            Box::pin(async move { use_link(txn, *id, clock.now()).await })
        });
        assert_eq!(used(input.clone()).await.expect("used").uses, 1);
        assert_eq!(used(input).await.expect_err("used up").code.name(), "link_used_up");
        form(0).await.refused(410, "link_used_up");
        owner.act(&format!("{}/revoke", links[1].header("location"))).await.expect(200);
        form(1).await.refused(410, "gone");
        form(2).await.expect(200);
        app.clock.advance(TimeDelta::days(2));
        form(2).await.refused(410, "link_expired");
        let owner = app.owner().await;
        let open = owner.post("/v1/survey-links", json!({"survey_id": survey, "supplier_id": supplier})).await.expect(201);
        links[3] = open;
        owner.act(&format!("/v1/surveys/{survey}/retire")).await.expect(200);
        let form = app.with_token(links[3].body["token"].as_str().expect("a token")).get(FORM).await;
        form.refused(410, "gone");
        let new = json!({"survey_id": survey, "supplier_id": supplier});
        owner.post("/v1/survey-links", new).await.refused(409, "invalid_state");
    }

    async fn a_link_leads_to_the_latest_version_in_its_language_if_that_is_there(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let survey = owner.published_survey("csat5").await;
        let new = json!({"survey_id": survey, "supplier_id": supplier, "language": "de", "max_uses": 20});
        let made = owner.post("/v1/survey-links", new).await.expect(201);
        let path = format!("/v1/surveys/{survey}");
        let mut terms = owner.act(&format!("{path}/revise")).await.expect(200).body["terms"].clone();
        terms = serde_json::from_str(&terms.to_string().replace("\"de\":", "\"fr\":").replace("\"de\"", "\"fr\"")).expect("JSON");
        owner.patch(&path, json!({"terms": terms})).await.expect(200);
        let form = async || app.with_token(made.body["token"].as_str().expect("a token")).get(FORM).await.expect(200).body;
        assert_eq!(form().await["languages"], json!(["en", "de"]), "a draft is not asked");
        owner.act(&format!("{path}/publish")).await.expect(200);
        let form = form().await;
        assert_eq!((&form["languages"], &form["language"]), (&json!(["en", "fr"]), &Value::Null));
        assert_eq!(form["needs_customer_ref"], json!(true));
    }
}

#[tokio::test]
async fn whoever_tries_tokens_is_stopped() {
    let rate_limits = Some(Quotas::parse("public=3,login=100").expect("quotas"));
    let app = TestApp::sqlite_with(Wishes { rate_limits, ..Wishes::default() }).await;
    let token = app.token_of_link().await;
    for _ in 0..3 {
        app.with_token("acc_fb_x").get(FORM).await.refused(401, "invalid_token");
    }
    let stopped = app.with_token(&token).get(FORM).await.refused(429, "rate_limited");
    assert_eq!(stopped.body["policy"], "public");
}

#[tokio::test]
async fn the_page_and_its_parts_load_nothing_from_elsewhere() {
    let app = TestApp::sqlite().await;
    let parts = [
        ("/s", "text/html"),
        ("/s/form.css", "text/css"),
        ("/s/form.js", "text/javascript"),
        ("/s/fields.js", "text/javascript"),
        ("/s/words.js", "text/javascript"),
    ];
    for (path, media_type) in parts {
        let part = app.nobody().get(path).await.expect(200);
        assert_eq!(part.header("content-type"), format!("{media_type}; charset=utf-8"));
        let policy = part.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!part.text.contains("http:") && !part.text.contains("https:"), "{path}");
        assert!(!part.text.contains("innerHTML") && !part.text.contains("localStorage"), "{path}");
    }
}
