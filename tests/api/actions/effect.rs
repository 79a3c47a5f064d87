//! Claimed done is not done: whether actions worked.

use crate::both;
use crate::support::actions::Improving;
use crate::support::lived::Tallied;
use crate::support::seed::Terms;
use accord::feedback::MONTHS;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn judged(effective: bool) -> Value {
    json!({"judgement": {"effective": effective, "text": "I was there."}})
}

both! {
    async fn an_action_counts_when_commitments_show_that_it_worked(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 47, 80).await;
        let path = on.accepted(json!({})).await;
        let started = on.admin.act(&format!("{path}/start")).await.expect(200).body;
        assert_eq!(started["status"], json!("in_progress"));
        app.clock.advance(TimeDelta::days(30));
        let on = on.later().await;
        on.occasions("2026-12-10", 70, 80).await;
        let claimed = on.claim(&path, "2026-12-01").await.expect(200).body;
        assert_eq!((&claimed["status"], &claimed["claim"]["effective_from"]), (&json!("claimed_done"), &json!("2026-12-01")));
        on.manager.post(&format!("{path}/verify"), judged(true)).await.refused(422, "rule_violated");
        let found = on.manager.post(&format!("{path}/verify"), json!({})).await.expect(200).body;
        assert_eq!((&found["status"], &found["ended_on"]), (&json!("verified_effective"), &json!("2026-12-21")));
        let (before, effect) = (&found["baseline"], &found["effect"]);
        assert_eq!((&before["k"], &before["n"], &effect["after"]["k"], &effect["after"]["n"]), (&json!(47), &json!(80), &json!(70), &json!(80)));
        assert_eq!(effect["after"]["window"], json!({"from": "2026-12-01", "to": "2026-12-20"}));
        assert!((effect["z"].as_f64().expect("a number") - 4.101_67).abs() < 1e-4, "{effect}");
        assert_eq!((&effect["is_effective"], &effect["method"]), (&json!(true), &json!("two_proportions")));
        assert_eq!((&effect["is_target_reached"], &effect["judgement"]), (&json!(false), &Value::Null));
        let me = on.manager.get("/v1/me").await.expect(200).id();
        assert_eq!((&effect["verified_by"], &effect["verified_at"]), (&json!(me), &json!("2026-12-21T09:00:00.000Z")));
        let seen = on.admin.get(&path).await.expect(200).body;
        assert_eq!((&seen["effect"]["z"], &seen["effect"]["verified_by"]), (&effect["z"], &Value::Null));
        let event = on.owner.get("/v1/audit-events?action=action.verify").await.expect(200).body;
        assert_eq!(event["data"][0]["supplier_id"], json!(on.on.supplier));
    }

    async fn what_may_be_chance_is_not_effective_and_goes_on(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 47, 80).await;
        let path = on.accepted(json!({})).await;
        app.clock.advance(TimeDelta::days(30));
        let on = on.later().await;
        on.occasions("2026-12-10", 25, 40).await;
        on.claimed(&path, "2026-12-01").await.expect(200);
        let found = on.owner.post(&format!("{path}/verify"), json!({})).await.expect(200).body;
        assert_eq!((&found["status"], &found["effect"]["is_effective"], &found["ended_on"]), (&json!("not_effective"), &json!(false), &Value::Null));
        on.owner.act(&format!("{path}/resume")).await.refused(403, "forbidden");
        let resumed = on.admin.act(&format!("{path}/resume")).await.expect(200).body;
        assert_eq!((&resumed["status"], &resumed["baseline"]), (&json!("in_progress"), &found["baseline"]));
        // It works since later: the days in which it did not are left out.
        on.occasions("2026-12-15", 40, 40).await;
        let again = on.claim(&path, "2026-12-14").await.expect(200).body;
        assert_eq!(again["effect"], Value::Null);
        let found = on.owner.post(&format!("{path}/verify"), json!({})).await.expect(200).body;
        assert_eq!((&found["status"], &found["effect"]["after"]["n"]), (&json!("verified_effective"), &json!(40)));
        assert_eq!(found["effect"]["is_target_reached"], json!(true));
    }

    async fn below_thirty_occasions_somebody_judges_in_writing(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 5, 30).await;
        let path = on.accepted(json!({})).await;
        app.clock.advance(TimeDelta::days(30));
        let on = on.later().await;
        on.occasions("2026-12-10", 29, 29).await;
        on.claimed(&path, "2026-12-01").await.expect(200);
        let refused = on.owner.post(&format!("{path}/verify"), json!({})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/judgement rule_violated"]);
        let found = on.owner.post(&format!("{path}/verify"), judged(true)).await.expect(200).body;
        assert_eq!((&found["status"], &found["effect"]["method"], &found["effect"]["z"]), (&json!("verified_effective"), &json!("judgement"), &Value::Null));
        assert_eq!((&found["effect"]["judgement"], &found["effect"]["after"]["n"]), (&judged(true)["judgement"], &json!(29)));
        let path = on.accepted(json!({"due_on": "2027-01-31", "metric": {"kind": "judgement"}})).await;
        on.claimed(&path, "2026-12-21").await.expect(200);
        on.owner.post(&format!("{path}/verify"), json!({})).await.refused(422, "rule_violated");
        let found = on.owner.post(&format!("{path}/verify"), judged(false)).await.expect(200).body;
        assert_eq!((&found["status"], &found["effect"]["after"]), (&json!("not_effective"), &Value::Null));
    }

    async fn whoever_owns_or_claims_it_does_not_verify_it(app: TestApp) {
        let on = app.improving().await;
        let me = on.owner.get("/v1/me").await.expect(200).id();
        let ours = json!({"side": "us", "person_id": null, "owner_id": me, "metric": {"kind": "judgement"}});
        let path = on.accepted(ours).await;
        on.admin.act(&format!("{path}/start")).await.refused(403, "forbidden");
        on.manager.act(&format!("{path}/start")).await.expect(200);
        let claim = json!({"note": "Done.", "effective_from": "2026-11-21"});
        on.admin.post(&format!("{path}/claim"), claim.clone()).await.refused(403, "forbidden");
        on.manager.post(&format!("{path}/claim"), claim).await.expect(200);
        for caller in [&on.owner, &on.manager] {
            caller.post(&format!("{path}/verify"), judged(true)).await.refused(422, "four_eyes");
        }
        let new = json!({"email": "third@accord.example", "name": "Third", "role": "manager", "password": crate::support::PASSWORD});
        on.owner.post("/v1/users", new).await.expect(201);
        let login = json!({"email": "third@accord.example", "password": crate::support::PASSWORD});
        let pair = app.nobody().post("/v1/auth/login", login).await.expect(200);
        let third = app.with_token(pair.body["access_token"].as_str().expect("a token"));
        let own = json!({"current_password": crate::support::PASSWORD, "new_password": "another good password of mine"});
        third.post("/v1/me/password", own).await.expect(204);
        third.post(&format!("{path}/verify"), judged(true)).await.expect(200);
    }

    async fn for_a_supplier_of_which_nobody_signs_in_staff_says_what_it_did(app: TestApp) {
        let on = app.improving().await;
        let other = app.seed_agreement(&on.owner.supplier("Silent").await).await;
        let new = json!({"name": "Ann", "roles": ["main_employee_contact"]});
        let ann = on.owner.post(&format!("/v1/suppliers/{}/people", other.supplier), new).await.expect(201).id();
        let path = on.proposed(json!({"agreement_id": other.agreement, "person_id": ann, "metric": {"kind": "judgement"}})).await;
        let paper = json!({"person_id": ann, "on_paper": {"side": "supplier", "name": "Ann", "signed_on": "2026-11-21"}});
        on.owner.post(&format!("{path}/sign"), paper).await.expect(200);
        on.owner.post(&format!("{path}/sign"), json!({})).await.expect(200);
        on.owner.act(&format!("{path}/start")).await.expect(200);
        let claim = json!({"note": "She called.", "effective_from": "2026-11-21"});
        on.owner.post(&format!("{path}/claim"), claim.clone()).await.expect(200);
        on.owner.post(&format!("{path}/verify"), judged(false)).await.refused(422, "four_eyes");
        on.manager.post(&format!("{path}/verify"), judged(false)).await.expect(200);
        on.owner.act(&format!("{path}/resume")).await.expect(200);
        // Nobody has the right there whose account is disabled, or who only reads.
        app.sign_in(Role::SupplierUser, Some(&other.supplier)).await;
        on.owner.post(&format!("{path}/claim"), claim.clone()).await.expect(200);
        on.manager.post(&format!("{path}/verify"), judged(false)).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&other.supplier)).await;
        let admin = format!("/v1/users/{}", admin.get("/v1/me").await.expect(200).id());
        on.owner.act(&format!("{admin}/disable")).await.expect(200);
        on.owner.act(&format!("{path}/resume")).await.expect(200);
        on.owner.act(&format!("{admin}/enable")).await.expect(200);
        on.owner.post(&format!("{path}/claim"), claim).await.refused(403, "forbidden");
    }

    async fn it_shows_since_a_day_between_signing_and_today(app: TestApp) {
        let on = app.improving().await;
        let path = on.accepted(json!({})).await;
        on.admin.act(&format!("{path}/start")).await.expect(200);
        for day in ["2026-11-20", "2026-11-22"] {
            let refused = on.claim(&path, day).await.refused(422, "date_order");
            assert_eq!(refused.errors(), ["#/effective_from date_order"]);
        }
        on.claim(&path, "2026-11-21").await.expect(200);
        let found = on.owner.post(&format!("{path}/verify"), judged(false)).await.expect(200).body;
        assert_eq!(found["effect"]["after"]["window"], json!({"from": "2026-11-21", "to": "2026-11-21"}));
    }

    async fn another_version_of_the_promise_cannot_make_it_look_effective(app: TestApp) {
        let on = app.improving().await;
        on.occasions("2026-11-02", 47, 80).await;
        let path = on.accepted(json!({})).await;
        let longer = Terms { target: 864_000.0, effective_from: "2026-12-01T00:00:00Z", ..Terms::default() };
        app.seed_version(&on.promise, 2, longer).await;
        app.clock.advance(TimeDelta::days(30));
        let on = on.later().await;
        on.occasions("2026-12-02", 80, 80).await;
        on.claimed(&path, "2026-12-01").await.expect(200);
        on.owner.post(&format!("{path}/verify"), json!({})).await.refused(422, "rule_violated");
        let found = on.owner.post(&format!("{path}/verify"), judged(false)).await.expect(200).body;
        assert_eq!((&found["effect"]["method"], &found["effect"]["after"]["n"]), (&json!("judgement"), &json!(80)));
    }

    async fn only_days_that_are_over_are_counted(app: TestApp) {
        let on = app.improving().await;
        let slow = Terms { grace_seconds: 864_000, ..Terms::default() };
        let on = Improving { promise: app.seed_promise(&on.on, slow).await, ..on };
        on.occasions("2026-11-02", 47, 80).await;
        let path = on.accepted(json!({})).await;
        // Forty are due today, and kept.
        on.occasions("2026-11-19", 40, 40).await;
        on.claimed(&path, "2026-11-21").await.expect(200);
        on.owner.post(&format!("{path}/verify"), json!({})).await.refused(422, "rule_violated");
        let found = on.owner.post(&format!("{path}/verify"), judged(false)).await.expect(200).body;
        assert_eq!((&found["effect"]["after"]["n"], &found["effect"]["method"]), (&json!(0), &json!("judgement")));
        on.admin.act(&format!("{path}/resume")).await.expect(200);
        app.clock.advance(TimeDelta::days(30));
        let on = on.later().await;
        on.occasions("2026-12-05", 40, 40).await;
        // Due on the 15th: kept ones are known, one may still be kept.
        on.occasions("2026-12-13", 40, 41).await;
        on.claim(&path, "2026-12-01").await.expect(200);
        let found = on.owner.post(&format!("{path}/verify"), json!({})).await.expect(200).body;
        assert_eq!(found["effect"]["after"]["window"], json!({"from": "2026-12-01", "to": "2026-12-14"}));
        assert_eq!((&found["effect"]["after"]["k"], &found["effect"]["after"]["n"]), (&json!(40), &json!(40)));
    }

    async fn answers_to_another_survey_say_nothing_of_an_effect(app: TestApp) {
        let on = app.improving().await;
        let month = |counts| Tallied { is_month: true, n: 40, total: 0, counts };
        let [old, new] = [app.seed_survey().await, app.seed_survey().await];
        for survey in [&old, &new] {
            app.seed_item(survey, "satisfaction", "csat", (1, 5)).await;
        }
        app.seed_tally(&on.on.agreement, &old, "satisfaction", "2026-10-01", month(&[10, 5, 5, 10, 10])).await;
        app.job(MONTHS).await;
        let path = on.accepted(json!({"metric": {"kind": "csat", "target": 0.8}})).await;
        on.admin.act(&format!("{path}/start")).await.expect(200);
        app.clock.advance(TimeDelta::days(45));
        let on = on.later().await;
        app.seed_tally(&on.on.agreement, &new, "satisfaction", "2026-12-01", month(&[0, 1, 1, 19, 19])).await;
        app.job(MONTHS).await;
        on.claim(&path, "2026-12-01").await.expect(200);
        on.owner.post(&format!("{path}/verify"), json!({})).await.refused(422, "rule_violated");
        let found = on.owner.post(&format!("{path}/verify"), judged(false)).await.expect(200).body;
        assert_eq!((&found["effect"]["method"], &found["effect"]["after"]["n"]), (&json!("judgement"), &json!(40)));
    }

    async fn satisfaction_is_counted_as_it_is_published(app: TestApp) {
        let on = app.improving().await;
        let survey = app.seed_survey().await;
        app.seed_item(&survey, "satisfaction", "csat", (1, 5)).await;
        let month = |n: i64, counts| Tallied { is_month: true, n, total: 0, counts };
        app.seed_tally(&on.on.agreement, &survey, "satisfaction", "2026-09-01", month(4, &[0, 0, 0, 4, 0])).await;
        app.seed_tally(&on.on.agreement, &survey, "satisfaction", "2026-10-01", month(40, &[10, 5, 5, 10, 10])).await;
        app.job(MONTHS).await;
        let path = on.accepted(json!({"metric": {"kind": "csat", "target": 0.8}})).await;
        let before = on.admin.get(&path).await.expect(200).body["baseline"].clone();
        assert_eq!((&before["k"], &before["n"]), (&json!(20), &json!(40)), "four answers are nobody's business");
        assert_eq!(before["window"], json!({"from": "2026-09-01", "to": "2026-10-31"}));
        on.admin.act(&format!("{path}/start")).await.expect(200);
        app.clock.advance(TimeDelta::days(45));
        let on = on.later().await;
        app.seed_tally(&on.on.agreement, &survey, "satisfaction", "2026-12-01", month(40, &[0, 1, 1, 19, 19])).await;
        app.job(MONTHS).await;
        on.claim(&path, "2026-12-01").await.expect(200);
        let found = on.owner.post(&format!("{path}/verify"), json!({})).await.expect(200).body;
        assert_eq!((&found["status"], &found["effect"]["is_target_reached"]), (&json!("verified_effective"), &json!(true)));
        assert_eq!(found["effect"]["after"]["window"], json!({"from": "2026-12-01", "to": "2026-12-31"}));
        assert_eq!((&found["effect"]["after"]["k"], &found["effect"]["after"]["n"]), (&json!(38), &json!(40)));
    }
}
