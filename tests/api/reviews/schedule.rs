//! Reviews appear by themselves, and are missed by themselves.

use crate::both;
use crate::support::TestApp;
use accord::app;
use accord::reviews::DATES;
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{ATTEMPTS, NewJob, enqueue};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn weekly() -> Value {
    json!({"unit": "week", "every": 1, "weekday": "monday", "nth": null, "day": null})
}

/// All reviews, oldest first.
async fn list(app: &TestApp) -> Vec<Value> {
    let all = app.owner().await.get("/v1/reviews?limit=100").await.expect(200);
    let mut all = all.body["data"].as_array().expect("a list").clone();
    all.sort_by_key(|one| one["number"].as_i64());
    all
}

fn days(all: &[Value]) -> Vec<&str> {
    all.iter().map(|one| one["scheduled_on"].as_str().expect("a day")).collect()
}

both! {
    async fn two_instances_call_each_review_once(app: TestApp) {
        let owner = app.owner().await;
        for name in ["One", "Two"] {
            let on = app.seed_agreement(&owner.supplier(name).await).await;
            app.with_cadence(&on, weekly()).await;
        }
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
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!(days(&all), ["2026-11-23", "2026-11-23"], "the next Monday of each");
        assert_eq!((&all[0]["number"], &all[0]["origin"], &all[0]["status"]), (&json!(1), &json!("cadence"), &json!("scheduled")));
        assert_eq!((&all[0]["period_from"], &all[0]["period_to"]), (&json!("2026-11-21"), &json!("2026-11-22")));
    }

    async fn after_a_downtime_each_comes_once_in_order(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.with_cadence(&on, json!({"unit": "month", "every": 1, "weekday": null, "nth": null, "day": 31})).await;
        app.clock.advance(TimeDelta::days(110));
        app.job(DATES).await;
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!(days(&all), ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]);
        assert_eq!(all.iter().map(|one| one["number"].as_i64()).collect::<Vec<_>>(), (1..=5).map(Some).collect::<Vec<_>>());
        assert!(all.iter().all(|one| one["status"] == "scheduled"), "there are 14 days to hold them, downtime or not");
        app.clock.advance(TimeDelta::days(15));
        app.job(DATES).await;
        let all = list(&app).await;
        let missed = all.iter().filter(|one| one["status"] == "missed");
        assert!(missed.clone().all(|one| one["missed_by"] == "us"));
        assert_eq!(missed.count(), 4);
        assert_eq!(all.iter().filter(|one| one["origin"] == "instead").count(), 0, "the next one is near");
    }

    async fn a_day_begins_where_the_organisation_is(app: TestApp) {
        let owner = app.owner().await;
        owner.patch("/v1/organization", json!({"time_zone": "Pacific/Auckland"})).await.expect(200);
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.with_cadence(&on, weekly()).await;
        // Midnight before Monday in Auckland, still Sunday in UTC.
        app.clock.advance(TimeDelta::hours(26));
        app.job(DATES).await;
        assert_eq!(days(&list(&app).await), ["2026-11-23", "2026-11-30"], "it is Monday there");
    }

    async fn what_nobody_holds_is_missed_by_us_and_called_again(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let new = json!({"agreement_id": on.agreement, "period_from": "2026-10-01", "period_to": "2026-10-31", "scheduled_on": "2026-11-21"});
        let first = owner.post("/v1/reviews", new).await.expect(201).id();
        app.clock.advance(TimeDelta::days(14));
        app.job(DATES).await;
        assert_eq!(list(&app).await[0]["status"], "scheduled", "the last day");
        app.clock.advance(TimeDelta::days(1));
        app.job(DATES).await;
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!((&all[0]["status"], &all[0]["missed_by"]), (&json!("missed"), &json!("us")));
        assert_eq!((&all[1]["origin"], &all[1]["instead_of_id"], &all[1]["scheduled_on"]), (&json!("instead"), &json!(first), &json!("2026-12-20")));
        assert_eq!(all.len(), 2);
    }

    async fn an_agreement_that_is_over_is_not_reviewed_any_more(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.with_cadence(&on, weekly()).await;
        app.job(DATES).await;
        app.sql("UPDATE agreement SET status = 'terminated'").await;
        app.clock.advance(TimeDelta::days(30));
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!((all.len(), &all[0]["status"]), (1, &json!("cancelled")));
    }

    async fn another_cadence_takes_the_place_of_the_one_before(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        owner.contact(&on.supplier).await;
        for verb in ["nominate", "qualify", "activate"] {
            owner.act(&format!("/v1/suppliers/{}/{verb}", on.supplier)).await.expect(200);
        }
        app.with_cadence(&on, json!({"unit": "quarter", "every": 1, "weekday": null, "nth": null, "day": 10})).await;
        app.job(DATES).await;
        assert_eq!(days(&list(&app).await), ["2027-01-10"]);
        app.clock.advance(TimeDelta::days(10));
        let (owner, admin) = (app.owner().await, app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await);
        let at = |verb: &str| format!("/v1/agreements/{}/{verb}", on.agreement);
        owner.post(&at("amend"), json!({})).await.expect(200);
        let monthly = json!({"cadence": {"unit": "month", "every": 1, "day": 5}});
        owner.patch(&at("versions/2"), monthly).await.expect(200);
        owner.post(&at("propose"), json!({})).await.expect(200);
        admin.post(&at("agree"), json!({"accept_all": true})).await.expect(200);
        owner.post(&at("sign"), json!({})).await.expect(200);
        admin.post(&at("sign"), json!({})).await.expect(200);
        app.job(DATES).await;
        assert_eq!(list(&app).await.len(), 1, "not before it is in force");
        owner.post(&at("activate"), json!({})).await.expect(200);
        app.job(DATES).await;
        app.job(DATES).await;
        let all = list(&app).await;
        assert_eq!((&all[0]["status"], &all[0]["status_reason"]), (&json!("cancelled"), &json!("The agreement is reviewed on other days now.")));
        let next = (&all[1]["status"], &all[1]["scheduled_on"], &all[1]["period_from"], &all[1]["version"]);
        assert_eq!(next, (&json!("scheduled"), &json!("2026-12-05"), &json!("2026-11-21"), &json!(2)));
        assert_eq!(all.len(), 2);
        // The day that was called before may be called again.
        app.clock.advance(TimeDelta::days(40));
        app.job(DATES).await;
        assert_eq!(days(&list(&app).await)[2], "2027-01-05");
    }

    async fn the_supplier_sees_and_is_invited_to_what_is_called(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let contact = owner.contact(&on.supplier).await;
        app.with_cadence(&on, weekly()).await;
        app.job(DATES).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let called = admin.get("/v1/reviews").await.expect(200).body["data"][0].clone();
        assert_eq!((&called["status"], &called["scheduled_on"]), (&json!("scheduled"), &json!("2026-11-23")));
        assert_eq!(called["attendees"][0]["person_id"], json!(contact));
    }
}
