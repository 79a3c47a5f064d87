//! Both sides rate each other, and nobody reads it before it is locked.

use crate::both;
use crate::support::reviews::{CRITERIA, Stage, ratings};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

both! {
    async fn ratings_are_hidden_until_they_are_locked(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Held).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let (one, two) = (app.colleague("one", Role::Manager).await, app.colleague("two", Role::Manager).await);
        let at = |verb: &str| format!("{path}/{verb}");
        one.post(&at("rate"), ratings(4)).await.expect(200);
        one.post(&at("rate"), json!({"ratings": [{"criterion": "value", "score": 3}]})).await.expect(200);
        two.post(&at("rate"), json!({"ratings": [{"criterion": "quality", "score": 1, "narrative": "Broken."}]})).await.expect(200);
        admin.post(&at("rate"), json!({"ratings": [{"criterion": "communication", "score": 2, "narrative": "Silence."}]})).await.expect(200);
        let nothing = json!({"score": null, "criteria": []});
        for (reader, own) in [(&one, 6), (&two, 1), (&admin, 1), (&owner, 0)] {
            let read = reader.get(&at("ratings")).await.expect(200).body;
            assert_eq!((&read["is_locked"], &read["of_supplier"], &read["of_us"]), (&json!(false), &nothing, &nothing));
            assert_eq!(read["mine"].as_array().expect("a list").len(), own);
        }
        assert_eq!(admin.get(&path).await.expect(200).body["grade"], Value::Null);

        owner.act(&at("lock-ratings")).await.refused(422, "rule_violated");
        owner.post(&at("would-use-again"), json!({"would_use_again": true, "reason": "They learn."})).await.expect(200);
        assert_eq!(admin.get(&path).await.expect(200).body["would_use_again"], Value::Null, "not before ratings are locked");
        let locked = owner.act(&at("lock-ratings")).await.expect(200).body;
        // Quality 2.5, value 3, the others 4.
        assert_eq!((&locked["status"], &locked["score"], &locked["grade"]), (&json!("responding"), &json!(21.5 / 6.0), &json!("C")));
        one.post(&at("rate"), ratings(5)).await.refused(409, "invalid_state");

        let read = admin.get(&at("ratings")).await.expect(200).body;
        let quality = &read["of_supplier"]["criteria"][1];
        let numbers = (&quality["criterion"], &quality["n"], &quality["mean"], &quality["median"], &quality["min"], &quality["max"], &quality["standard_deviation"]);
        assert_eq!(numbers, (&json!("quality"), &json!(2), &json!(2.5), &json!(2.5), &json!(1), &json!(4), &json!(1.5)));
        assert_eq!(quality["ratings"][0]["rater_id"], Value::Null, "who it was is told to the own side");
        assert_eq!(read["of_us"]["criteria"][0]["ratings"][0]["narrative"], "Silence.");
        assert_eq!(read["of_us"]["criteria"][0]["ratings"][0]["rater_id"], admin.get("/v1/me").await.expect(200).body["id"]);
        let read = one.get(&at("ratings")).await.expect(200).body;
        assert!(read["of_supplier"]["criteria"][1]["ratings"][0]["rater_id"].is_string());
        assert_eq!(admin.get(&path).await.expect(200).body["would_use_again"], true);
        let due = admin.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&due["kind"], &due["due_at"]), (&json!("review.respond"), &json!("2026-12-06T00:00:00.000Z")));
    }

    async fn what_is_said_without_words_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Held).await;
        let rated = async |all: Value| owner.post(&format!("{path}/rate"), all).await;
        for score in [1, 2, 5] {
            let refused = rated(json!({"ratings": [{"criterion": "value", "score": score}]})).await.refused(422, "rule_violated");
            assert_eq!(refused.errors(), ["#/ratings/0/narrative rule_violated"]);
        }
        let twice = json!({"ratings": [{"criterion": "value", "score": 3}, {"criterion": "value", "score": 4}]});
        assert_eq!(rated(twice).await.refused(422, "rule_violated").errors(), ["#/ratings/1/criterion rule_violated"]);
        let reason = json!({"ratings": [{"criterion": "value", "score": 3}], "reason": "I was wrong."});
        assert_eq!(rated(reason).await.refused(422, "rule_violated").errors(), ["#/reason rule_violated"]);
        rated(json!({"ratings": [{"criterion": "value", "score": 6}]})).await.refused(400, "validation_failed");
        rated(json!({"ratings": [{"criterion": "value", "score": 3}]})).await.expect(200);
        owner.post(&format!("{path}/would-use-again"), json!({"would_use_again": false, "reason": "No."})).await.expect(200);
        let refused = owner.act(&format!("{path}/lock-ratings")).await.refused(422, "rule_violated");
        let mut missing: Vec<_> = CRITERIA[..5].iter().map(|one| format!("#/ratings/{one} rule_violated")).collect();
        missing.sort();
        assert_eq!(refused.errors(), missing);
    }

    async fn only_the_owner_of_the_agreement_says_whether_to_do_it_again(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let manager = app.sign_in(Role::Manager, None).await;
        let me = manager.get("/v1/me").await.expect(200).id();
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        let path = app.reviewed(&on, Stage::Held).await;
        let said = json!({"would_use_again": false, "reason": "Never."});
        owner.post(&format!("{path}/would-use-again"), said.clone()).await.refused(403, "forbidden");
        manager.post(&format!("{path}/would-use-again"), said).await.expect(200);
        manager.post(&format!("{path}/rate"), ratings(5)).await.expect(200);
        app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await.post(&format!("{path}/rate"), ratings(5)).await.expect(200);
        let locked = manager.act(&format!("{path}/lock-ratings")).await.expect(200).body;
        assert_eq!((&locked["score"], &locked["grade"]), (&json!(5.0), &json!("C")), "whoever would not do it again gives no A");
    }

    async fn ratings_wait_for_the_supplier_or_14_days(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let (me, contact) = (owner.get("/v1/me").await.expect(200).id(), owner.contact(&on.supplier).await);
        // What counts is when it was written down.
        let held = json!({"held_on": "2026-10-31", "present": [{"account_id": me}, {"person_id": contact}]});
        owner.post(&format!("{path}/hold"), held).await.expect(200);
        owner.post(&format!("{path}/rate"), ratings(4)).await.expect(200);
        owner.post(&format!("{path}/would-use-again"), json!({"would_use_again": true, "reason": "Good."})).await.expect(200);
        app.clock.advance(TimeDelta::days(13));
        let owner = app.owner().await;
        let refused = owner.act(&format!("{path}/lock-ratings")).await.refused(422, "rule_violated");
        assert!(refused.body["detail"].as_str().expect("a sentence").contains("2026-12-05"), "{}", refused.text);
        app.clock.advance(TimeDelta::days(1));
        app.owner().await.act(&format!("{path}/lock-ratings")).await.expect(200);
    }

    async fn a_manager_stands_in_for_an_owner_who_is_gone(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let gone = app.sign_in(Role::Reviewer, None).await.get("/v1/me").await.expect(200).id();
        let stays = app.colleague("stays", Role::Reviewer).await;
        let reviewer = stays.get("/v1/me").await.expect(200).id();
        let people = json!({"owner_id": gone, "reviewer_ids": [reviewer]});
        owner.patch(&format!("/v1/agreements/{}", on.agreement), people).await.expect(200);
        let path = app.reviewed(&on, Stage::Held).await;
        let at = format!("{path}/would-use-again");
        let said = json!({"would_use_again": true, "reason": "They learn."});
        let manager = app.sign_in(Role::Manager, None).await;
        manager.post(&at, said.clone()).await.refused(403, "forbidden");
        owner.act(&format!("/v1/users/{gone}/disable")).await.expect(200);
        stays.post(&at, said.clone()).await.refused(403, "forbidden");
        assert_eq!(manager.post(&at, said).await.expect(200).body["would_use_again"], true);
    }
}
