//! Answers under links.

use super::{csat, numbers, recount};
use crate::both;
use chrono::TimeDelta;
use serde_json::json;

both! {
    async fn a_link_takes_one_answer_and_acknowledges_it_again(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let new = json!({"survey_id": survey, "agreement_id": on.agreement, "job_ref": "J-1", "customer_ref": "C-1", "stage": "post_transaction"});
        let link = owner.post("/v1/survey-links", new).await.expect(201).body;
        let customer = app.with_token(link["token"].as_str().expect("a token"));
        let said = json!({"language": "en", "answers": [{"item": "satisfaction", "value": 2}], "comment": "Late.", "is_comment_shared": true,
            "contact": {"email": "c@customer.example"}});
        let once = customer.with("Idempotency-Key", "form-1");
        // Refusals of strangers are not kept: the key is free for what was corrected.
        once.post("/v1/public/feedback", json!({"answers": []})).await.refused(422, "missing_answers");
        let made = once.post("/v1/public/feedback", said.clone()).await.expect(201);
        let receipt = made.body["receipt"].as_str().expect("a receipt");
        assert_eq!((receipt.len(), &receipt[..3], made.body.as_object().map(serde_json::Map::len)), (12, "FB-", Some(2)));
        let again = once.post("/v1/public/feedback", said.clone()).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &made.body));
        let late = app.with_token(link["token"].as_str().expect("a token"));
        late.post("/v1/public/feedback", said).await.refused(410, "link_used_up");
        late.get("/v1/public/survey").await.refused(410, "link_used_up");
        let found = owner.get(&format!("/v1/feedback?receipt={receipt}")).await.expect(200).body["data"][0].clone();
        assert_eq!((&found["link_id"], &found["agreement_id"], &found["job_ref"], &found["customer_ref"]),
            (&link["id"], &json!(on.agreement), &json!("J-1"), &json!("C-1")));
        assert_eq!((&found["stage"], &found["is_unhappy"]), (&json!("post_transaction"), &json!(true)));
        let response = numbers(&owner, &format!("agreement_id={}", on.agreement)).await["response"].clone();
        assert_eq!((&response["rate"]["k"], &response["rate"]["n"]), (&json!(1), &json!(1)));
        let events = owner.get("/v1/audit-events?action=feedback.submit").await.expect(200);
        assert_eq!(events.body["data"][0]["actor"]["type"], "survey_link");
        assert!(!events.text.contains("Late.") && !events.text.contains("customer.example"), "{}", events.text);
        recount(&app).await;
        app.sql("UPDATE survey_link_tally SET answered = 0").await;
        let told = accord::surveys::differences(&app.app.db).await.expect("a recount");
        assert!(told.len() == 1 && told[0].starts_with("survey_link_tally "), "{told:?}");
    }

    async fn of_a_link_for_many_each_customer_counts_once(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let new = json!({"survey_id": survey, "supplier_id": supplier, "max_uses": 4, "channel": "qr_code"});
        let link = owner.post("/v1/survey-links", new).await.expect(201).body;
        let customer = app.with_token(link["token"].as_str().expect("a token"));
        let answer = |customer: &str| json!({"answers": [{"item": "satisfaction", "value": 5}], "customer_ref": customer});
        let nameless = json!({"answers": [{"item": "satisfaction", "value": 5}]});
        let refusal = customer.post("/v1/public/feedback", nameless).await.refused(422, "missing_answers");
        assert_eq!(refusal.errors(), ["#/customer_ref missing_answers"]);
        for who in ["A", "B", "A", "C"] {
            customer.post("/v1/public/feedback", answer(who)).await.expect(201);
        }
        customer.post("/v1/public/feedback", answer("D")).await.refused(410, "link_used_up");
        let found = numbers(&owner, &format!("supplier_id={supplier}")).await;
        assert_eq!((&found["answers"], &found["response"]["rate"]["n"]), (&json!(3), &json!(0)));
        assert_eq!(owner.get("/v1/feedback?status=quarantined").await.expect(200).each("quarantine_reason"), ["duplicate"]);
    }

    async fn a_link_ends_with_its_time_its_survey_or_when_it_is_taken_back(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let said = json!({"answers": [{"item": "satisfaction", "value": 5}]});
        let survey = csat(&owner).await;
        let mut links = Vec::new();
        for _ in 0..3 {
            let new = json!({"survey_id": survey, "supplier_id": supplier, "expires_at": "2026-11-22T09:00:00Z"});
            links.push(owner.post("/v1/survey-links", new).await.expect(201).body);
        }
        let with = |place: usize| app.with_token(links[place]["token"].as_str().expect("a token"));
        owner.act(&format!("/v1/survey-links/{}/revoke", links[0]["id"].as_str().expect("an id"))).await.expect(200);
        with(0).post("/v1/public/feedback", said.clone()).await.refused(410, "gone");
        app.clock.advance(TimeDelta::days(1));
        with(1).post("/v1/public/feedback", said.clone()).await.refused(410, "link_expired");
        app.nobody().post("/v1/public/feedback", said.clone()).await.refused(401, "missing_credentials");
        app.with_token("acc_fb_nonsense").post("/v1/public/feedback", said.clone()).await.refused(401, "invalid_token");
        let owner = app.owner().await;
        owner.post("/v1/public/feedback", said.clone()).await.refused(401, "invalid_token");
        let new = json!({"survey_id": survey, "supplier_id": supplier});
        let last = owner.post("/v1/survey-links", new).await.expect(201).body;
        owner.act(&format!("/v1/surveys/{survey}/retire")).await.expect(200);
        app.with_token(last["token"].as_str().expect("a token")).post("/v1/public/feedback", said).await.refused(410, "gone");
        assert!(owner.get("/v1/feedback").await.expect(200).each("id").is_empty());
    }
}
