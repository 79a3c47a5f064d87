//! What is asked, version by version.

use super::own;
use crate::both;
use serde_json::{Value, json};

both! {
    async fn a_draft_is_frozen_and_the_next_one_begins_as_its_copy(app: TestApp) {
        let owner = app.owner().await;
        let survey = owner.draft_survey("csat5").await;
        let path = format!("/v1/surveys/{survey}");
        let published = owner.with("If-Match", "\"1\"").act(&format!("{path}/publish")).await.expect(200);
        assert_eq!((&published.body["status"], &published.body["version"]), (&json!("published"), &json!(1)));
        assert_eq!(published.body["draft_version"], Value::Null);
        let refusal = owner.patch(&path, json!({"terms": own("x")})).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["allowed"], json!(["rename", "revise", "retire"]));
        owner.patch(&path, json!({"name": "Renamed"})).await.expect(200);
        let revised = owner.act(&format!("{path}/revise")).await.expect(200);
        assert_eq!((&revised.body["shown_version"], &revised.body["draft_version"]), (&json!(2), &json!(2)));
        assert_eq!(revised.body["terms"], published.body["terms"]);
        owner.act(&format!("{path}/revise")).await.refused(409, "invalid_state");

        let mut terms = revised.body["terms"].clone();
        terms["items"].as_array_mut().expect("items").push(json!({"key": "why", "kind": "text", "wording": {"en": "Why?", "de": "Warum?"}}));
        let rewritten = owner.patch(&path, json!({"terms": terms})).await.expect(200);
        assert_eq!(rewritten.body["terms"]["items"].as_array().expect("items").len(), 2);
        let first = owner.get(&format!("{path}/versions/1")).await.expect(200);
        assert_eq!(first.body["terms"], published.body["terms"], "what was published stays");
        owner.act(&format!("{path}/publish")).await.expect(200);
        let versions = owner.get(&format!("{path}/versions?limit=1")).await.expect(200);
        assert_eq!(versions.body["data"][0]["version"], 1);
        let numbers = owner.get(&format!("{path}/versions")).await.expect(200);
        let numbers: Vec<_> = numbers.body["data"].as_array().expect("a list").iter().map(|one| one["version"].clone()).collect();
        assert_eq!(numbers, [1, 2]);
        owner.get(&format!("{path}/versions/3")).await.refused(404, "not_found");
        owner.get(&format!("{path}/versions/x")).await.refused(404, "not_found");
    }

    async fn what_was_published_under_a_key_keeps_its_meaning(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Own", "instrument": "custom", "terms": own("visit")});
        let path = owner.post("/v1/surveys", new).await.expect(201).header("location").to_owned();
        owner.act(&format!("{path}/publish")).await.expect(200);
        owner.act(&format!("{path}/revise")).await.expect(200);
        let mut other = own("visit");
        other["items"][0]["variant"] = json!("mean");
        let refusal = owner.patch(&path, json!({"terms": other})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/terms/items/0/variant rule_violated"]);
        owner.patch(&path, json!({"terms": own("other")})).await.expect(200);
        owner.act(&format!("{path}/publish")).await.expect(200);
        // Also when it was not asked in between.
        owner.act(&format!("{path}/revise")).await.expect(200);
        owner.patch(&path, json!({"terms": other})).await.refused(422, "rule_violated");
        owner.patch(&path, json!({"terms": own("visit")})).await.expect(200);
    }

    async fn only_what_was_never_published_is_deleted_and_the_rest_retired(app: TestApp) {
        let owner = app.owner().await;
        let draft = format!("/v1/surveys/{}", owner.draft_survey("csat5").await);
        owner.act(&format!("{draft}/retire")).await.refused(409, "invalid_state");
        owner.with("If-Match", "\"7\"").delete(&draft).await.refused(412, "etag_mismatch");
        owner.delete(&draft).await.expect(204);
        owner.get(&draft).await.refused(404, "not_found");
        assert_eq!(owner.get("/v1/surveys?q=visit").await.expect(200).body["data"], json!([]));

        let path = format!("/v1/surveys/{}", owner.published_survey("csat5").await);
        owner.delete(&path).await.refused(409, "in_use");
        owner.act(&format!("{path}/revise")).await.expect(200);
        owner.delete(&path).await.refused(409, "in_use");
        let retired = owner.act(&format!("{path}/retire")).await.expect(200);
        assert_eq!((&retired.body["status"], &retired.body["draft_version"]), (&json!("retired"), &Value::Null));
        for verb in ["publish", "revise", "retire"] {
            let refusal = owner.act(&format!("{path}/{verb}")).await.refused(409, "invalid_state");
            assert_eq!((&refusal.body["current_status"], &refusal.body["allowed"]), (&json!("retired"), &json!([])));
        }
        owner.patch(&path, json!({"name": "Renamed"})).await.refused(409, "invalid_state");
        assert_eq!(owner.get(&format!("{path}/versions")).await.expect(200).body["data"].as_array().expect("a list").len(), 1);
    }

    async fn a_repeated_publication_is_answered_as_the_first(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/surveys/{}/publish", owner.draft_survey("nps11").await);
        let keyed = owner.with("Idempotency-Key", "publish-1");
        let first = keyed.act(&path).await.expect(200);
        let again = keyed.act(&path).await.expect(200);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
        owner.act(&path).await.refused(409, "invalid_state");
    }
}
