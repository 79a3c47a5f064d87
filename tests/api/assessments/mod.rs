//! Assessments: the whole story, and who may do what.

mod answering;
mod assigning;
mod dates;
mod scores;
mod steps;

use crate::both;
use crate::support::Answer;
use crate::support::assessments::{asked, assignment};
use crate::support::files::PDF;
use accord::shared::permission::Role;
use serde_json::{Value, json};

#[track_caller]
fn stands(answer: Answer, status: &str) -> Value {
    let body = answer.expect(200).body;
    assert_eq!(body["status"], status, "{body}");
    body
}

both! {
    async fn an_assessment_goes_from_assigned_to_accepted_and_back(app: TestApp) {
        let on = app.assessed("Acme").await;
        let (owner, admin, path) = (&on.owner, &on.admin, &*on.path);
        let made = owner.get(path).await.expect(200).body;
        let me = owner.get("/v1/me").await.expect(200).id();
        let expected = json!({
            "id": on.id, "questionnaire_id": on.questionnaire, "version": 1, "supplier_id": on.supplier,
            "status": "assigned", "status_reason": null, "period_from": "2026-01-01", "period_to": "2026-12-31",
            "due_on": "2026-12-31", "is_overdue": false, "extended_from": null, "expires_on": "2027-01-30",
            "previous_id": null, "repeats_every_months": null, "repeats_on": null, "assigned_by": me, "attested": null,
            "accepted_at": null, "self_score": null, "verified_score": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z",
        });
        assert_eq!(made, expected);
        let questionnaire = admin.get(&format!("{path}/questionnaire")).await.expect(200).body;
        let terms = owner.get(&format!("/v1/questionnaires/{}", on.questionnaire)).await.expect(200).body["terms"].clone();
        assert_eq!(questionnaire, json!({"questionnaire_id": on.questionnaire, "version": 1, "terms": terms}));

        admin.say(path, "measured", 0, json!({"given": {"yes": true}})).await.expect(200);
        assert_eq!(stands(admin.get(path).await, "in_progress")["revision"], 2);
        admin.say(path, "fined", 0, json!({"given": {"yes": true}, "note": "Once, in 2024."})).await.expect(200);
        let refused = admin.submit(path).await.refused(422, "missing_answers");
        assert_eq!(refused.errors(), ["#/answers/share/given missing_answer"]);
        admin.say(path, "share", 0, json!({"given": {"number": 97.5}})).await.expect(200);
        let refused = admin.submit(path).await.refused(422, "missing_answers");
        assert_eq!(refused.errors(), ["#/answers/share/evidence missing_evidence"]);
        let told = admin.get(&format!("{path}/completeness")).await.expect(200).body;
        let missing = json!([{"pointer": "#/answers/share/evidence", "question": "share", "code": "missing_evidence", "title": "Share kept"}]);
        assert_eq!(told, json!({"is_complete": false, "n_asked": 6, "n_answered": 3, "missing": missing}));
        let file = admin.upload("filename=proof.pdf", "application/pdf", PDF).await.expect(201);
        admin.say(path, "share", 1, json!({"evidence": [file.id()]})).await.expect(200);
        admin.say(path, "good", 0, json!({"given": {"number": 5}})).await.expect(200);

        let submitted = stands(admin.submit(path).await, "submitted");
        let by = admin.get("/v1/me").await.expect(200).id();
        let attested = json!({"name": "Mia Berg", "position": "Director", "statement": null, "account_id": by, "submitted_at": "2026-11-21T09:00:00.000Z"});
        // Delivery 100, conduct 0.
        assert_eq!((&submitted["attested"], &submitted["self_score"]), (&attested, &json!(60.0)));
        admin.say(path, "good", 1, json!({"given": {"number": 4}})).await.refused(409, "invalid_state");
        admin.delete(file.header("location")).await.refused(409, "in_use");

        stands(owner.act(&format!("{path}/start-review")).await, "under_review");
        owner.confirm(path, &["measured", "share"]).await.expect(200);
        let doubts = json!({"verdicts": [{"question": "fined", "verdict": "evidence_requested", "reason": "What for?"}]});
        owner.post(&format!("{path}/verify"), doubts).await.expect(200);
        let refused = owner.act(&format!("{path}/accept")).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/answers/fined/verdict rule_violated", "#/answers/good/verdict rule_violated"]);
        let handed_back = owner.post(&format!("{path}/request-changes"), json!({"note": "Tell us about the fine."})).await;
        assert_eq!(stands(handed_back, "changes_requested")["status_reason"], "Tell us about the fine.");

        let read = admin.get(&format!("{path}/answers/fined")).await.expect(200).body;
        assert_eq!((&read["verdict"], &read["reason"], &read["verified_by"]), (&json!("evidence_requested"), &json!("What for?"), &Value::Null));
        let said = admin.say(path, "fined", 2, json!({"note": "Parking."})).await.expect(200).body;
        assert_eq!((&said["verdict"], &said["reason"], &said["revision"]), (&json!("open"), &Value::Null, &json!(3)));
        let again = stands(admin.submit(path).await, "submitted");
        assert_eq!(again["status_reason"], Value::Null);

        stands(owner.act(&format!("{path}/start-review")).await, "under_review");
        let better = json!({"verdicts": [
            {"question": "fined", "verdict": "confirmed"},
            {"question": "good", "verdict": "adjusted", "given": {"number": 3}, "reason": "We know better."},
        ]});
        owner.post(&format!("{path}/verify"), better).await.expect(200);
        let accepted = stands(owner.act(&format!("{path}/accept")).await, "accepted");
        // Delivery 75, conduct 0.
        assert_eq!((&accepted["self_score"], &accepted["verified_score"]), (&json!(60.0), &json!(45.0)));
        let read = admin.get(&format!("{path}/answers/good")).await.expect(200).body;
        assert_eq!((&read["given"]["number"], &read["adjusted"]["number"], &read["reason"]), (&json!(5.0), &json!(3.0), &json!("We know better.")));

        let reopened = stands(owner.post(&format!("{path}/reopen"), json!({"reason": "A customer told us."})).await, "reopened");
        assert_eq!((&reopened["verified_score"], &reopened["accepted_at"], &reopened["status_reason"]), (&Value::Null, &Value::Null, &json!("A customer told us.")));
        stands(owner.act(&format!("{path}/start-review")).await, "under_review");
        let worse = json!({"verdicts": [{"question": "good", "verdict": "adjusted", "given": {"number": 1}, "reason": "It was worse."}]});
        owner.post(&format!("{path}/verify"), worse).await.expect(200);
        let accepted = stands(owner.act(&format!("{path}/accept")).await, "accepted");
        assert_eq!(accepted["verified_score"], 30.0);
        let events = owner.get(&format!("/v1/audit-events?resource_id={}&limit=100", on.id)).await.expect(200);
        let mut actions = events.each("action");
        actions.retain(|action| action != "assessment.answer");
        actions.reverse();
        let story = ["assign", "submit", "start-review", "verify", "verify", "request-changes", "submit", "start-review", "verify", "accept", "reopen", "start-review", "verify", "accept"];
        assert_eq!(actions, story.map(|step| format!("assessment.{step}")));
    }

    async fn another_supplier_sees_nothing(app: TestApp) {
        let on = app.assessed("Acme").await;
        let other = on.owner.supplier("Other").await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        let file = on.admin.upload("filename=proof.pdf", "application/pdf", PDF).await.expect(201);
        on.admin.say(&on.path, "certificate", 0, json!({"evidence": [file.id()]})).await.expect(200);
        let list = stranger.get("/v1/assessments?count=true").await.expect(200);
        assert_eq!((&list.body["data"], &list.body["total_count"]), (&json!([]), &json!(0)));
        for below in ["", "/questionnaire", "/answers", "/answers/measured", "/completeness", "/scores"] {
            stranger.get(&format!("{}{below}", on.path)).await.refused(404, "not_found");
        }
        stranger.say(&on.path, "measured", 0, json!({"given": {"yes": true}})).await.refused(404, "not_found");
        stranger.submit(&on.path).await.refused(404, "not_found");
        stranger.get(file.header("location")).await.refused(404, "not_found");
        assert_eq!(stranger.get("/v1/files").await.expect(200).body["data"], json!([]));
        // And what is its own it does not prove with another one's file.
        let own = on.owner.assigned(assignment(&on.questionnaire, &[&other])).await.remove(0);
        let path = format!("/v1/assessments/{own}");
        let refused = stranger.say(&path, "certificate", 0, json!({"evidence": [file.id()]})).await.refused(422, "invalid_reference");
        assert_eq!(refused.errors(), ["#/evidence/0 invalid_reference"]);
    }

    async fn roles_do_what_the_table_says(app: TestApp) {
        let on = app.assessed("Acme").await;
        let (path, supplier) = (&*on.path, Some(&*on.supplier));
        let user = app.sign_in(Role::SupplierUser, supplier).await;
        user.say(path, "measured", 0, json!({"given": {"yes": false}})).await.expect(200);
        user.submit(path).await.refused(403, "forbidden");
        for caller in [&user, &on.admin] {
            caller.act(&format!("{path}/start-review")).await.refused(403, "forbidden");
            caller.post("/v1/assessments", assignment(&on.questionnaire, &[&on.supplier])).await.refused(403, "forbidden");
            caller.get(&format!("/v1/suppliers/{}/calibration", on.supplier)).await.refused(403, "forbidden");
            assert_eq!(caller.get(path).await.expect(200).body["assigned_by"], Value::Null, "who of the staff is staff's matter");
        }
        let auditor = app.sign_in(Role::Auditor, None).await;
        auditor.get(&format!("{path}/answers")).await.expect(200);
        auditor.say(path, "measured", 1, json!({"given": {"yes": true}})).await.refused(403, "forbidden");
        app.sign_in(Role::Agent, None).await.get(path).await.refused(403, "forbidden");
        let manager = app.sign_in(Role::Manager, None).await;
        manager.submit(path).await.refused(403, "forbidden");
        // Staff writes down what a supplier says who does not sign in.
        manager.say(path, "fined", 0, json!({"given": {"yes": false}})).await.expect(200);
    }

    async fn reviewers_verify_suppliers_with_an_agreement_of_theirs(app: TestApp) {
        let on = app.assessed("Acme").await;
        on.submitted(5).await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        for below in ["", "/answers", "/scores"] {
            reviewer.get(&format!("{}{below}", on.path)).await.refused(404, "not_found");
        }
        reviewer.act(&format!("{}/start-review", on.path)).await.refused(404, "not_found");
        assert_eq!(reviewer.get("/v1/assessments").await.expect(200).body["data"], json!([]));
        let agreement = app.seed_agreement(&on.supplier).await.agreement;
        let me = reviewer.get("/v1/me").await.expect(200).id();
        let id = |text: &str| accord::shared::id::parse(text).expect("an id").into();
        app.row("agreement_reviewer", false, vec![("agreement_id", id(&agreement)), ("account_id", id(&me))]).await;
        assert_eq!(reviewer.get("/v1/assessments").await.expect(200).each("id"), [&*on.id]);
        reviewer.act(&format!("{}/start-review", on.path)).await.expect(200);
        reviewer.confirm(&on.path, &["measured"]).await.expect(200);
        reviewer.act(&format!("{}/accept", on.path)).await.refused(403, "forbidden");
    }

    async fn a_key_of_a_supplier_answers_and_people_attest(app: TestApp) {
        let on = app.assessed("Acme").await;
        let new = json!({"name": "Robot", "scopes": ["assessments:read", "answers:write"], "supplier_id": on.supplier});
        let made = on.owner.post("/v1/api-keys", new).await.expect(201);
        let key = app.with_token(made.body["key"].as_str().expect("the key"));
        let said = key.say(&on.path, "measured", 0, json!({"given": {"yes": false}})).await.expect(200);
        assert_eq!(said.body["answered_by"], made.body["id"]);
        key.submit(&on.path).await.refused(403, "insufficient_scope");
        let new = json!({"name": "Reader", "scopes": ["assessments:read"], "supplier_id": on.supplier});
        let made = on.owner.post("/v1/api-keys", new).await.expect(201);
        let reader = app.with_token(made.body["key"].as_str().expect("the key"));
        reader.say(&on.path, "measured", 1, json!({"given": {"yes": true}})).await.refused(403, "insufficient_scope");
        assert_eq!(reader.get("/v1/assessments").await.expect(200).each("id"), [&*on.id]);
    }

    async fn a_list_is_filtered_and_exported(app: TestApp) {
        let on = app.assessed("Acme").await;
        let other = on.owner.supplier("Other").await;
        let mut new = assignment(&on.owner.questionnaire_of(asked()).await, &[&other]);
        new["due_on"] = json!("2026-11-21");
        let due = on.owner.assigned(new).await.remove(0);
        let found = async |query: &str| on.owner.get(&format!("/v1/assessments?{query}")).await.expect(200).each("id");
        assert_eq!(found("").await, [due.clone(), on.id.clone()], "newest first");
        assert_eq!(found(&format!("supplier_id={other}")).await, [&*due]);
        assert_eq!(found(&format!("questionnaire_id={}", on.questionnaire)).await, [&*on.id]);
        assert_eq!(found("due_before=2026-12-31").await, [&*due]);
        assert_eq!(found("is_overdue=true").await, [""; 0]);
        app.clock.advance(chrono::TimeDelta::days(1));
        let owner = app.owner().await;
        let overdue = owner.get("/v1/assessments?is_overdue=true").await.expect(200);
        assert_eq!((overdue.each("id"), &overdue.body["data"][0]["is_overdue"]), (vec![due], &json!(true)));
        assert_eq!(owner.get("/v1/assessments?is_overdue=false&status=assigned&status=expired").await.expect(200).each("id"), [&*on.id]);
        assert_eq!(owner.walk("/v1/assessments?limit=1", "id").await.len(), 2);
        let made = owner.post("/v1/exports", json!({"kind": "assessments", "format": "ndjson"})).await.expect(202);
        while accord::shared::jobs::worker::run_one(&app.app, &accord::app::long_work()).await.expect("it works") {}
        let done = owner.get(&format!("/v1/exports/{}", made.body["export_id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((&done.body["status"], &done.body["rows"]), (&json!("succeeded"), &json!(2)));
    }
}
