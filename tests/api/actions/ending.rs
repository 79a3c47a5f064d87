//! Giving up takes two; what ended is still read.

use crate::both;
use accord::actions::of_agreement;
use accord::shared::id::AgreementId;
use accord::shared::stats::Window;
use serde_json::json;

both! {
    async fn only_both_sides_give_an_action_up(app: TestApp) {
        let on = app.improving().await;
        let path = on.accepted(json!({})).await;
        let abandon = format!("{path}/abandon");
        let first = on.owner.post(&abandon, json!({"reason": "Too dear.", "title": "Head of service"})).await.expect(200).body;
        assert_eq!((&first["status"], &first["abandonments"][0]["reason"]), (&json!("accepted"), &json!("Too dear.")));
        on.manager.post(&abandon, json!({"reason": "Too dear."})).await.refused(409, "already_exists");
        on.admin.post(&abandon, json!({"reason": "r", "on_paper": {"side": "us", "name": "x", "signed_on": "2026-11-21"}})).await.refused(403, "forbidden");
        on.admin.post(&abandon, json!({})).await.refused(400, "validation_failed");
        let over = on.admin.post(&abandon, json!({"reason": "We agree."})).await.expect(200).body;
        assert_eq!((&over["status"], &over["ended_on"]), (&json!("abandoned"), &json!("2026-11-21")));
        let sides: Vec<_> = over["abandonments"].as_array().expect("a list").iter().map(|one| one["side"].clone()).collect();
        assert_eq!(sides, ["us", "supplier"]);
    }

    async fn whoever_goes_on_has_not_given_up(app: TestApp) {
        let on = app.improving().await;
        let path = on.accepted(json!({})).await;
        let abandon = format!("{path}/abandon");
        on.owner.post(&abandon, json!({"reason": "Too dear."})).await.expect(200);
        let started = on.admin.act(&format!("{path}/start")).await.expect(200).body;
        assert_eq!(started["abandonments"], json!([]));
        on.admin.post(&abandon, json!({"reason": "Too hard."})).await.expect(200);
        let paper = json!({"reason": "Said so.", "on_paper": {"side": "us", "name": "Ann", "signed_on": "2026-11-21"}});
        assert_eq!(on.owner.post(&abandon, paper).await.expect(200).body["status"], json!("abandoned"));
    }

    async fn what_is_open_or_ended_in_a_period_is_found_for_its_review(app: TestApp) {
        let on = app.improving().await;
        on.proposed(json!({"title": "Open"})).await;
        let path = on.proposed(json!({"title": "Withdrawn"})).await;
        on.owner.post(&format!("{path}/withdraw"), json!({"reason": "r"})).await.expect(200);
        let agreement = AgreementId(accord::shared::id::parse(&on.on.agreement).expect("an id"));
        let found = async |from: &str, to: &str| {
            let window = Window { from: from.parse().expect("a day"), to: to.parse().expect("a day") };
            let all = of_agreement(app.app.db.fresh(), &app.clock, agreement, window).await.expect("actions");
            all.into_iter().map(|action| action.terms.title).collect::<Vec<_>>()
        };
        assert_eq!(found("2026-10-01", "2026-12-31").await, ["Open", "Withdrawn"]);
        assert_eq!(found("2026-07-01", "2026-09-30").await, ["Open"]);
    }

    async fn who_answers_for_an_action_stays_known(app: TestApp) {
        let on = app.improving().await;
        on.proposed(json!({})).await;
        let driver = format!("/v1/suppliers/{}/people/{}", on.on.supplier, on.driver);
        on.owner.delete(&driver).await.refused(409, "in_use");
        on.owner.delete(&format!("/v1/suppliers/{}", on.on.supplier)).await.refused(409, "in_use");
    }
}
