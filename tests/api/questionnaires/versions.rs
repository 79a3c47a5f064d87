//! What is asked, version by version.

use crate::both;
use crate::support::questionnaires::one_question;
use serde_json::{Value, json};

both! {
    async fn a_draft_is_frozen_and_the_next_one_begins_as_its_copy(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/questionnaires/{}", owner.draft_questionnaire().await);
        owner.with("If-Match", "\"7\"").act(&format!("{path}/publish")).await.refused(412, "etag_mismatch");
        let published = owner.with("If-Match", "\"1\"").act(&format!("{path}/publish")).await.expect(200);
        assert_eq!((&published.body["status"], &published.body["version"]), (&json!("published"), &json!(1)));
        assert_eq!(published.body["draft_version"], Value::Null);
        let refusal = owner.patch(&path, json!({"terms": one_question()})).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["allowed"], json!(["rename", "revise", "retire"]));
        owner.patch(&path, json!({"name": "Renamed"})).await.expect(200);
        let revised = owner.act(&format!("{path}/revise")).await.expect(200);
        assert_eq!((&revised.body["shown_version"], &revised.body["draft_version"]), (&json!(2), &json!(2)));
        assert_eq!(revised.body["terms"], published.body["terms"]);
        owner.act(&format!("{path}/revise")).await.refused(409, "invalid_state");

        let mut terms = revised.body["terms"].clone();
        terms["sections"][0]["questions"][0]["is_required"] = json!(true);
        let rewritten = owner.patch(&path, json!({"terms": terms})).await.expect(200);
        assert_eq!(rewritten.body["terms"], terms);
        let first = owner.get(&format!("{path}/versions/1")).await.expect(200);
        assert_eq!(first.body["terms"], published.body["terms"], "what was published stays");
        assert_eq!(owner.get(&format!("{path}/versions/2")).await.expect(200).body["published_at"], Value::Null);
        owner.act(&format!("{path}/publish")).await.expect(200);
        let versions = owner.get(&format!("{path}/versions")).await.expect(200);
        let numbers: Vec<_> = versions.body["data"].as_array().expect("a list").iter().map(|one| one["version"].clone()).collect();
        assert_eq!(numbers, [1, 2]);
        assert!(versions.body["data"][0].get("terms").is_none(), "lists are short");
        for unknown in ["3", "x", "99999999999999999999"] {
            owner.get(&format!("{path}/versions/{unknown}")).await.refused(404, "not_found");
        }
        let stranger = accord::shared::clock::Clock::system().uuid();
        for path in ["", "/versions", "/versions/1"] {
            owner.get(&format!("/v1/questionnaires/{stranger}{path}")).await.refused(404, "not_found");
        }
    }

    async fn only_what_was_never_published_is_deleted_and_the_rest_retired(app: TestApp) {
        let owner = app.owner().await;
        let draft = format!("/v1/questionnaires/{}", owner.draft_questionnaire().await);
        owner.act(&format!("{draft}/retire")).await.refused(409, "invalid_state");
        owner.with("If-Match", "\"7\"").delete(&draft).await.refused(412, "etag_mismatch");
        owner.delete(&draft).await.expect(204);
        owner.get(&draft).await.refused(404, "not_found");
        assert_eq!(owner.get("/v1/questionnaires?q=insurance").await.expect(200).body["data"], json!([]));

        let path = format!("/v1/questionnaires/{}", owner.published_questionnaire().await);
        owner.delete(&path).await.refused(409, "in_use");
        owner.act(&format!("{path}/revise")).await.expect(200);
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
        let path = format!("/v1/questionnaires/{}/publish", owner.draft_questionnaire().await);
        let keyed = owner.with("Idempotency-Key", "publish-1");
        let first = keyed.act(&path).await.expect(200);
        let again = keyed.act(&path).await.expect(200);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
        owner.act(&path).await.refused(409, "invalid_state");
    }
}
