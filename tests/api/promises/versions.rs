//! Versions: from when on what was promised, and when it was published.

use super::{agreement, kept, made, promise};
use crate::both;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn approval() -> Value {
    json!({"approval": {"reason": "New.", "recheck_on": "2027-06-01"}})
}

both! {
    async fn a_new_target_is_a_new_version_and_has_to_be_checked(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        let new = json!({"target_duration": "PT24H", "reliability": 0.9});
        let after = owner.post(&format!("{path}/versions"), new).await.expect(200).body;
        assert_eq!((&after["status"], &after["version"], &after["latest_version"]), (&json!("draft"), &json!(2), &json!(2)));
        assert_eq!((&after["target_duration"], &after["wording"]), (&json!("P1D"), &json!("Within two days.")));
        let versions = owner.get(&format!("{path}/versions")).await.expect(200);
        assert_eq!(versions.each("target_duration"), ["P2D", "P1D"]);
        let numbers: Vec<_> = versions.body["data"].as_array().expect("a list").iter().map(|of| of["version"].clone()).collect();
        assert_eq!(numbers, [1, 2]);
    }

    async fn a_version_begins_now_or_later_and_after_the_one_before(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        let versions = format!("{path}/versions");
        for from in ["2026-11-21T08:59:59.999Z", "2026-01-01T00:00:00.000Z"] {
            let refusal = owner.post(&versions, json!({"effective_from": from})).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/effective_from rule_violated"]);
        }
        let next = json!({"target_duration": "PT24H", "effective_from": "2026-12-01T00:00:00.000Z"});
        let after = owner.post(&versions, next).await.expect(200).body;
        // Until then the first is in force.
        assert_eq!((&after["version"], &after["latest_version"], &after["target_duration"]), (&json!(1), &json!(2), &json!("P2D")));
        let refusal = owner.post(&versions, json!({})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/effective_from rule_violated"]);
        app.clock.advance(TimeDelta::days(12));
        let owner = app.owner().await;
        assert_eq!(owner.get(&path).await.expect(200).body["version"], 2);
    }

    async fn a_published_promise_gets_a_version_that_passes_the_gate(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        kept(&app, &owner, &path, 60, 60).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        owner.post(&format!("{path}/publish"), json!({})).await.expect(200);
        let versions = format!("{path}/versions");
        let certain = json!({"reliability": 0.99});
        let refusal = owner.post(&versions, certain).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/approval rule_violated"]);
        // Every one took an hour.
        let minutes = json!({"target_duration": "PT30M", "approval": approval()["approval"]});
        let refusal = owner.post(&versions, minutes).await.refused(422, "rule_violated");
        assert_eq!(refusal.body["capability"]["verdict"], "contradicted");
        let later = json!({"target_duration": "PT24H", "effective_from": "2026-12-01T00:00:00.000Z"});
        let after = owner.post(&versions, later).await.expect(200).body;
        assert_eq!(after["status"], "published");
        let all = owner.get(&versions).await.expect(200);
        assert_eq!(all.each("published_at"), ["2026-11-21T09:00:00.000Z", "2026-12-01T00:00:00.000Z"]);
        assert_eq!(all.body["data"][0]["unpublished_at"], "2026-12-01T00:00:00.000Z");
        assert_eq!(all.body["data"][1]["unpublished_at"], Value::Null);
    }

    async fn a_paused_promise_does_not_go_on_with_what_is_to_come(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        owner.post(&format!("{path}/publish"), approval()).await.expect(200);
        owner.post(&format!("{path}/pause"), json!({"reason": "The workshop is closed."})).await.expect(200);
        let later = json!({"effective_from": "2026-12-01T00:00:00.000Z"});
        owner.post(&format!("{path}/versions"), later).await.expect(200);
        let refusal = owner.post(&format!("{path}/resume"), approval()).await.refused(422, "rule_violated");
        assert!(refusal.body["detail"].as_str().expect("a detail").starts_with("Version 2 takes effect later"));
    }

    async fn a_paused_promise_goes_on_in_a_new_version(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        owner.post(&format!("{path}/publish"), approval()).await.expect(200);
        app.clock.advance(TimeDelta::minutes(5));
        let why = json!({"reason": "The workshop is closed."});
        let paused = owner.post(&format!("{path}/pause"), why.clone()).await.expect(200).body;
        assert_eq!((&paused["status"], &paused["unpublished_at"]), (&json!("paused"), &json!("2026-11-21T09:05:00.000Z")));
        owner.post(&format!("{path}/pause"), why.clone()).await.refused(409, "invalid_state");
        app.clock.advance(TimeDelta::minutes(5));
        owner.post(&format!("{path}/resume"), json!({})).await.refused(422, "rule_violated");
        let resumed = owner.post(&format!("{path}/resume"), approval()).await.expect(200).body;
        assert_eq!((&resumed["status"], &resumed["version"]), (&json!("published"), &json!(2)));
        assert_eq!(resumed["published_at"], "2026-11-21T09:10:00.000Z");
        let retired = owner.post(&format!("{path}/retire"), why).await.expect(200).body;
        assert_eq!((&retired["status"], &retired["unpublished_at"]), (&json!("retired"), &json!("2026-11-21T09:10:00.000Z")));
        for verb in ["check", "publish", "pause", "resume", "retire"] {
            let body = if ["publish", "resume"].contains(&verb) { approval() } else { json!({"reason": "X"}) };
            let answer = match verb {
                "check" => owner.act(&format!("{path}/{verb}")).await,
                _ => owner.post(&format!("{path}/{verb}"), body).await,
            };
            assert_eq!(answer.refused(409, "invalid_state").body["allowed"], json!([]));
        }
    }

    async fn a_signed_number_does_not_change_by_a_version(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        let refusal = owner.post(&format!("{path}/versions"), json!({"reliability": 0.9})).await;
        assert_eq!(refusal.refused(422, "rule_violated").errors(), ["#/reliability rule_violated"]);
        owner.with("if-match", "\"9\"").post(&format!("{path}/versions"), json!({})).await.refused(412, "etag_mismatch");
    }

    async fn a_promise_is_published_once_however_often_it_is_asked(app: TestApp) {
        let owner = app.owner().await.with("idempotency-key", "publish-1");
        let on = agreement(&app, &app.owner().await).await;
        let path = made(&app.owner().await, promise(&on, &on.theirs)).await;
        app.owner().await.act(&format!("{path}/check")).await.expect(200);
        let first = owner.post(&format!("{path}/publish"), approval()).await.expect(200);
        let again = owner.post(&format!("{path}/publish"), approval()).await.expect(200);
        assert_eq!((&first.body, again.header("idempotency-replayed")), (&again.body, "true"));
    }
}
