//! The one form in which a questionnaire is sent, read, taken along and sent again.

use crate::both;
use crate::support::questionnaires::one_question;
use serde_json::{Value, json};

/// Questions of every kind, and a condition of five levels.
fn every_kind() -> Value {
    let choices = json!([{"key": "a", "label": "A", "score": 0}, {"key": "b", "label": "B", "score": 62.5}]);
    let leaf = json!({"question": "yes", "is_in": ["no"]});
    let deep =
        json!({"any": [{"all": [{"not": {"any": [leaf, {"question": "number", "at_least": 0.5, "at_most": 3}]}}]}]});
    let questions = json!([
        {"key": "yes", "kind": "yes_no", "wording": "?", "good_answer": "no", "weight": 4000,
            "pass_rule": {"must_be_in": ["no"], "is_discretionary": true}},
        {"key": "scale", "kind": "scale", "wording": "?", "weight": 3000,
            "scale": {"min": -10, "max": 10, "step": 5, "labels": [{"value": -10, "label": "Never"}]}},
        {"key": "single", "kind": "single", "wording": "?", "weight": 2000, "choices": choices},
        {"key": "multi", "kind": "multi", "wording": "?", "weight": 1000, "choices": choices, "allows_not_applicable": true},
        {"key": "number", "kind": "number", "wording": "?", "bounds": {"min": 0.25, "unit": "days"}},
        {"key": "text", "kind": "text", "wording": "?\n\n- ä", "max_words": 100, "hint": "h", "guidance": "g"},
        {"key": "date", "kind": "date", "wording": "?", "is_required": true, "is_prefilled": true},
        {"key": "file", "kind": "file", "wording": "?", "condition": deep,
            "dimension": "tangibles", "attribute": "people", "title": "t"},
    ]);
    json!({"title": "Everything", "language": "de-AT", "sections": [
        {"key": "one", "title": "One", "weight": 10000, "questions": questions},
        {"key": "two", "title": "Two", "description": "d", "questions": [{"key": "last", "kind": "text", "wording": "?"}]},
    ]})
}

both! {
    async fn what_a_version_says_can_be_sent_again_and_is_the_same(app: TestApp) {
        let owner = app.owner().await;
        let templates = owner.get("/v1/questionnaire-templates").await.expect(200);
        for terms in [every_kind(), one_question(), templates.body["data"][0]["terms"].clone()] {
            let first = owner.post("/v1/questionnaires", json!({"name": "First", "terms": terms})).await.expect(201);
            let path = first.header("location");
            owner.act(&format!("{path}/publish")).await.expect(200);
            let version = owner.get(&format!("{path}/versions/1")).await.expect(200);
            let copy = json!({"name": "Copy", "terms": version.body["terms"]});
            let second = owner.post("/v1/questionnaires", copy).await.expect(201);
            assert_eq!(second.body["terms"], version.body["terms"]);
            let same = owner.patch(second.header("location"), json!({"terms": first.body["terms"]})).await.expect(200);
            assert_eq!(same.body["revision"], 1, "nothing has changed");
        }
    }

    async fn what_is_left_open_is_said_when_it_is_stored(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/v1/questionnaires", json!({"name": "X", "terms": every_kind()})).await.expect(201);
        let questions = &made.body["terms"]["sections"][0]["questions"];
        assert_eq!(questions[7]["evidence"], "required");
        assert_eq!(questions[0]["condition"], Value::Null);
        let deepest = &questions[7]["condition"]["any"][0]["all"][0]["not"]["any"][1];
        assert_eq!(deepest, &json!({"all": [], "any": [], "not": null, "question": "number", "is_in": [],
            "at_least": 0.5, "at_most": 3.0, "is_answered": false}));
    }

    async fn what_does_not_fit_together_is_refused_with_its_place(app: TestApp) {
        let owner = app.owner().await;
        let questions = "/sections/0/questions";
        for (place, value, code, pointer) in [
            ("/sections/1/questions/0/key", json!("yes"), "rule_violated", "/sections/1/questions/0/key"),
            ("/sections/0/questions/0/weight", json!(3999), "weights_sum", questions),
            ("/sections/0/weight", json!(9000), "weights_sum", "/sections"),
            ("/sections/0/questions/7/condition/any/0/all/0/not/any/0/is_in/0", json!("maybe"), "rule_violated",
                "/sections/0/questions/7/condition/any/0/all/0/not/any/0/is_in/0"),
            ("/sections/0/questions/7/condition/any/0/all/0/not/any/1/question", json!("nobody"), "rule_violated",
                "/sections/0/questions/7/condition/any/0/all/0/not/any/1/question"),
            ("/sections/0/questions/0/pass_rule/must_be_in/0", json!("maybe"), "rule_violated",
                "/sections/0/questions/0/pass_rule/must_be_in/0"),
        ] {
            let mut terms = every_kind();
            *terms.pointer_mut(place).expect("a place") = value;
            let new = json!({"name": "Wrong", "terms": terms});
            let refusal = owner.post("/v1/questionnaires", new).await.refused(422, code);
            assert_eq!(refusal.errors(), [format!("#/terms{pointer} {code}")], "{place}");
        }
        assert_eq!(owner.get("/v1/questionnaires").await.expect(200).body["data"], json!([]));
    }

    async fn a_circle_of_conditions_is_refused_with_its_path(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/questionnaires/{}", owner.draft_questionnaire().await);
        let mut terms = every_kind();
        terms["sections"][0]["questions"][0]["condition"] = json!({"not": {"question": "file", "is_answered": true}});
        let refusal = owner.patch(&path, json!({"terms": terms})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/terms/sections/0/questions/0/condition rule_violated"]);
        assert!(refusal.text.contains("yes, file, yes"), "{}", refusal.text);
        assert_eq!(owner.get(&path).await.expect(200).body["revision"], 1);
    }

    async fn a_questionnaire_without_weights_is_only_passed_or_not(app: TestApp) {
        let owner = app.owner().await;
        let mut terms = one_question();
        terms["sections"][0]["questions"][0]["pass_rule"] = json!({"must_be_in": ["yes"]});
        let made = owner.post("/v1/questionnaires", json!({"name": "Pass", "terms": terms})).await.expect(201);
        assert_eq!(made.body["terms"]["sections"][0]["weight"], 0);
        owner.act(&format!("{}/publish", made.header("location"))).await.expect(200);
    }

    async fn what_the_document_excludes_is_named_member_by_member(app: TestApp) {
        let owner = app.owner().await;
        let mut terms = every_kind();
        terms["sections"][0]["questions"][0]["kind"] = json!("essay");
        terms["sections"][0]["questions"][1]["weight"] = json!(-1);
        terms["sections"][0]["questions"][7]["condition"]["any"][0]["some"] = json!([]);
        let refusal = owner.post("/v1/questionnaires", json!({"name": "Wrong", "terms": terms})).await;
        let mut found = refusal.refused(400, "validation_failed").errors();
        found.sort();
        let at = "#/terms/sections/0/questions";
        let expected = [format!("{at}/0/kind not_in_enum"), format!("{at}/1/weight too_small"),
            format!("{at}/7/condition/any/0/some unknown_member")];
        assert_eq!(found, expected);
    }
}
