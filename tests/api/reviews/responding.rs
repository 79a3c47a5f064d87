//! The supplier responds, or does not; what it disputes is decided by somebody else.

use crate::both;
use crate::support::reviews::{Stage, ratings};
use accord::reviews::DATES;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

both! {
    async fn what_is_disputed_is_decided_by_somebody_uninvolved(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let manager = app.sign_in(Role::Manager, None).await;
        let me = manager.get("/v1/me").await.expect(200).id();
        let path = app.reviewed(&on, Stage::Disputed).await;
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        let at = |verb: &str| format!("{path}/{verb}");
        let ruling = json!({"outcome": "sent_back", "reason": "Look at June again."});
        manager.post(&at("decide"), ruling.clone()).await.refused(403, "forbidden");
        let rater = app.colleague("rater", Role::Manager).await;
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).each("kind"), ["review.decide"]);
        let decided = owner.post(&at("decide"), ruling).await.expect(200).body;
        assert_eq!((&decided["status"], &decided["decision"]["outcome"], &decided["grade"]), (&json!("decided"), &json!("sent_back"), &json!("B")));
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let seen = admin.get(&path).await.expect(200).body;
        assert_eq!((&seen["decision"]["reason"], &seen["decision"]["decided_by"]), (&json!("Look at June again."), &Value::Null));

        owner.act(&at("finalise")).await.refused(422, "rule_violated");
        rater.post(&at("rate"), ratings(5)).await.refused(422, "rule_violated");
        admin.post(&at("rate"), ratings(5)).await.refused(409, "invalid_state");
        let better = json!({"ratings": [{"criterion": "quality", "score": 5, "narrative": "June was ours."}], "reason": "We forgot the parts."});
        // Who did not rate before has nothing to change, nor has who decided.
        manager.post(&at("rate"), better.clone()).await.refused(403, "forbidden");
        owner.post(&at("rate"), better.clone()).await.refused(403, "forbidden");
        rater.post(&at("rate"), better).await.expect(200);
        let quality = async |reader: &crate::support::Caller<'_>| {
            let read = reader.get(&at("ratings")).await.expect(200).body;
            read["of_supplier"]["criteria"][1]["ratings"][0]["score"].clone()
        };
        assert_eq!((quality(&admin).await, quality(&owner).await), (json!(4), json!(4)), "not before it is finalised");
        assert_eq!(rater.get(&at("ratings")).await.expect(200).body["mine"][1]["score"], 5);
        let finalised = owner.act(&at("finalise")).await.expect(200).body;
        assert_eq!((&finalised["status"], &finalised["score"]), (&json!("finalised"), &json!(25.0 / 6.0)));
        let read = admin.get(&at("ratings")).await.expect(200).body;
        let quality = &read["of_supplier"]["criteria"][1]["ratings"][0];
        assert_eq!((&quality["score"], &quality["changed_because"]), (&json!(5), &json!("We forgot the parts.")));
        let rows = app.everything(&["review_rating"]).await;
        assert_eq!(rows.lines().count(), 13, "what was said first stays");
    }

    async fn what_is_upheld_is_not_rated_again(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Decided).await;
        let again = json!({"ratings": [{"criterion": "value", "score": 3}], "reason": "Still."});
        owner.post(&format!("{path}/rate"), again).await.refused(409, "invalid_state");
        let finalised = owner.act(&format!("{path}/finalise")).await.expect(200).body;
        assert_eq!((&finalised["status"], &finalised["grade"]), (&json!("finalised"), &json!("B")));
    }

    async fn no_response_in_14_days_is_none(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        app.clock.advance(TimeDelta::days(14));
        app.job(DATES).await;
        assert_eq!(app.owner().await.get(&path).await.expect(200).body["status"], "responding", "the last day");
        app.clock.advance(TimeDelta::days(1));
        app.job(DATES).await;
        app.job(DATES).await;
        let over = app.owner().await.get(&path).await.expect(200).body;
        assert_eq!((&over["status"], &over["response"]["kind"], &over["response"]["text"]), (&json!("finalised"), &json!("none"), &Value::Null));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(409, "invalid_state");
        assert_eq!(admin.get("/v1/me/tasks").await.expect(200).body["data"], json!([]));
    }

    async fn whoever_does_not_agree_says_why(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        for kind in ["partly", "disagree"] {
            let refused = admin.post(&format!("{path}/respond"), json!({"kind": kind})).await.refused(422, "rule_violated");
            assert_eq!(refused.errors(), ["#/text rule_violated"]);
        }
        let manager = app.sign_in(Role::Manager, None).await;
        manager.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(403, "forbidden");
        let partly = json!({"kind": "partly", "text": "But June was yours."});
        let done = admin.post(&format!("{path}/respond"), partly).await.expect(200).body;
        assert_eq!((&done["status"], &done["response"]["text"]), (&json!("finalised"), &json!("But June was yours.")));
    }

    async fn whoever_had_a_part_in_it_does_not_decide(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Rated).await;
        let at = |verb: &str| format!("{path}/{verb}");
        let (led, rated) = (app.colleague("led", Role::Owner).await, app.colleague("rated", Role::Owner).await);
        rated.post(&at("rate"), json!({"ratings": [{"criterion": "value", "score": 4}]})).await.expect(200);
        led.act(&at("lock-ratings")).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.post(&at("respond"), json!({"kind": "disagree", "text": "It was better."})).await.expect(200);
        let ruling = json!({"outcome": "upheld", "reason": "It stands."});
        for involved in [&led, &rated] {
            involved.post(&at("decide"), ruling.clone()).await.refused(422, "four_eyes");
            assert_eq!(involved.tasks().await, [""; 0]);
        }
        owner.post(&at("decide"), ruling).await.expect(200);
    }

    async fn staff_responds_only_where_nobody_can_sign_in(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        let agree = json!({"kind": "agree"});
        owner.post(&format!("{path}/respond"), agree.clone()).await.refused(403, "forbidden");
        assert_eq!(owner.get(&path).await.expect(200).body["status"], "responding");
        app.disable_admin(&on.supplier).await;
        let done = owner.post(&format!("{path}/respond"), agree).await.expect(200).body;
        assert_eq!((&done["status"], &done["response"]["is_on_behalf"]), (&json!("finalised"), &json!(true)));
        let id = path.trim_start_matches("/v1/reviews/");
        let events = owner.get(&format!("/v1/audit-events?resource_id={id}&limit=100")).await.expect(200).body;
        let fact = events["data"].as_array().expect("a list").iter().find(|one| one["action"] == "review.respond").expect("the fact");
        assert!(fact.to_string().contains(r#""is_on_behalf":true"#), "{fact}");
    }

    async fn the_time_to_respond_stands_still_while_the_supplier_is_suspended(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        let of = |verb: &str| format!("/v1/suppliers/{}/{verb}", on.supplier);
        for verb in ["nominate", "qualify"] {
            owner.act(&of(verb)).await.expect(200);
        }
        owner.post(&of("suspend"), json!({"reason": "No insurance."})).await.expect(200);
        app.job(DATES).await;
        app.clock.advance(TimeDelta::days(30));
        app.job(DATES).await;
        let owner = app.owner().await;
        let waits = owner.get(&path).await.expect(200).body;
        assert_eq!((&waits["status"], &waits["respond_by"]), (&json!("responding"), &Value::Null));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        assert_eq!(admin.tasks().await, [""; 0]);
        owner.post(&of("reinstate"), json!({"reason": "Insured again."})).await.expect(200);
        app.job(DATES).await;
        app.job(DATES).await;
        assert_eq!(owner.get(&path).await.expect(200).body["respond_by"], "2027-01-04");
        assert_eq!(admin.tasks().await, ["review.respond"]);
        app.clock.advance(TimeDelta::days(15));
        app.job(DATES).await;
        assert_eq!(app.owner().await.get(&path).await.expect(200).body["response"]["kind"], "none");
    }
}
