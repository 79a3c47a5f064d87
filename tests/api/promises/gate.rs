//! The capability gate: promise only what can be kept again and again.

use super::{agreement, kept, made, occasions, promise};
use crate::both;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

both! {
    async fn a_demonstrated_promise_is_published_freely(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        kept(&app, &owner, &path, 59, 59).await;
        let refusal = owner.post(&format!("{path}/publish"), json!({})).await.refused(409, "invalid_state");
        assert_eq!((&refusal.body["current_status"], &refusal.body["allowed"]), (&json!("draft"), &json!(["check", "retire"])));
        assert_eq!(owner.act(&format!("{path}/check")).await.expect(200).body["status"], "checked");
        let published = owner.post(&format!("{path}/publish"), json!({})).await.expect(200).body;
        assert_eq!((&published["status"], &published["published_at"]), (&json!("published"), &json!("2026-11-21T09:00:00.000Z")));
        assert_eq!(published["approved_by"], Value::Null);
        let checks = owner.get(&format!("{path}/capability-checks")).await.expect(200);
        assert_eq!(checks.each("verdict"), ["demonstrated", "demonstrated"]);
        let found = &checks.body["data"][0]["finding"];
        assert_eq!((&found["n"], &found["k"], &found["min_n"]), (&json!(59), &json!(59), &json!(59)));
        assert!((number(&found["lower"]) - 0.9561).abs() < 0.000_06, "{found}");
        assert_eq!(found["source"], "outcomes");
    }

    async fn seventy_four_of_eighty_do_not_support_95_per_cent(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        // The n-th took n half hours; the last six never came.
        occasions(&app, &owner, &path, (1..=80).map(|place| (place <= 74).then_some((place + 1) / 2))).await;
        let found = owner.get(&format!("{path}/capability")).await.expect(200).body;
        assert_eq!((&found["n"], &found["k"], &found["verdict"]), (&json!(80), &json!(74), &json!("unsupported")), "{found}");
        assert!((number(&found["share"]) - 0.925).abs() < 1e-9);
        assert!((number(&found["lower"]) - 0.8615).abs() < 0.000_06 && (number(&found["upper"]) - 0.9607).abs() < 0.000_06);
        assert_eq!((&found["supported_reliability"], &found["supported_target_duration"]), (&json!(0.86), &Value::Null));
        assert_eq!((&found["from"], &found["to"]), (&json!("2025-11-22"), &json!("2026-11-21")));
        // At 80 %, the 71st of 80: 36 hours.
        let less = owner.get(&format!("{path}/capability?reliability=0.8")).await.expect(200).body;
        assert_eq!((&less["supported_target_duration"], &less["min_n"]), (&json!("P1DT12H"), &json!(14)));
        assert_eq!(less["verdict"], "demonstrated");
        // Another target is held against what was reached: 40 took 20 hours or less.
        let tighter = owner.get(&format!("{path}/capability?target_duration=PT20H")).await.expect(200).body;
        assert_eq!((&tighter["k"], &tighter["source"], &tighter["is_exact"]), (&json!(40), &json!("values"), &json!(true)));
        assert_eq!(tighter["verdict"], "contradicted");
        // Nothing was stored by asking.
        assert_eq!(owner.get(&format!("{path}/capability-checks")).await.expect(200).body["data"], json!([]));
    }

    async fn a_contradicted_promise_is_never_published(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        kept(&app, &owner, &path, 10, 30).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        let approved = json!({"approval": {"reason": "We want it.", "recheck_on": "2027-01-01"}});
        let refusal = owner.post(&format!("{path}/publish"), approved).await.refused(422, "rule_violated");
        let found = &refusal.body["capability"];
        assert_eq!((&found["verdict"], &found["n"], &found["k"]), (&json!("contradicted"), &json!(30), &json!(10)));
        assert_eq!(owner.get(&path).await.expect(200).body["status"], "checked");
    }

    async fn between_the_two_somebody_answers_for_it(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        owner.act(&format!("{path}/check")).await.expect(200);
        let refusal = owner.post(&format!("{path}/publish"), json!({})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/approval rule_violated"]);
        assert_eq!(refusal.body["capability"]["verdict"], "insufficient");
        let today = json!({"approval": {"reason": "New.", "recheck_on": "2026-11-21"}});
        let refusal = owner.post(&format!("{path}/publish"), today).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/approval/recheck_on rule_violated"]);
        let later = json!({"approval": {"reason": "New.", "recheck_on": "2026-11-22"}});
        let published = owner.post(&format!("{path}/publish"), later).await.expect(200).body;
        assert_eq!((&published["status"], &published["recheck_on"]), (&json!("published"), &json!("2026-11-22")));
    }

    async fn a_bad_month_shows_that_it_is_not_kept_repeatedly(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        kept(&app, &owner, &path, 100, 100).await;
        let question = format!("{path}/capability?reliability=0.9");
        assert_eq!(owner.get(&question).await.expect(200).body["verdict"], "demonstrated");
        // Five bad days in September.
        for day in 10..15 {
            let id = path.rsplit('/').next().expect("an id");
            let new = json!({"promise_id": id, "made_at": format!("2026-09-{day}T08:00:00.000Z")});
            owner.post("/v1/commitments", new).await.expect(201);
        }
        let found = owner.get(&question).await.expect(200).body;
        assert_eq!((&found["verdict"], &found["is_repeated"]), (&json!("plausible"), &json!(false)), "{found}");
        let below: Vec<_> = found["periods"].as_array().expect("periods").iter().map(|of| of["is_below"].clone()).collect();
        assert_eq!(below, [false, true, false]);
    }

    async fn what_is_asked_fits_the_promise(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        for (question, status, code) in [
            ("reliability=0", 400, "invalid_parameter"),
            ("reliability=2", 400, "invalid_parameter"),
            ("target=5", 422, "rule_violated"),
            ("from=1990-01-01", 422, "rule_violated"),
            ("from=2026-02-01&to=2026-01-01", 422, "date_order"),
        ] {
            owner.get(&format!("{path}/capability?{question}")).await.refused(status, code);
        }
        let found = owner.get(&format!("{path}/capability?from=2026-01-01&to=2026-01-31")).await.expect(200).body;
        assert_eq!((&found["verdict"], &found["n"], &found["share"]), (&json!("insufficient"), &json!(0), &Value::Null));
    }

    async fn a_rating_is_better_the_higher_it_is(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let mut new = promise(&on, &on.customers);
        new.as_object_mut().expect("an object").extend(
            json!({"metric": "rating", "comparison": "at_least", "target": 4, "unit": "stars of 5", "reliability": 0.8})
                .as_object().expect("an object").clone(),
        );
        let path = made(&owner, new).await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        for place in 0..20 {
            let at = (app.clock.now().instant() - TimeDelta::days(20 - place)).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            let new = json!({"promise_id": id, "made_at": at, "due_at": at, "fulfilled_at": at,
                "value": if place < 15 { 5 } else { 3 }});
            owner.post("/v1/commitments", new).await.expect(201);
        }
        let found = owner.get(&format!("{path}/capability")).await.expect(200).body;
        assert_eq!((&found["k"], &found["verdict"], &found["supported_target"]), (&json!(15), &json!("unsupported"), &json!(3.0)));
        let easier = owner.get(&format!("{path}/capability?target=3")).await.expect(200).body;
        assert_eq!((&easier["k"], &easier["verdict"]), (&json!(20), &json!("demonstrated")));
        owner.get(&format!("{path}/capability?target_duration=PT1H")).await.refused(422, "rule_violated");
    }
}
