//! In every state somebody is waited for, and knows it.

use crate::both;
use crate::support::TestApp;
use crate::support::reviews::{Stage, ratings};
use crate::support::seed::Seeded;
use accord::reviews::DATES;
use accord::shared::permission::Role;
use serde_json::{Value, json};

const NOTHING: [&str; 0] = [];

/// Gives the agreement to somebody.
async fn give(app: &TestApp, on: &Seeded, change: Value) {
    app.owner().await.patch(&format!("/v1/agreements/{}", on.agreement), change).await.expect(200);
}

both! {
    async fn every_state_in_which_somebody_is_waited_for_has_its_task(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let mine = app.colleague("mine", Role::Manager).await;
        let me = mine.get("/v1/me").await.expect(200).id();
        give(&app, &on, json!({"owner_id": me})).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let user = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let at = |verb: &str| format!("{path}/{verb}");
        assert_eq!((mine.tasks().await, admin.tasks().await), (vec!["review.prepare".to_owned()], vec![]));
        app.bring(&path, &on, Stage::Ready).await;
        mine.hold(&path, &on).await.expect(200);
        assert_eq!((mine.tasks().await, admin.tasks().await), (vec!["review.rate".to_owned()], vec!["review.rate".to_owned()]));
        mine.post(&at("rate"), ratings(4)).await.expect(200);
        assert_eq!((mine.tasks().await, admin.tasks().await), (vec![], vec!["review.rate".to_owned()]));
        app.job(DATES).await;
        assert_eq!(mine.tasks().await, NOTHING, "what is done stays so");
        admin.post(&at("rate"), ratings(4)).await.expect(200);
        mine.post(&at("would-use-again"), json!({"would_use_again": true, "reason": "Good."})).await.expect(200);
        mine.act(&at("lock-ratings")).await.expect(200);
        assert_eq!((admin.tasks().await, user.tasks().await), (vec!["review.respond".to_owned()], vec![]), "for administrators only");
        admin.post(&at("respond"), json!({"kind": "agree"})).await.expect(200);
        assert_eq!((mine.tasks().await, admin.tasks().await), (vec!["review.conclude".to_owned()], vec![]));
        mine.act(&at("commit")).await.expect(200);
        assert_eq!(mine.tasks().await, ["review.conclude"]);
        mine.act(&at("close")).await.expect(200);
        assert_eq!(mine.tasks().await, NOTHING);
    }

    async fn tasks_follow_the_owner_and_the_reviewers(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let (one, two) = (app.colleague("one", Role::Manager).await, app.colleague("two", Role::Reviewer).await);
        let (first, second) = (one.get("/v1/me").await.expect(200).id(), two.get("/v1/me").await.expect(200).id());
        give(&app, &on, json!({"owner_id": first})).await;
        app.reviewed(&on, Stage::Scheduled).await;
        assert_eq!((one.tasks().await, two.tasks().await), (vec!["review.prepare".to_owned()], vec![]));
        give(&app, &on, json!({"owner_id": null, "reviewer_ids": [second]})).await;
        app.job(DATES).await;
        assert_eq!((one.tasks().await, two.tasks().await), (vec![], vec!["review.prepare".to_owned()]));
    }
}
