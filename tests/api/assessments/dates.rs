//! What days do: assessments expire, and come again.

use crate::both;
use crate::support::TestApp;
use crate::support::assessments::{asked, assignment};
use accord::app;
use accord::assessments::DATES;
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{ATTEMPTS, NewJob, enqueue};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn list(app: &TestApp) -> Vec<Value> {
    let all = app.owner().await.get("/v1/assessments?limit=100").await.expect(200);
    let mut all = all.body["data"].as_array().expect("a list").clone();
    all.reverse();
    all
}

/// An assessment of January 2026 that repeats every month, for each supplier.
async fn monthly(app: &TestApp, suppliers: &[&str]) -> String {
    let owner = app.owner().await;
    let questionnaire = owner.questionnaire_of(asked()).await;
    let mut new = assignment(&questionnaire, suppliers);
    (new["period_from"], new["period_to"]) = (json!("2026-11-01"), json!("2026-11-30"));
    new["repeats_every_months"] = json!(1);
    owner.assigned(new).await;
    questionnaire
}

both! {
    async fn what_nobody_submits_in_time_expires(app: TestApp) {
        let on = app.assessed("Acme").await;
        let handed_in = app.assessed("Other").await;
        handed_in.submitted(5).await;
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": true}})).await.expect(200);
        app.clock.advance(TimeDelta::days(70));
        app.job(DATES).await;
        assert_eq!(app.owner().await.get(&on.path).await.expect(200).body["status"], "in_progress", "the 30th is the last day");
        app.clock.advance(TimeDelta::days(1));
        app.job(DATES).await;
        app.job(DATES).await;
        let owner = app.owner().await;
        let expired = owner.get(&on.path).await.expect(200).body;
        assert_eq!((&expired["status"], &expired["revision"]), (&json!("expired"), &json!(3)), "once");
        assert_eq!(owner.get(&handed_in.path).await.expect(200).body["status"], "submitted");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.say(&on.path, "measured", 1, json!({"given": {"yes": false}})).await.refused(409, "invalid_state");
        assert_eq!(admin.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
        let events = owner.get("/v1/audit-events?action=assessment.expire").await.expect(200);
        assert_eq!((events.each("action").len(), &events.body["data"][0]["actor"]["type"]), (1, &json!("program")));
    }

    async fn whoever_joins_a_supplier_later_has_it_to_answer_too(app: TestApp) {
        let on = app.assessed("Acme").await;
        let other = app.assessed("Other").await;
        other.submitted(5).await;
        let joined = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        let elsewhere = app.sign_in(Role::SupplierUser, Some(&other.supplier)).await;
        assert_eq!(joined.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
        let before = app.owner().await.get("/v1/me/tasks").await.expect(200).body;
        app.job(DATES).await;
        app.job(DATES).await;
        let told = joined.get("/v1/me/tasks").await.expect(200);
        let others = on.admin.get("/v1/me/tasks").await.expect(200);
        for member in ["kind", "title", "resource_path", "due_at"] {
            assert_eq!((told.each(member).len(), told.each(member)), (1, others.each(member)), "{member}");
        }
        assert_eq!(elsewhere.get("/v1/me/tasks").await.expect(200).body["data"], json!([]), "nothing is to be answered there");
        assert_eq!(app.owner().await.get("/v1/me/tasks").await.expect(200).body, before);
    }

    async fn what_repeats_is_assigned_once_whoever_looks(app: TestApp) {
        let owner = app.owner().await;
        let suppliers = [owner.supplier("One").await, owner.supplier("Two").await];
        let questionnaire = monthly(&app, &[&suppliers[0], &suppliers[1]]).await;
        assert_eq!(list(&app).await[0]["repeats_on"], "2026-12-21");
        app.clock.advance(TimeDelta::days(29));
        app.job(DATES).await;
        assert_eq!(list(&app).await.len(), 2, "not yet");
        let path = format!("/v1/questionnaires/{questionnaire}");
        let owner = app.owner().await;
        owner.act(&format!("{path}/revise")).await.expect(200);
        owner.act(&format!("{path}/publish")).await.expect(200);
        app.clock.advance(TimeDelta::days(1));
        let second = app.second_instance().await;
        for _ in 0..2 {
            let ordered = app.app.db.write(app.clock.clone(), |txn, clock| {
                let job = NewJob { kind: DATES, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
                Box::pin(enqueue(txn, clock, job))
            });
            ordered.await.expect("a job");
        }
        let work = app::work();
        let (one, two) = tokio::join!(run_one(&app.app, &work), run_one(&second.app, &work));
        assert!(one.is_ok() && two.is_ok());
        let all = list(&app).await;
        assert_eq!(all.len(), 4);
        let next = &all[2];
        assert_eq!((&next["period_from"], &next["period_to"]), (&json!("2026-12-01"), &json!("2026-12-31")));
        assert_eq!((&next["due_on"], &next["expires_on"], &next["version"]), (&json!("2027-01-31"), &json!("2027-03-02"), &json!(2)));
        assert_eq!((&next["repeats_on"], &next["repeats_every_months"], &next["status"]), (&json!("2027-01-21"), &json!(1), &json!("assigned")));
        assert_eq!((&all[0]["repeats_on"], &all[0]["repeats_every_months"]), (&Value::Null, &json!(1)), "the next one repeats in its place");
    }

    async fn a_suspended_supplier_is_asked_again_when_it_is_back(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
        }
        monthly(&app, &[&supplier]).await;
        owner.post(&format!("/v1/suppliers/{supplier}/suspend"), json!({"reason": "Lapsed."})).await.expect(200);
        app.clock.advance(TimeDelta::days(31));
        app.job(DATES).await;
        assert_eq!(list(&app).await.len(), 1);
        app.owner().await.act(&format!("/v1/suppliers/{supplier}/reinstate")).await.expect(200);
        app.job(DATES).await;
        assert_eq!(list(&app).await.len(), 2);
    }

    async fn what_is_stopped_cancelled_or_retired_does_not_come_again(app: TestApp) {
        let owner = app.owner().await;
        let mut suppliers = Vec::new();
        for name in ["One", "Two"] {
            suppliers.push(owner.supplier(name).await);
        }
        monthly(&app, &[&suppliers[0], &suppliers[1]]).await;
        let questionnaire = monthly(&app, &[&suppliers[0]]).await;
        let all = list(&app).await;
        let path = |place: usize| format!("/v1/assessments/{}", all[place]["id"].as_str().expect("an id"));
        let stopped = owner.act(&format!("{}/stop-repeating", path(0))).await.expect(200);
        assert_eq!((&stopped.body["repeats_on"], &stopped.body["status"]), (&Value::Null, &json!("assigned")));
        owner.act(&format!("{}/stop-repeating", path(0))).await.refused(409, "invalid_state");
        owner.post(&format!("{}/cancel", path(1)), json!({"reason": "r"})).await.expect(200);
        owner.act(&format!("/v1/questionnaires/{questionnaire}/retire")).await.expect(200);
        app.clock.advance(TimeDelta::days(31));
        app.job(DATES).await;
        let after = list(&app).await;
        assert_eq!((after.len(), &after[2]["repeats_on"]), (3, &Value::Null));
    }

    async fn an_occasion_that_somebody_assigned_by_hand_repeats(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let questionnaire = monthly(&app, &[&supplier]).await;
        let mut new = assignment(&questionnaire, &[&supplier]);
        (new["period_from"], new["period_to"]) = (json!("2026-12-01"), json!("2026-12-31"));
        owner.assigned(new).await;
        app.clock.advance(TimeDelta::days(31));
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!((all.len(), &all[0]["repeats_on"], &all[1]["repeats_on"]), (2, &Value::Null, &json!("2027-01-21")));
    }
}
