//! What actions wait for is due from those who are to do it now.

use crate::both;
use accord::actions::HANDING_OVER;
use accord::shared::permission::Role;
use serde_json::json;

const NOTHING: [&str; 0] = [];

both! {
    async fn tasks_follow_the_owner_of_the_agreement(app: TestApp) {
        let on = app.improving().await;
        let agreement = format!("/v1/agreements/{}", on.on.agreement);
        let (one, two) = (app.colleague("one", Role::Manager).await, app.colleague("two", Role::Manager).await);
        let (first, second) = (one.get("/v1/me").await.expect(200).id(), two.get("/v1/me").await.expect(200).id());
        on.owner.patch(&agreement, json!({"owner_id": first})).await.expect(200);
        on.proposed(json!({})).await;
        let task = one.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&task["kind"], two.tasks().await), (&json!("action.sign"), vec![]));

        on.owner.patch(&agreement, json!({"owner_id": second})).await.expect(200);
        let mut handed = Vec::new();
        for _ in 0..2 {
            app.job(HANDING_OVER).await;
            assert_eq!(one.tasks().await, NOTHING);
            handed.push(two.get("/v1/me/tasks").await.expect(200).body["data"].clone());
        }
        assert_eq!(handed[0], handed[1], "what was handed over is not handed over again");
        assert_eq!(handed[0].as_array().map(Vec::len), Some(1));
        assert_eq!((&handed[0][0]["kind"], &handed[0][0]["due_at"]), (&json!("action.sign"), &task["due_at"]));
        assert_eq!(on.admin.tasks().await, ["action.sign"]);
    }

    async fn what_somebody_cannot_do_any_more_is_due_from_the_owner_of_the_agreement(app: TestApp) {
        let on = app.improving().await;
        let agreement = format!("/v1/agreements/{}", on.on.agreement);
        let (one, two) = (app.colleague("one", Role::Manager).await, app.colleague("two", Role::Manager).await);
        let (first, second) = (one.get("/v1/me").await.expect(200).id(), two.get("/v1/me").await.expect(200).id());
        on.owner.patch(&agreement, json!({"owner_id": second})).await.expect(200);
        on.accepted(json!({"side": "us", "person_id": null, "owner_id": first})).await;
        assert_eq!((one.tasks().await, two.tasks().await), (vec!["action.do".to_owned()], vec![]));
        on.owner.act(&format!("/v1/users/{first}/disable")).await.expect(200);
        app.job(HANDING_OVER).await;
        assert_eq!(two.tasks().await, ["action.do"]);
    }
}
