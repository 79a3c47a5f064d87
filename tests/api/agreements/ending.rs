//! Signatures, what activation needs, and how agreements end.

use super::lifts;
use super::negotiation::{Story, again, story};
use crate::both;
use crate::support::TestApp;
use accord::app;
use accord::shared::jobs::{schedule, worker};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Lets days go by, and the hourly job look; everybody signs in again.
async fn wait<'a>(app: &'a TestApp, story: Story<'a>, days: i64) -> Story<'a> {
    app.clock.advance(TimeDelta::days(days));
    look(app).await;
    again(app, &story).await
}

/// Everything that is scheduled for now.
async fn look(app: &TestApp) {
    let work = app::work();
    for _ in 0..2 {
        schedule::tick(&app.app, &work.schedules).await.expect("the schedules");
    }
    while worker::run_one(&app.app, &work).await.expect("the jobs") {}
}

/// The rest of a story whose agreement has other terms.
async fn with_terms(app: &TestApp, terms: Value) -> Story<'_> {
    let story = story(app).await;
    story.owner.patch(&format!("{}/versions/1", story.agreement), terms).await.expect(200);
    story.active().await
}

both! {
    async fn staff_records_a_signature_on_paper(app: TestApp) {
        let story = story(&app).await.agreed().await;
        let paper = |on: &str| json!({"on_paper": {"side": "supplier", "name": "Ann", "title": "CEO", "signed_on": on}});
        story.they("sign", paper("2026-11-20")).await.refused(403, "forbidden");
        let refusal = story.us("sign", paper("2026-11-22")).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/on_paper/signed_on rule_violated"]);
        let mut both = paper("2026-11-20");
        both["title"] = json!("Owner");
        assert_eq!(story.us("sign", both).await.refused(422, "rule_violated").errors(), ["#/title rule_violated"]);
        let signed = story.us("sign", paper("2026-11-20")).await.expect(200).body;
        let one = &signed["signatures"][0];
        assert_eq!((&one["side"], &one["name"], &one["title"], &one["is_on_paper"], &one["account_id"], &one["signed_on"]),
            (&json!("supplier"), &json!("Ann"), &json!("CEO"), &json!(true), &json!(null), &json!("2026-11-20")));
        story.they("sign", json!({})).await.refused(409, "already_exists");
        story.us("sign", json!({})).await.expect(200);
        story.us("sign", json!({})).await.refused(409, "already_exists");
        story.us("activate", json!({})).await.expect(200);
    }

    async fn activation_names_everything_that_is_missing(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Facing", "customer_facing": true});
        let supplier = owner.post("/v1/suppliers", new).await.expect(201).id();
        owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
        let agreement = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201);
        let agreement = agreement.header("location");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let activate = format!("{agreement}/activate");
        owner.post(&activate, json!({})).await.refused(409, "invalid_state");
        owner.post(&format!("{agreement}/propose"), json!({})).await.expect(200);
        admin.post(&format!("{agreement}/agree"), json!({})).await.expect(200);
        let refusal = owner.post(&activate, json!({})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), [
            "#/clauses/supplier_to_customer missing", "#/clauses/supplier_to_us missing",
            "#/clauses/us_to_supplier missing", "#/signatures/supplier missing", "#/signatures/us missing",
            "#/supplier_id missing", "#/terms/cadence missing", "#/terms/service_code missing",
        ]);
    }

    async fn a_first_version_may_be_backdated_and_a_later_one_not(app: TestApp) {
        let story = story(&app).await;
        let terms = json!({"starts_on": "2025-01-01"});
        story.owner.patch(&format!("{}/versions/1", story.agreement), terms).await.expect(200);
        let story = story.signed().await;
        for wrong in ["2024-12-31", "2028-01-01"] {
            let refusal = story.us("activate", json!({"effective_on": wrong})).await.refused(422, "date_order");
            assert_eq!(refusal.errors(), ["#/effective_on date_order"]);
        }
        story.us("activate", json!({"effective_on": "2025-03-01"})).await.expect(200);
        assert_eq!(story.version(1).await["effective_from"], "2025-03-01");
        story.us("amend", json!({})).await.expect(200);
        let story = story.signed().await;
        for wrong in ["2026-11-20", "2026-11-22"] {
            story.us("activate", json!({"effective_on": wrong})).await.refused(422, "date_order");
        }
        story.us("activate", json!({})).await.expect(200);
        assert_eq!(story.version(2).await["effective_from"], "2026-11-21");
    }

    async fn a_termination_keeps_the_notice_or_is_wanted_by_both(app: TestApp) {
        let story = story(&app).await.active().await;
        let end = |on: &str, by_consent: bool| json!({"reason": "Moved.", "effective_on": on, "by_consent": by_consent});
        // 90 days after 2026-11-21.
        let refusal = story.us("terminate", end("2027-02-18", false)).await.refused(422, "rule_violated");
        assert!(refusal.text.contains("2027-02-19"), "{}", refusal.text);
        story.us("terminate", end("2026-11-20", true)).await.refused(422, "rule_violated");
        story.us("terminate", end("2028-01-01", false)).await.refused(422, "date_order");
        story.they("terminate", end("2027-02-19", false)).await.refused(403, "forbidden");
        let ending = story.us("terminate", end("2027-02-19", false)).await.expect(200).body;
        assert_eq!((&ending["status"], &ending["terminates_on"]), (&json!("active"), &json!("2027-02-19")));
        let story = wait(&app, story, 89).await;
        assert_eq!(story.read().await["status"], "active");
        let story = wait(&app, story, 1).await;
        let over = story.read().await;
        assert_eq!((&over["status"], &over["status_reason"]), (&json!("terminated"), &json!("Moved.")));
        story.us("terminate", end("2027-02-19", true)).await.refused(409, "invalid_state");
    }

    async fn with_consent_it_is_over_today(app: TestApp) {
        let story = story(&app).await.active().await;
        let end = json!({"reason": "Moved.", "effective_on": "2026-11-21", "by_consent": true});
        assert_eq!(story.us("terminate", end).await.expect(200).body["status"], "terminated");
    }

    async fn an_agreement_expires_after_its_last_day_even_while_it_is_amended(app: TestApp) {
        let story = story(&app).await.active().await;
        let story = wait(&app, story, 314).await; // 2027-10-01: 91 days are left
        assert_eq!(story.read().await["status"], "active");
        let story = wait(&app, story, 1).await;
        assert_eq!(story.read().await["status"], "expiring");
        story.us("amend", json!({})).await.expect(200);
        let story = wait(&app, story, 90).await; // 2027-12-31
        assert_eq!(story.read().await["status"], "amending");
        let story = wait(&app, story, 1).await;
        let over = story.read().await;
        assert_eq!((&over["status"], &over["open_version"]), (&json!("expired"), &json!(null)));
        assert_eq!(story.version(2).await["status"], "withdrawn");
        let revision = over["revision"].clone();
        let story = wait(&app, story, 1).await;
        assert_eq!(story.read().await["revision"], revision, "it happens once");
        let events = story.owner.get("/v1/audit-events?limit=5").await.expect(200).body;
        let expired = events["data"].as_array().expect("events").iter().find(|event| event["action"] == "agreement.expire");
        assert_eq!(expired.map(|event| event["actor"]["type"].clone()), Some(json!("program")));
    }

    async fn automatic_renewal_moves_the_end_also_after_a_long_downtime(app: TestApp) {
        let terms = json!({"ends_on": "2027-01-31", "renewal": "automatic", "renewal_months": 1});
        let story = with_terms(&app, terms).await;
        assert_eq!(story.read().await["status"], "expiring");
        let story = wait(&app, story, 72).await; // 2027-02-01
        let on = story.read().await;
        assert_eq!((&on["ends_on"], &on["status"]), (&json!("2027-02-28"), &json!("expiring")));
        assert_eq!(story.version(1).await["terms"]["ends_on"], "2027-01-31");
        let story = wait(&app, story, 60).await; // 2027-04-02
        assert_eq!(story.read().await["ends_on"], "2027-04-30");
    }

    async fn a_successor_continues_an_agreement(app: TestApp) {
        let story = story(&app).await.active().await;
        let refusal = story.us("renew", json!({"ends_on": "2027-12-31"})).await.refused(422, "date_order");
        assert_eq!(refusal.errors(), ["#/ends_on date_order"]);
        let next = story.us("renew", json!({"ends_on": "2028-12-31"})).await.expect(201);
        assert_eq!((&next.body["starts_on"], &next.body["status"], &next.body["previous_id"]),
            (&json!("2028-01-01"), &json!("draft"), &json!(story.read().await["id"])));
        let refusal = story.us("renew", json!({"ends_on": "2029-12-31"})).await.refused(409, "already_exists");
        assert_eq!(refusal.body["existing_id"], next.body["id"]);
        let before = story.version(1).await["clauses"].as_array().map(Vec::len);
        let agreement = next.header("location").to_owned();
        let second = Story { agreement, ..again(&app, &story).await };
        assert_eq!(second.version(1).await["clauses"].as_array().map(Vec::len), before);
        let second = second.active().await;
        let story = wait(&app, story, 406).await; // 2028-01-01
        assert_eq!(story.read().await["status"], "renewed");
        assert_eq!(again(&app, &second).await.read().await["status"], "active");
    }

    async fn without_an_active_successor_it_expires(app: TestApp) {
        let story = story(&app).await.active().await;
        story.us("renew", json!({"ends_on": "2028-12-31"})).await.expect(201);
        let story = wait(&app, story, 406).await;
        assert_eq!(story.read().await["status"], "expired");
        story.us("renew", json!({"ends_on": "2029-12-31"})).await.refused(409, "invalid_state");
    }

    async fn days_begin_where_the_organisation_is(app: TestApp) {
        let story = with_terms(&app, json!({"ends_on": "2027-01-31"})).await;
        story.owner.patch("/v1/organization", json!({"time_zone": "Pacific/Kiritimati"})).await.expect(200);
        // 2027-01-31T09:30Z is 23:30 there, an hour later it is February.
        app.clock.advance(TimeDelta::minutes(71 * 24 * 60 + 30));
        let story = wait(&app, story, 0).await;
        assert_eq!(story.read().await["status"], "expiring");
        app.clock.advance(TimeDelta::minutes(61));
        assert_eq!(wait(&app, story, 0).await.read().await["status"], "expired");
    }
}
