//! The supplier responds, or does not; what it disputes is decided by somebody else.

use crate::both;
use crate::support::reviews::{Stage, ratings};
use accord::reviews::DATES;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

both! {
    async fn what_is_disputed_is_decided_by_somebody_uninvolved(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let manager = app.sign_in(Role::Manager, None).await;
        let me = manager.get("/v1/me").await.expect(200).id();
        let path = app.reviewed(&on, Stage::Disputed).await;
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        let at = |verb: &str| format!("{path}/{verb}");
        let ruling = json!({"outcome": "sent_back", "reason": "Look at June again."});
        manager.post(&at("decide"), ruling.clone()).await.refused(422, "four_eyes");
        let rater = app.colleague("rater", Role::Manager).await;
        rater.post(&at("decide"), ruling.clone()).await.refused(422, "four_eyes");
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).each("kind"), ["review.decide"]);
        let decided = owner.post(&at("decide"), ruling).await.expect(200).body;
        assert_eq!((&decided["status"], &decided["decision"]["outcome"], &decided["grade"]), (&json!("decided"), &json!("sent_back"), &json!("B")));
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let seen = admin.get(&path).await.expect(200).body;
        assert_eq!((&seen["decision"]["reason"], &seen["decision"]["decided_by"]), (&json!("Look at June again."), &Value::Null));

        owner.act(&at("finalise")).await.refused(422, "rule_violated");
        rater.post(&at("rate"), ratings(5)).await.refused(422, "rule_violated");
        admin.post(&at("rate"), ratings(5)).await.refused(409, "invalid_state");
        let better = json!({"ratings": [{"criterion": "quality", "score": 5, "narrative": "June was ours."}], "reason": "We forgot the parts."});
        rater.post(&at("rate"), better).await.expect(200);
        let finalised = owner.act(&at("finalise")).await.expect(200).body;
        assert_eq!((&finalised["status"], &finalised["score"]), (&json!("finalised"), &json!(25.0 / 6.0)));
        let read = admin.get(&at("ratings")).await.expect(200).body;
        let quality = &read["of_supplier"]["criteria"][1]["ratings"][0];
        assert_eq!((&quality["score"], &quality["changed_because"]), (&json!(5), &json!("We forgot the parts.")));
        let rows = app.everything(&["review_rating"]).await;
        assert_eq!(rows.lines().count(), 7, "what was said first stays");
    }

    async fn what_is_upheld_is_not_rated_again(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Decided).await;
        let again = json!({"ratings": [{"criterion": "value", "score": 3}], "reason": "Still."});
        owner.post(&format!("{path}/rate"), again).await.refused(409, "invalid_state");
        let finalised = owner.act(&format!("{path}/finalise")).await.expect(200).body;
        assert_eq!((&finalised["status"], &finalised["grade"]), (&json!("finalised"), &json!("B")));
    }

    async fn no_response_in_14_days_is_none(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        app.clock.advance(TimeDelta::days(14));
        app.job(DATES).await;
        assert_eq!(app.owner().await.get(&path).await.expect(200).body["status"], "responding", "the last day");
        app.clock.advance(TimeDelta::days(1));
        app.job(DATES).await;
        app.job(DATES).await;
        let over = app.owner().await.get(&path).await.expect(200).body;
        assert_eq!((&over["status"], &over["response"]["kind"], &over["response"]["text"]), (&json!("finalised"), &json!("none"), &Value::Null));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(409, "invalid_state");
        assert_eq!(admin.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
    }

    async fn whoever_does_not_agree_says_why(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        for kind in ["partly", "disagree"] {
            let refused = admin.post(&format!("{path}/respond"), json!({"kind": kind})).await.refused(422, "rule_violated");
            assert_eq!(refused.errors(), ["#/text rule_violated"]);
        }
        let manager = app.sign_in(Role::Manager, None).await;
        manager.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(403, "forbidden");
        let partly = json!({"kind": "partly", "text": "But June was yours."});
        let done = admin.post(&format!("{path}/respond"), partly).await.expect(200).body;
        assert_eq!((&done["status"], &done["response"]["text"]), (&json!("finalised"), &json!("But June was yours.")));
    }
}
