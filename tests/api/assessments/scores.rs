//! Points, what fails, and how well suppliers know themselves.

use crate::both;
use crate::support::TestApp;
use crate::support::assessments::{asked, assignment};
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn points_are_told_by_section_with_what_fails_and_what_is_left_to_a_person(app: TestApp) {
        let on = app.assessed("Acme").await;
        let scores = async || on.admin.get(&format!("{}/scores", on.path)).await.expect(200).body;
        let empty = scores().await;
        assert_eq!((&empty["self"]["total"], &empty["verified"], &empty["passes"]), (&json!(0.0), &Value::Null, &Value::Null));
        on.admin.say(&on.path, "measured", 0, json!({"given": {"yes": false}})).await.expect(200);
        on.admin.say(&on.path, "good", 0, json!({"not_applicable_reason": "We are new."})).await.expect(200);
        on.admin.say(&on.path, "fined", 0, json!({"given": {"yes": true}})).await.expect(200);
        let told = scores().await;
        assert_eq!(told["knock_outs"], json!([{"question": "measured", "title": "Do you measure it?"}]));
        assert_eq!(told["discretionary"], json!([{"question": "fined", "title": "Were you fined?"}]));
        assert_eq!(told["passes"], false);
        let section = json!({"section": "delivery", "score": 0.0, "n_scored": 1, "n_not_applicable": 1});
        assert_eq!(told["self"]["sections"][0], section);
        on.admin.say(&on.path, "measured", 1, json!({"given": {"yes": true}})).await.expect(200);
        let told = scores().await;
        assert_eq!((&told["self"]["sections"][0]["score"], &told["self"]["total"]), (&json!(100.0), &json!(60.0)), "the rest is weighed up");
        assert_eq!((&told["knock_outs"], &told["passes"]), (&json!([]), &Value::Null), "a person has to decide");
        assert_eq!(told["self"]["dimensions"], json!([{"dimension": "reliability", "score": 100.0, "n_scored": 1}]));
        assert_eq!(told["self"]["attributes"], json!([]), "what does not apply is left out");
        on.admin.say(&on.path, "fined", 1, json!({"given": {"yes": false}})).await.expect(200);
        let told = scores().await;
        assert_eq!((&told["self"]["total"], &told["passes"]), (&json!(100.0), &json!(true)));
        let outcomes = on.admin.get(&format!("{}/answers", on.path)).await.expect(200).each("outcome");
        assert_eq!(outcomes, ["pass", "unanswered", "no_rule", "pass", "unanswered", "unanswered"]);
    }

    async fn what_was_adjusted_counts_for_verified_points_and_pass_rules(app: TestApp) {
        let on = app.assessed("Acme").await;
        on.submitted(5).await;
        on.owner.act(&format!("{}/start-review", on.path)).await.expect(200);
        let adjusted = json!({"verdicts": [{"question": "fined", "verdict": "adjusted", "given": {"yes": true}, "reason": "We read it."}]});
        on.owner.post(&format!("{}/verify", on.path), adjusted).await.expect(200);
        let read = async |caller: &crate::support::Caller<'_>| caller.get(&format!("{}/scores", on.path)).await.expect(200).body;
        let told = read(&on.owner).await;
        assert_eq!((&told["verified"], &told["discretionary"][0]["question"]), (&Value::Null, &json!("fined")));
        assert_eq!(read(&on.admin).await["discretionary"], json!([]), "not while somebody still looks");
        on.owner.confirm(&on.path, &["measured", "good"]).await.expect(200);
        on.owner.act(&format!("{}/accept", on.path)).await.expect(200);
        let told = read(&on.admin).await;
        // Delivery 50 of both; conduct 100 as it was claimed, 0 as it was verified.
        assert_eq!((&told["self"]["total"], &told["verified"]["total"]), (&json!(70.0), &json!(30.0)));
        assert_eq!((&told["discretionary"][0]["question"], &told["calibrated_total"]), (&json!("fined"), &Value::Null));
    }

    async fn a_supplier_is_calibrated_over_what_was_accepted(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let path = format!("/v1/suppliers/{supplier}/calibration");
        let empty = owner.get(&path).await.expect(200).body;
        assert_eq!(empty, json!({"points": [], "n": 0, "bias": null, "shrunk_bias": null, "mae": null, "trust": null}));
        let questionnaire = owner.questionnaire_of(asked()).await;
        for error in [12.0, 5.0, 13.0, 1.0, 13.0] {
            accepted(&app, &supplier, &questionnaire, 80.0, 80.0 - error).await;
        }
        let told = owner.get(&path).await.expect(200).body;
        let near = |member: &str, wanted: f64| (told[member].as_f64().expect("a number") - wanted).abs() < 1e-9;
        assert!(near("bias", 8.8) && near("shrunk_bias", 4.4) && near("mae", 8.8) && near("trust", 0.648), "{told}");
        let errors: Vec<_> = told["points"].as_array().expect("points").iter().map(|point| point["error"].clone()).collect();
        assert_eq!((errors, &told["n"]), (vec![json!(12.0), json!(5.0), json!(13.0), json!(1.0), json!(13.0)], &json!(5)));

        let mut new = assignment(&questionnaire, &[&supplier]);
        new["period_to"] = json!("2028-12-31");
        let next = format!("/v1/assessments/{}", owner.assigned(new).await.remove(0));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        for question in ["measured", "fined"] {
            admin.say(&next, question, 0, json!({"given": {"yes": false}})).await.expect(200);
        }
        admin.say(&next, "good", 0, json!({"given": {"number": 5}})).await.expect(200);
        let scores = owner.get(&format!("{next}/scores")).await.expect(200).body;
        let expected = scores["calibrated_total"].as_f64().expect("a number");
        assert!((expected - 65.6).abs() < 1e-9, "{scores}");
        assert_eq!(admin.get(&format!("{next}/scores")).await.expect(200).body["calibrated_total"], Value::Null);
        admin.get(&path).await.refused(403, "forbidden");
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        assert_eq!(reviewer.get(&path).await.expect(200).body["n"], 0, "none that it sees");
        owner.get("/v1/suppliers/01a1ff81-7540-74d8-bf1a-931cc1c79f06/calibration").await.refused(404, "not_found");
    }
}

/// An assessment that was accepted with these points.
async fn accepted(app: &TestApp, supplier: &str, questionnaire: &str, claimed: f64, verified: f64) {
    let id = |text: &str| accord::shared::id::parse(text).expect("an id").into();
    let day: sea_orm::Value = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day").into();
    let now: sea_orm::Value = app.clock.now().instant().into();
    let cells = vec![
        ("id", app.clock.uuid().into()),
        ("questionnaire_id", id(questionnaire)),
        ("version", 1i64.into()),
        ("supplier_id", id(supplier)),
        ("status", "accepted".into()),
        ("period_from", day.clone()),
        ("period_to", day.clone()),
        ("due_on", day.clone()),
        ("expires_on", day),
        ("accepted_at", now),
        ("self_score", claimed.into()),
        ("verified_score", verified.into()),
    ];
    app.row("assessment", true, cells).await;
}
