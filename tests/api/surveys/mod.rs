//! Surveys: drafts, versions, links, and the form behind a link.

mod answering;
mod links;
mod versions;

use crate::both;
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// What a survey of one's own asks: one question, in English.
pub fn own(key: &str) -> Value {
    json!({"languages": ["en"], "title": {"en": "Your visit"}, "items": [
        {"key": key, "kind": "scale", "wording": {"en": "How was it?"}, "measure": "csat"},
    ]})
}

both! {
    async fn a_survey_is_made_from_an_instrument_and_is_complete(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/v1/surveys", json!({"name": "Visits", "instrument": "servqual22"})).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/surveys/{}", made.id()));
        let body = &made.body;
        assert_eq!((&body["status"], &body["version"], &body["draft_version"]), (&json!("draft"), &Value::Null, &json!(1)));
        assert_eq!(body["terms"]["items"].as_array().expect("items").len(), 22);
        let instruments = owner.get("/v1/survey-instruments").await.expect(200);
        assert_eq!(instruments.each("instrument"), ["csat5", "nps11", "ces7", "servqual22"]);
        assert_eq!(instruments.body["data"][3]["terms"], body["terms"]);
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!(read.body, made.body);
        owner.with("If-None-Match", read.header("etag")).get(made.header("location")).await.expect(304);
    }

    async fn what_is_left_open_is_said_when_it_is_stored(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Own", "instrument": "custom", "terms": own("visit")});
        let item = &owner.post("/v1/surveys", new).await.expect(201).body["terms"]["items"][0];
        assert_eq!((&item["variant"], &item["scale"]["min"], &item["scale"]["max"]), (&json!("top2"), &json!(1), &json!(5)));
        assert_eq!((&item["dimension"], &item["choices"], &item["is_required"]), (&Value::Null, &json!([]), &json!(false)));
    }

    async fn what_was_read_can_be_sent_again(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Own", "instrument": "custom", "terms": own("visit")});
        let made = owner.post("/v1/surveys", new).await.expect(201);
        let same = owner.patch(made.header("location"), json!({"terms": made.body["terms"]})).await.expect(200);
        assert_eq!(same.body["revision"], 1, "nothing has changed");
    }

    async fn what_does_not_fit_together_is_refused_with_its_place(app: TestApp) {
        let owner = app.owner().await;
        let mut german = own("visit");
        german["languages"] = json!(["en", "de"]);
        let mut weights = own("visit");
        weights["weights"] = json!({"reliability": 1, "assurance": 0, "tangibles": 0, "empathy": 0, "responsiveness": 0});
        let mut calendar = own("visit");
        calendar["follow_up"] = json!({"item": "visit", "threshold": 2, "within": "PT8H",
            "calendar_id": "01946f1e-0000-7a5d-8eaa-5f6071829304"});
        for (instrument, terms, code, pointer) in [
            ("custom", None, "rule_violated", "#/terms"),
            ("custom", Some(german), "rule_violated", "#/terms/title"),
            ("custom", Some(weights), "weights_sum", "#/terms/weights"),
            ("custom", Some(calendar), "invalid_reference", "#/terms/follow_up/calendar_id"),
            ("csat5", Some(own("visit")), "rule_violated", "#/terms/items/0"),
        ] {
            let mut new = json!({"name": "Wrong", "instrument": instrument});
            if let Some(terms) = terms {
                new["terms"] = terms;
            }
            let refusal = owner.post("/v1/surveys", new).await.refused(422, code);
            assert_eq!(refusal.errors(), [format!("{pointer} {code}")]);
        }
        let none = json!({"name": "Empty", "instrument": "custom",
            "terms": {"languages": ["en"], "title": {"en": "T"}, "items": []}});
        owner.post("/v1/surveys", none).await.refused(400, "validation_failed");
        assert_eq!(owner.get("/v1/surveys").await.expect(200).body["data"], json!([]));
    }

    async fn a_follow_up_counts_in_a_calendar_that_is_there(app: TestApp) {
        let owner = app.owner().await;
        let office = json!({"name": "Office", "time_zone": "UTC", "hours": [{"weekday": "monday", "from": "09:00", "to": "17:00"}]});
        let calendar = owner.post("/v1/calendars", office).await.expect(201).id();
        let mut terms = own("visit");
        terms["follow_up"] = json!({"item": "visit", "threshold": 2, "within": "PT8H", "calendar_id": calendar});
        let made = owner.post("/v1/surveys", json!({"name": "Own", "instrument": "custom", "terms": terms})).await.expect(201);
        assert_eq!(made.body["terms"]["follow_up"], terms["follow_up"]);
    }

    async fn surveys_are_found_by_name_state_and_instrument_in_order(app: TestApp) {
        let owner = app.owner().await;
        for (name, instrument) in [("zebra", "csat5"), ("Ärzte", "nps11"), ("Mounting", "csat5")] {
            owner.post("/v1/surveys", json!({"name": name, "instrument": instrument})).await.expect(201);
            app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let mounting = owner.get("/v1/surveys?q=mount").await.expect(200);
        let id = mounting.body["data"][0]["id"].as_str().expect("an id").to_owned();
        owner.act(&format!("/v1/surveys/{id}/publish")).await.expect(200);
        let names = async |query: &str| owner.get(&format!("/v1/surveys{query}")).await.expect(200).each("name");
        assert_eq!(names("").await, ["Mounting", "Ärzte", "zebra"]);
        assert_eq!(names("?sort=name").await, ["Ärzte", "Mounting", "zebra"]);
        assert_eq!(names("?sort=-name&instrument=csat5").await, ["zebra", "Mounting"]);
        assert_eq!(names("?status=published").await, ["Mounting"]);
        assert_eq!(names("?status=draft&status=retired&q=arzt").await, ["Ärzte"]);
        assert_eq!(owner.walk("/v1/surveys?sort=name&limit=1", "name").await, ["Ärzte", "Mounting", "zebra"]);
        owner.patch(&format!("/v1/surveys/{id}"), json!({"name": "Aufbau"})).await.expect(200);
        assert_eq!(names("?q=mount").await, Vec::<String>::new());
        assert_eq!(names("?sort=name&limit=1").await, ["Ärzte"], "folded");
        assert!(mounting.body["data"][0].get("terms").is_none(), "lists are short");
    }

    async fn suppliers_see_no_surveys_and_reviewers_write_none(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let survey = owner.published_survey("csat5").await;
        let path = format!("/v1/surveys/{survey}");
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&supplier)).await;
            for path in ["/v1/surveys", "/v1/survey-instruments", "/v1/survey-links", &path] {
                caller.get(path).await.refused(403, "forbidden");
            }
        }
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        reviewer.get(&path).await.expect(200);
        reviewer.act(&format!("{path}/revise")).await.refused(403, "forbidden");
        let manager = app.sign_in(Role::Manager, None).await;
        manager.act(&format!("{path}/revise")).await.expect(200);
    }

    async fn the_history_tells_what_changed(app: TestApp) {
        let owner = app.owner().await;
        let survey = owner.published_survey("csat5").await;
        let events = owner.get(&format!("/v1/audit-events?resource_id={survey}")).await.expect(200);
        assert_eq!(events.each("action"), ["survey.publish", "survey.create"]);
    }
}
