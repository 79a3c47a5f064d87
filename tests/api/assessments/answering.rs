//! Answers, one by one, by several people at once, with files.

use crate::both;
use crate::support::files::PDF;
use accord::shared::permission::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

both! {
    async fn an_answer_is_saved_under_the_revision_that_was_read(app: TestApp) {
        let on = app.assessed("Acme").await;
        let path = format!("{}/answers/measured", on.path);
        let empty = on.admin.get(&path).await.expect(200);
        assert_eq!((&empty.body["revision"], empty.header("etag"), &empty.body["given"]), (&json!(0), "\"0\"", &Value::Null));
        assert_eq!((&empty.body["outcome"], &empty.body["differs"]), (&json!("unanswered"), &Value::Null));
        let yes = json!({"given": {"yes": true}});
        let refused = on.admin.patch(&path, yes.clone()).await.refused(428, "precondition_required");
        assert_eq!(refused.errors(), ["If-Match required"]);
        let said = on.admin.say(&on.path, "measured", 0, yes.clone()).await.expect(200);
        let me = on.admin.get("/v1/me").await.expect(200).id();
        assert_eq!((said.header("etag"), &said.body["answered_by"], &said.body["outcome"]), ("\"1\"", &json!(me), &json!("pass")));
        assert_eq!(on.admin.get(&path).await.expect(200).body, said.body);
        on.admin.with("If-None-Match", "\"1\"").get(&path).await.expect(304);
        on.admin.say(&on.path, "measured", 0, yes.clone()).await.refused(412, "etag_mismatch");
        let same = on.admin.say(&on.path, "measured", 1, yes).await.expect(200);
        assert_eq!(same.body["revision"], 1, "nothing changed");
        on.admin.with("If-Match", "*").patch(&path, json!({"given": null})).await.refused(428, "precondition_required");
        on.admin.say(&on.path, "measured", 1, json!({"given": null})).await.expect(200);
        assert_eq!(on.answer("measured").await["outcome"], "unanswered");
        on.admin.say(&on.path, "zebra", 0, json!({})).await.refused(404, "not_found");
        on.admin.get(&format!("{}/answers/zebra", on.path)).await.refused(404, "not_found");
    }

    async fn what_the_question_cannot_have_is_refused(app: TestApp) {
        let on = app.assessed("Acme").await;
        for (question, change, at) in [
            ("measured", json!({"given": {"number": 1}}), "#/given/yes rule_violated"),
            ("share", json!({"given": {"number": 101}}), "#/given/number rule_violated"),
            ("good", json!({"given": {"number": 2.5}}), "#/given/number rule_violated"),
            ("story", json!({"given": {"text": "one two three four five six"}}), "#/given/text rule_violated"),
            ("measured", json!({"not_applicable_reason": "No."}), "#/not_applicable_reason rule_violated"),
            ("good", json!({"given": {"number": 2}, "not_applicable_reason": "No."}), "#/not_applicable_reason rule_violated"),
            ("certificate", json!({"given": {"yes": true}}), "#/given/yes rule_violated"),
            ("share", json!({"evidence": ["01a1ff81-7540-74d8-bf1a-931cc1c79f06"]}), "#/evidence/0 invalid_reference"),
        ] {
            let code = at.split(' ').next_back().expect("a code");
            let refused = on.admin.say(&on.path, question, 0, change.clone()).await.refused(422, code);
            assert_eq!(refused.errors(), [at], "{question} {change}");
        }
        let file = on.admin.upload("filename=a.pdf", "application/pdf", PDF).await.expect(201).id();
        let refused = on.admin.say(&on.path, "fined", 0, json!({"evidence": [file]})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/evidence rule_violated"]);
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": "yes"}})).await.refused(400, "validation_failed");
        on.admin.say(&on.path, "measured", 0, json!({"answer": true})).await.refused(400, "validation_failed");
        assert_eq!(on.owner.get(&on.path).await.expect(200).body["status"], "assigned", "nothing was said");
    }

    async fn conditions_decide_what_is_asked_and_nothing_is_lost(app: TestApp) {
        let on = app.assessed("Acme").await;
        let asked = async || on.admin.get(&format!("{}/answers", on.path)).await.expect(200).each("question");
        assert_eq!(asked().await, ["measured", "good", "fined", "certificate", "story"]);
        on.admin.say(&on.path, "share", 0, json!({"given": {"number": 90}})).await.expect(200);
        assert_eq!(on.answer("share").await["is_asked"], false);
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": true}})).await.expect(200);
        assert_eq!(asked().await, ["measured", "share", "good", "fined", "certificate", "story"]);
        assert_eq!(on.answer("share").await["given"]["number"], 90.0);
        on.admin.say(&on.path, "measured", 1, json!({"given": {"yes": false}})).await.expect(200);
        assert_eq!(asked().await, ["measured", "good", "fined", "certificate", "story"]);
        assert_eq!(on.answer("share").await["revision"], 1, "it is kept");
    }

    async fn two_people_lose_nothing(app: TestApp) {
        let on = app.assessed("Acme").await;
        let user = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        let (one, two) = tokio::join!(
            on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": true}})),
            user.say(&on.path, "measured", 0, json!({"given": {"yes": false}})),
        );
        let mut both = [one.status, two.status];
        both.sort_unstable();
        assert_eq!(both, [200, 412], "{} {}", one.text, two.text);
        let told = if one.status == 200 { one.body } else { two.body };
        assert_eq!(on.answer("measured").await["given"], told["given"]);
        let (one, two) = tokio::join!(
            on.admin.say(&on.path, "fined", 0, json!({"given": {"yes": false}})),
            user.say(&on.path, "good", 0, json!({"given": {"number": 4}})),
        );
        assert_eq!((one.status, two.status), (200, 200), "{} {}", one.text, two.text);
        assert_eq!((&on.answer("fined").await["revision"], &on.answer("good").await["given"]["number"]), (&json!(1), &json!(4.0)));
    }

    async fn two_suppliers_answer_at_the_same_time(app: TestApp) {
        let (one, two) = (app.assessed("One").await, app.assessed("Two").await);
        let calls = (0..10).flat_map(|number| {
            let change = json!({"note": format!("Note {number}")});
            [&one, &two].map(|on| {
                let tags: Vec<_> = (0..10).map(|revision| format!("\"{revision}\"")).collect();
                let any = on.admin.with("If-Match", &tags.join(", "));
                let (path, change) = (format!("{}/answers/good", on.path), change.clone());
                async move { any.patch(&path, change).await.expect(200) }
            })
        });
        join_all(calls).await;
        for on in [&one, &two] {
            assert_eq!(on.answer("good").await["revision"], 10);
        }
    }

    async fn files_prove_answers_until_they_are_handed_in(app: TestApp) {
        let on = app.assessed("Acme").await;
        let mut files = Vec::new();
        for _ in 0..3 {
            files.push(on.admin.upload("filename=a.pdf", "application/pdf", PDF).await.expect(201).id());
        }
        let [a, b, c] = [&files[0], &files[1], &files[2]];
        let said = on.admin.say(&on.path, "certificate", 0, json!({"evidence": [a, b]})).await.expect(200).body;
        assert_eq!((&said["evidence"][0]["id"], &said["evidence"][1]["filename"], &said["given"]), (&json!(a), &json!("a.pdf"), &Value::Null));
        assert_eq!(said["outcome"], "no_rule", "a file is an answer");
        on.admin.say(&on.path, "share", 0, json!({"given": {"number": 1}, "evidence": [b]})).await.expect(200);
        let parent = async |file: &str| on.owner.get(&format!("/v1/files/{file}")).await.expect(200).body["parent"].clone();
        assert_eq!(parent(a).await, json!({"kind": "assessment", "id": on.id}));
        on.admin.say(&on.path, "certificate", 1, json!({"evidence": [c]})).await.expect(200);
        assert_eq!((parent(a).await, parent(b).await), (Value::Null, json!({"kind": "assessment", "id": on.id})), "another answer names it");
        on.admin.delete(&format!("/v1/files/{c}")).await.expect(204);
        let left = on.answer("certificate").await;
        assert_eq!((&left["evidence"], &left["revision"], &left["outcome"]), (&json!([]), &json!(3), &json!("unanswered")));
        let agent = app.sign_in(Role::Agent, None).await;
        agent.get(&format!("/v1/files/{b}")).await.refused(404, "not_found");
        on.submitted(5).await;
        on.admin.delete(&format!("/v1/files/{b}")).await.refused(409, "in_use");
        on.admin.patch(&format!("/v1/files/{b}"), json!({"effective_from": "2026-01-01"})).await.refused(409, "in_use");
    }

    async fn a_file_that_the_scanner_rejected_proves_nothing(app: TestApp) {
        let on = app.assessed("Acme").await;
        let file = on.admin.upload("filename=a.pdf", "application/pdf", PDF).await.expect(201).id();
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": true}})).await.expect(200);
        on.admin.say(&on.path, "fined", 0, json!({"given": {"yes": false}})).await.expect(200);
        on.admin.say(&on.path, "share", 0, json!({"given": {"number": 1}, "evidence": [file]})).await.expect(200);
        app.sql("UPDATE file SET status = 'rejected'").await;
        let refused = on.admin.submit(&on.path).await.refused(422, "missing_answers");
        assert_eq!(refused.errors(), ["#/answers/share/evidence missing_evidence"]);
        let other = on.admin.upload("filename=b.pdf", "application/pdf", PDF).await.expect(201).id();
        let refused = on.admin.say(&on.path, "share", 1, json!({"evidence": [other, file]})).await.refused(422, "file_infected");
        assert_eq!(refused.errors(), ["#/evidence/1 file_infected"]);
        on.admin.say(&on.path, "share", 1, json!({"evidence": [other]})).await.expect(200);
        on.admin.submit(&on.path).await.expect(200);
    }

    async fn users_of_a_suspended_supplier_only_read(app: TestApp) {
        let on = app.assessed("Acme").await;
        for verb in ["nominate", "qualify"] {
            on.owner.act(&format!("/v1/suppliers/{}/{verb}", on.supplier)).await.expect(200);
        }
        on.owner.post(&format!("/v1/suppliers/{}/suspend", on.supplier), json!({"reason": "Lapsed."})).await.expect(200);
        on.admin.get(&on.path).await.expect(200);
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": true}})).await.refused(403, "forbidden");
        on.admin.submit(&on.path).await.refused(403, "forbidden");
    }

    async fn history_tells_what_was_said_before(app: TestApp) {
        let on = app.assessed("Acme").await;
        on.admin.say(&on.path, "good", 0, json!({"given": {"number": 2}})).await.expect(200);
        on.admin.say(&on.path, "good", 1, json!({"given": {"number": 3}})).await.expect(200);
        let events = on.owner.get("/v1/audit-events?action=assessment.answer").await.expect(200);
        let changes = &events.body["data"][0]["changes"];
        assert_eq!((&changes[0]["path"], &changes[0]["before"]["given"]["number"]), (&json!("/answers/good"), &json!(2.0)));
        assert_eq!(changes[0]["after"]["given"]["number"], 3.0);
        assert_eq!(events.body["data"][1]["changes"].as_array().map(Vec::len), Some(2), "and it began");
    }
}
