//! Assigning, to many at once, and what is taken over.

use crate::both;
use crate::support::assessments::{asked, assignment};
use accord::shared::permission::Role;
use serde_json::{Value, json};

const NOBODY: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

both! {
    async fn only_what_is_possible_is_assigned(app: TestApp) {
        let owner = app.owner().await;
        let (good, bad) = (owner.supplier("Good").await, owner.supplier("Bad").await);
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{bad}/{verb}")).await.expect(200);
        }
        owner.post(&format!("/v1/suppliers/{bad}/suspend"), json!({"reason": "Lapsed."})).await.expect(200);
        let questionnaire = owner.questionnaire_of(asked()).await;
        let possible = || assignment(&questionnaire, &[&good]);
        let with = |member: &str, value: Value| { let mut new = possible(); new[member] = value; new };
        for (new, code, at) in [
            (with("supplier_ids", json!([good, bad])), "rule_violated", vec!["#/supplier_ids/1 rule_violated"]),
            (with("supplier_ids", json!([NOBODY, good, bad])), "invalid_reference",
                vec!["#/supplier_ids/0 invalid_reference", "#/supplier_ids/2 rule_violated"]),
            (with("questionnaire_id", json!(NOBODY)), "invalid_reference", vec!["#/questionnaire_id invalid_reference"]),
            (with("period_to", json!("2025-12-31")), "date_order", vec!["#/period_to date_order"]),
            (with("due_on", json!("2026-11-20")), "rule_violated", vec!["#/due_on rule_violated"]),
        ] {
            assert_eq!(owner.post("/v1/assessments", new).await.refused(422, code).errors(), at);
        }
        for (member, value) in [
            ("supplier_ids", json!([])), ("supplier_ids", json!([good, good])), ("expires_after_days", json!(366)),
            ("repeats_every_months", json!(0)), ("repeats_every_months", json!(61)), ("due_on", json!("tomorrow")),
        ] {
            owner.post("/v1/assessments", with(member, value)).await.refused(400, "validation_failed");
        }
        let draft = owner.draft_questionnaire().await;
        owner.post("/v1/assessments", with("questionnaire_id", json!(draft))).await.refused(409, "invalid_state");
        owner.act(&format!("/v1/questionnaires/{questionnaire}/retire")).await.expect(200);
        owner.post("/v1/assessments", possible()).await.refused(409, "invalid_state");
        assert_eq!(owner.get("/v1/assessments").await.expect(200).body["data"], json!([]), "all or nothing");
    }

    async fn one_is_open_for_a_supplier_and_a_period(app: TestApp) {
        let on = app.assessed("Acme").await;
        let other = on.owner.supplier("Other").await;
        let again = assignment(&on.questionnaire, &[&other, &on.supplier]);
        let refused = on.owner.post("/v1/assessments", again.clone()).await.refused(409, "already_exists");
        assert_eq!(refused.body["existing_id"], on.id.as_str());
        let mut next = again.clone();
        (next["period_from"], next["period_to"]) = (json!("2027-01-01"), json!("2027-12-31"));
        assert_eq!(on.owner.assigned(next).await.len(), 2);
        on.owner.post(&format!("{}/cancel", on.path), json!({"reason": "Not now."})).await.expect(200);
        assert_eq!(on.owner.assigned(again).await.len(), 2, "what was cancelled is not in the way");
    }

    async fn the_same_request_assigns_once(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let new = assignment(&owner.questionnaire_of(asked()).await, &[&supplier]);
        let keyed = owner.with("Idempotency-Key", "assign-1");
        let first = keyed.post("/v1/assessments", new.clone()).await.expect(201);
        let again = keyed.post("/v1/assessments", new.clone()).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
        let (one, two) = { let mut new = new; new["period_to"] = json!("2027-06-30"); (owner.post("/v1/assessments", new.clone()), owner.post("/v1/assessments", new)) };
        let (one, two) = tokio::join!(one, two);
        let mut both = [one.status, two.status];
        both.sort_unstable();
        assert_eq!(both, [201, 409]);
    }

    async fn a_thousand_are_assigned_in_one_call(app: TestApp) {
        let owner = app.owner().await;
        let csv: String = (0..1000).map(|number| format!("company,S{number}\r\n")).collect();
        let body = Some(("text/csv", format!("kind,name\r\n{csv}").into_bytes()));
        owner.send_raw(poem::http::Method::POST, "/v1/imports?kind=suppliers", body).await.expect(202);
        while accord::shared::jobs::worker::run_one(&app.app, &accord::app::long_work()).await.expect("it works") {}
        let suppliers = owner.walk("/v1/suppliers?limit=100", "id").await;
        assert_eq!(suppliers.len(), 1000);
        let someone = app.sign_in(Role::SupplierUser, Some(&suppliers[7])).await;
        let ids: Vec<_> = suppliers.iter().map(String::as_str).collect();
        let made = owner.post("/v1/assessments", assignment(&owner.questionnaire_of(asked()).await, &ids)).await.expect(201);
        let told: Vec<_> = made.body["assessments"].as_array().expect("a list").iter().map(|one| one["supplier_id"].as_str().expect("an id")).collect();
        assert_eq!(told, ids, "in their order");
        let list = owner.get("/v1/assessments?count=true&status=assigned").await.expect(200);
        assert_eq!(list.body["total_count"], 1000);
        assert_eq!(owner.get("/v1/audit-events?action=assessment.assign&count=true").await.expect(200).body["total_count"], 1000);
        assert_eq!(someone.get("/v1/me/tasks").await.expect(200).each("kind"), ["assessment.answer"]);
    }

    async fn answers_are_taken_over_where_they_fit_and_differences_shown(app: TestApp) {
        let on = app.assessed("Acme").await;
        let file = on.admin.upload("filename=a.pdf", "application/pdf", crate::support::files::PDF).await.expect(201).id();
        on.admin.say(&on.path, "certificate", 0, json!({"evidence": [file]})).await.expect(200);
        on.admin.say(&on.path, "story", 0, json!({"given": {"text": "one two three four"}, "note": "Short."})).await.expect(200);
        on.submitted(5).await;
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        let adjusted = json!({"verdicts": [{"question": "good", "verdict": "adjusted", "given": {"number": 3}, "reason": "r"}]});
        on.owner.post(&format!("{}/verify", on.path), adjusted).await.expect(200);
        on.owner.confirm(&on.path, &["measured", "fined", "certificate", "story"]).await.expect(200);
        on.owner.act(&format!("{}/accept", on.path)).await.expect(200);

        // The next version takes fewer words.
        let path = format!("/v1/questionnaires/{}", on.questionnaire);
        let mut terms = on.owner.act(&format!("{path}/revise")).await.expect(200).body["terms"].clone();
        terms["sections"][1]["questions"][2]["max_words"] = json!(3);
        on.owner.patch(&path, json!({"terms": terms})).await.expect(200);
        on.owner.act(&format!("{path}/publish")).await.expect(200);
        let mut new = assignment(&on.questionnaire, &[&on.supplier]);
        (new["period_from"], new["period_to"]) = (json!("2027-01-01"), json!("2027-12-31"));
        let next = format!("/v1/assessments/{}", on.owner.assigned(new).await.remove(0));
        let read = on.owner.get(&next).await.expect(200).body;
        assert_eq!((&read["version"], &read["previous_id"], &read["status"]), (&json!(2), &json!(on.id), &json!("assigned")));

        let answer = async |key: &str| on.admin.get(&format!("{next}/answers/{key}")).await.expect(200).body;
        let good = answer("good").await;
        assert_eq!((&good["given"]["number"], &good["is_prefilled"], &good["revision"]), (&json!(3.0), &json!(true), &json!(1)), "as it was accepted");
        assert_eq!((&good["answered_by"], &good["differs"], &good["verdict"]), (&Value::Null, &json!(false), &json!("open")));
        let fined = answer("fined").await;
        assert_eq!((&fined["given"], &fined["previous"]["yes"], &fined["differs"]), (&Value::Null, &json!(false), &json!(true)), "the question does not allow it");
        let story = answer("story").await;
        assert_eq!((&story["given"], &story["previous"]["text"]), (&Value::Null, &json!("one two three four")), "it fits no more");
        assert_eq!(answer("certificate").await["evidence"], json!([]), "files stay where they are");
        let changed = on.admin.say(&next, "good", 1, json!({"given": {"number": 4}})).await.expect(200).body;
        assert_eq!((&changed["is_prefilled"], &changed["differs"], &changed["previous"]["number"]), (&json!(false), &json!(true), &json!(3.0)));
    }

    async fn what_is_complete_as_it_was_taken_over_is_submitted_as_it_is(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let question = json!({"key": "q", "kind": "yes_no", "wording": "?", "is_required": true, "is_prefilled": true});
        let terms = json!({"title": "T", "sections": [{"key": "s", "title": "S", "questions": [question]}]});
        let questionnaire = owner.questionnaire_of(terms).await;
        let first = format!("/v1/assessments/{}", owner.assigned(assignment(&questionnaire, &[&supplier])).await.remove(0));
        admin.say(&first, "q", 0, json!({"given": {"yes": true}})).await.expect(200);
        admin.submit(&first).await.expect(200);
        owner.act(&format!("{first}/start-review")).await.expect(200);
        owner.confirm(&first, &["q"]).await.expect(200);
        let accepted = owner.act(&format!("{first}/accept")).await.expect(200).body;
        assert_eq!((&accepted["self_score"], &accepted["verified_score"]), (&Value::Null, &Value::Null), "nothing counts");
        let next = format!("/v1/assessments/{}", owner.assigned(assignment(&questionnaire, &[&supplier])).await.remove(0));
        assert_eq!(admin.submit(&next).await.expect(200).body["status"], "submitted");
    }
}
