//! Open commitments whose time is over.

use super::{commit, promised};
use crate::both;
use crate::support::TestApp;
use accord::shared::jobs::schedule;
use accord::shared::jobs::worker::run_one;
use chrono::TimeDelta;
use serde_json::json;

/// What instances do when they look for work.
async fn work(app: &TestApp) {
    let work = accord::app::work();
    for _ in 0..2 {
        schedule::tick(&app.app, &work.schedules).await.expect("the schedules");
    }
    while run_one(&app.app, &work).await.expect("a worker") {}
}

both! {
    async fn an_open_commitment_breaks_once_however_many_look(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        for _ in 0..3 {
            commit(&owner, &promise, json!({})).await;
        }
        let second = app.second_instance().await;
        app.clock.advance(TimeDelta::hours(48));
        work(&app).await;
        // Access tokens have ended in these two days.
        let owner = app.owner().await;
        assert_eq!(owner.get("/v1/commitments").await.expect(200).each("status"), ["open"; 3]);
        app.clock.advance(TimeDelta::minutes(1));
        tokio::join!(work(&app), work(&second));
        assert_eq!(owner.get("/v1/commitments").await.expect(200).each("status"), ["broken"; 3]);
        let rate = owner.get(&format!("/v1/kept-rate?promise_id={promise}&to=2026-11-30")).await.expect(200).body;
        assert_eq!((&rate["rate"]["n"], &rate["rate"]["k"], &rate["open"]), (&json!(3), &json!(0), &json!(0)));
        work(&app).await;
        let events = owner.get("/v1/audit-events?action=commitment.break").await.expect(200).body;
        let events = events["data"].as_array().expect("events");
        assert_eq!(events.len(), 3);
        for event in events {
            assert_eq!(event["supplier_id"], json!(on.supplier));
            assert_eq!(event["changes"], json!([{"path": "/status", "before": "open", "after": "broken"}]));
        }
        assert!(accord::promises::differences(&app.app.db).await.expect("a recount").is_empty());
    }
}
