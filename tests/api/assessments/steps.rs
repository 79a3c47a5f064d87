//! What becomes of an assessment, what is refused on the way, and who is told.

use crate::both;
use crate::support::assessments::assignment;
use accord::shared::jobs::worker::run_one;
use serde_json::{Value, json};

both! {
    async fn every_step_is_refused_where_it_does_not_belong(app: TestApp) {
        let on = app.assessed("Acme").await;
        let (owner, path) = (&on.owner, &*on.path);
        let steps = [
            ("submit", Some(json!({"name": "Mia", "position": "Director"}))),
            ("start-review", None),
            ("verify", Some(json!({"verdicts": [{"question": "good", "verdict": "confirmed"}]}))),
            ("request-changes", Some(json!({"note": "Please."}))),
            ("accept", None),
            ("reopen", Some(json!({"reason": "Because."}))),
            ("extend", Some(json!({"due_on": "2027-06-30", "reason": "Because."}))),
            ("cancel", Some(json!({"reason": "Because."}))),
            ("stop-repeating", None),
        ];
        let refused = async |possible: &[&str]| {
            for (step, body) in steps.iter().filter(|(step, _)| !possible.contains(step)) {
                let answer = owner.send(poem::http::Method::POST, &format!("{path}/{step}"), body.clone()).await;
                let allowed = answer.refused(409, "invalid_state").body["allowed"].clone();
                let allowed: Vec<_> = allowed.as_array().expect("words").iter().filter_map(Value::as_str).collect();
                assert!(possible.iter().all(|word| allowed.contains(word)), "{step}: {allowed:?}");
            }
        };
        refused(&["submit", "extend", "cancel"]).await;
        on.submitted(5).await;
        refused(&["start-review"]).await;
        owner.act(&format!("{path}/start-review")).await.expect(200);
        refused(&["verify", "request-changes", "accept"]).await;
        owner.confirm(path, &["measured", "good", "fined"]).await.expect(200);
        owner.act(&format!("{path}/accept")).await.expect(200);
        refused(&["reopen"]).await;
        on.admin.say(path, "good", 2, json!({"given": {"number": 1}})).await.refused(409, "invalid_state");
    }

    async fn steps_hold_a_revision_and_are_answered_once(app: TestApp) {
        let on = app.assessed("Acme").await;
        let cancel = format!("{}/cancel", on.path);
        let because = json!({"reason": "Not wanted."});
        on.owner.with("If-Match", "\"7\"").post(&cancel, because.clone()).await.refused(412, "etag_mismatch");
        let keyed = on.owner.with("Idempotency-Key", "cancel-1");
        let first = keyed.with("If-Match", "\"1\"").post(&cancel, because.clone()).await.expect(200);
        let again = keyed.with("If-Match", "\"1\"").post(&cancel, because).await.expect(200);
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
        assert_eq!((&first.body["status"], &first.body["status_reason"]), (&json!("cancelled"), &json!("Not wanted.")));
        on.owner.post(&cancel, json!({"reason": " "})).await.refused(400, "validation_failed");
    }

    async fn more_time_is_given_once_and_before_it_is_submitted(app: TestApp) {
        let on = app.assessed("Acme").await;
        let extend = format!("{}/extend", on.path);
        for (day, at) in [("2026-12-31", "#/due_on rule_violated"), ("2026-11-01", "#/due_on rule_violated")] {
            let refused = on.owner.post(&extend, json!({"due_on": day, "reason": "r"})).await.refused(422, "rule_violated");
            assert_eq!(refused.errors(), [at]);
        }
        let given = on.owner.post(&extend, json!({"due_on": "2027-01-10", "reason": "Holidays."})).await.expect(200).body;
        assert_eq!((&given["due_on"], &given["extended_from"], &given["expires_on"]), (&json!("2027-01-10"), &json!("2026-12-31"), &json!("2027-02-09")));
        assert_eq!(on.admin.get("/v1/me/tasks").await.expect(200).each("due_at"), ["2027-01-11T00:00:00.000Z"]);
        on.owner.post(&extend, json!({"due_on": "2027-01-20", "reason": "r"})).await.refused(409, "invalid_state");
        let event = on.owner.get("/v1/audit-events?action=assessment.extend").await.expect(200);
        assert_eq!(event.body["data"][0]["reason"], "Holidays.");
    }

    async fn whoever_submits_does_not_verify(app: TestApp) {
        let on = app.assessed("Acme").await;
        let (owner, path) = (&on.owner, &*on.path);
        for question in ["measured", "fined"] {
            owner.say(path, question, 0, json!({"given": {"yes": false}})).await.expect(200);
        }
        owner.submit(path).await.expect(200);
        owner.act(&format!("{path}/start-review")).await.refused(422, "four_eyes");
        let manager = app.sign_in(accord::shared::permission::Role::Manager, None).await;
        manager.act(&format!("{path}/start-review")).await.expect(200);
        owner.confirm(path, &["measured"]).await.refused(422, "four_eyes");
        manager.confirm(path, &["measured", "fined"]).await.expect(200);
        owner.act(&format!("{path}/accept")).await.refused(422, "four_eyes");
        owner.post(&format!("{path}/request-changes"), json!({"note": "n"})).await.refused(422, "four_eyes");
        manager.act(&format!("{path}/accept")).await.expect(200);
    }

    async fn whoever_answered_does_not_verify_that(app: TestApp) {
        let on = app.assessed("Acme").await;
        on.owner.say(&on.path, "measured", 0, json!({"given": {"yes": false}})).await.expect(200);
        on.admin.say(&on.path, "fined", 0, json!({"given": {"yes": false}})).await.expect(200);
        on.admin.submit(&on.path).await.expect(200);
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        on.owner.confirm(&on.path, &["fined"]).await.expect(200);
        on.owner.confirm(&on.path, &["measured"]).await.refused(422, "four_eyes");
    }

    async fn verdicts_are_all_taken_or_none(app: TestApp) {
        let on = app.assessed("Acme").await;
        on.submitted(5).await;
        let verify = format!("{}/verify", on.path);
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        let good = json!({"question": "good", "verdict": "confirmed"});
        for (other, at) in [
            (json!({"question": "story", "verdict": "confirmed"}), "#/verdicts/1/question invalid_reference"),
            (json!({"question": "good", "verdict": "confirmed"}), "#/verdicts/1/question rule_violated"),
            (json!({"question": "fined", "verdict": "adjusted", "reason": "r"}), "#/verdicts/1/given rule_violated"),
            (json!({"question": "fined", "verdict": "adjusted", "given": {"yes": true}}), "#/verdicts/1/reason rule_violated"),
            (json!({"question": "fined", "verdict": "adjusted", "given": {"text": "x"}, "reason": "r"}), "#/verdicts/1/given/yes rule_violated"),
            (json!({"question": "fined", "verdict": "confirmed", "given": {"yes": true}}), "#/verdicts/1/given rule_violated"),
            (json!({"question": "fined", "verdict": "evidence_requested"}), "#/verdicts/1/reason rule_violated"),
        ] {
            let code = at.split(' ').next_back().expect("a code");
            let refused = on.owner.post(&verify, json!({"verdicts": [good, other]})).await.refused(422, code);
            assert_eq!(refused.errors(), [at]);
        }
        assert_eq!(on.answer("good").await["verdict"], "open");
        on.owner.confirm(&on.path, &["good"]).await.expect(200);
        let read = on.answer("good").await;
        let me = on.owner.get("/v1/me").await.expect(200).id();
        assert_eq!((&read["verdict"], &read["verified_by"], &read["verified_at"]), (&json!("confirmed"), &json!(me), &json!("2026-11-21T09:00:00.000Z")));
        let hidden = on.admin.get(&format!("{}/answers/good", on.path)).await.expect(200).body;
        assert_eq!((&hidden["verdict"], &hidden["verified_at"]), (&json!("open"), &Value::Null), "not while somebody still looks");
        on.owner.post(&verify, json!({"verdicts": []})).await.refused(400, "validation_failed");
    }

    async fn everybody_is_told_what_is_due(app: TestApp) {
        let on = app.assessed("Acme").await;
        let tasks = async |caller: &crate::support::Caller<'_>| {
            let list = caller.get("/v1/me/tasks").await.expect(200);
            list.body["data"].as_array().expect("tasks").iter().map(|task| {
                format!("{} {}", task["kind"].as_str().expect("a kind"), &task["due_at"].as_str().expect("a time")[..10])
            }).collect::<Vec<_>>()
        };
        assert_eq!(tasks(&on.admin).await, ["assessment.answer 2027-01-01"]);
        let task = on.admin.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&task["resource_path"], &task["supplier_id"]), (&json!(on.path), &json!(on.supplier)));
        on.submitted(5).await;
        assert_eq!(tasks(&on.admin).await, [""; 0]);
        assert_eq!(tasks(&on.owner).await, ["assessment.review 2026-12-05"]);
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        on.owner.post(&format!("{}/request-changes", on.path), json!({"note": "n"})).await.expect(200);
        assert_eq!(tasks(&on.owner).await, [""; 0]);
        assert_eq!(tasks(&on.admin).await, ["assessment.answer 2026-12-05"]);
        on.admin.submit(&on.path).await.expect(200);
        assert_eq!((tasks(&on.admin).await, tasks(&on.owner).await), (vec![], vec!["assessment.review 2026-12-05".to_owned()]));
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        on.owner.confirm(&on.path, &["measured", "good", "fined"]).await.expect(200);
        on.owner.act(&format!("{}/accept", on.path)).await.expect(200);
        assert_eq!(tasks(&on.owner).await, [""; 0]);
        let mut next = assignment(&on.questionnaire, &[&on.supplier]);
        next["period_to"] = json!("2027-12-31");
        let next = on.owner.assigned(next).await.remove(0);
        assert_eq!(tasks(&on.admin).await.len(), 1);
        on.owner.post(&format!("/v1/assessments/{next}/cancel"), json!({"reason": "r"})).await.expect(200);
        assert_eq!(tasks(&on.admin).await, [""; 0]);
    }

    async fn reminders_go_out_before_at_and_after_it_is_due(app: TestApp) {
        app.assessed("Acme").await;
        let mut sent = Vec::new();
        for day in 0..50 {
            app.clock.advance(chrono::TimeDelta::days(1));
            app.job("notifications.remind").await;
            while run_one(&app.app, &accord::app::work()).await.expect("the worker works") {}
            sent.push((day, app.job_payloads("mail.send").await.len()));
        }
        let days: Vec<_> = sent.windows(2).filter(|pair| pair[1].1 > pair[0].1).map(|pair| pair[1].0 + 1).collect();
        // Day 41 is the first of January; the clock stands at nine o'clock.
        assert_eq!(days, [34, 41, 42, 43, 44]);
    }
}
