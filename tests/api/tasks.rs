//! What is due from whom, and the mails about it.

use crate::both;
use crate::support::seed::instant;
use crate::support::{Caller, TestApp};
use accord::shared::id;
use accord::shared::jobs::schedule;
use accord::shared::jobs::worker::run_one;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::json;

/// Something due from the caller; it is 21 November, 9 o'clock.
async fn due(app: &TestApp, from: &Caller<'_>, due_at: &str, remind_at: &str) -> String {
    let (id, resource) = (app.clock.uuid(), app.clock.uuid());
    let me = from.get("/v1/me").await.expect(200).id();
    let cells = vec![
        ("id", id.into()),
        ("account_id", id::parse(&me).expect("an id").into()),
        ("kind", "follow_up.required".into()),
        ("resource_id", resource.into()),
        ("title", "Contact an unhappy customer".into()),
        ("due_at", instant(due_at)),
        ("remind_at", instant(remind_at)),
        ("reminders", 0i64.into()),
    ];
    app.row("notification", true, cells).await;
    id.to_string()
}

/// What instances do when they look for work.
async fn work(app: &TestApp) {
    let work = accord::app::work();
    for _ in 0..2 {
        schedule::tick(&app.app, &work.schedules).await.expect("the schedules");
    }
    while run_one(&app.app, &work).await.expect("a worker") {}
}

/// The subjects of all mails until then.
async fn subjects_after(app: &TestApp, minutes: i64) -> Vec<String> {
    app.clock.advance(TimeDelta::minutes(minutes));
    work(app).await;
    app.mails().await.into_iter().map(|mail| mail.subject).collect()
}

both! {
    async fn what_is_due_from_one_is_listed_soonest_first(app: TestApp) {
        let owner = app.owner().await;
        let later = due(&app, &owner, "2026-11-23T09:00:00Z", "2026-11-22T09:00:00Z").await;
        let over = due(&app, &owner, "2026-11-20T09:00:00Z", "2026-11-19T09:00:00Z").await;
        let soon = due(&app, &owner, "2026-11-22T09:00:00Z", "2026-11-21T12:00:00Z").await;
        let list = owner.get("/v1/me/tasks?count=true").await.expect(200);
        assert_eq!(list.each("id"), [&*over, &*soon, &*later]);
        assert_eq!(list.body["total_count"], 3);
        let first = &list.body["data"][0];
        assert_eq!((&first["kind"], &first["is_overdue"], &first["done_at"]), (&json!("follow_up.required"), &json!(true), &json!(null)));
        let path = format!("/v1/follow-ups/{}", first["resource_id"].as_str().expect("an id"));
        assert_eq!(first["resource_path"], path);
        assert_eq!(owner.walk("/v1/me/tasks?limit=1", "id").await, [&*over, &*soon, &*later]);
        assert_eq!(owner.get("/v1/me/tasks?overdue=true").await.expect(200).each("id"), [&*over]);
        assert_eq!(owner.get("/v1/me/tasks?overdue=false").await.expect(200).each("id"), [&*soon, &*later]);
        let second = "SELECT id FROM notification ORDER BY due_at LIMIT 1 OFFSET 1";
        app.sql(&format!("UPDATE notification SET done_at = due_at WHERE id IN ({second})")).await;
        assert_eq!(owner.get("/v1/me/tasks").await.expect(200).each("id"), [&*over, &*later]);
        assert_eq!(owner.get("/v1/me/tasks?done=true").await.expect(200).each("id"), [&*soon]);
        assert_eq!(owner.get("/v1/me/tasks?done=true&overdue=true").await.expect(200).each("id"), [""; 0]);
    }

    async fn nobody_sees_what_is_due_from_others(app: TestApp) {
        let owner = app.owner().await;
        due(&app, &owner, "2026-11-22T09:00:00Z", "2026-11-21T12:00:00Z").await;
        let manager = app.sign_in(Role::Manager, None).await;
        assert_eq!(manager.get("/v1/me/tasks").await.expect(200).each("id"), [""; 0]);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&owner.supplier("Acme").await)).await;
        assert_eq!(admin.get("/v1/me/tasks").await.expect(200).each("id"), [""; 0]);
        let key = owner.post("/v1/api-keys", json!({"name": "Nightly", "scopes": ["feedback:read"]})).await.expect(201);
        let key = app.with_token(key.body["key"].as_str().expect("a key"));
        assert_eq!(key.get("/v1/me/tasks?count=true").await.expect(200).body["total_count"], 0);
        app.nobody().get("/v1/me/tasks").await.refused(401, "missing_credentials");
    }

    async fn one_is_reminded_until_it_is_done_and_five_times_at_most(app: TestApp) {
        let owner = app.owner().await;
        due(&app, &owner, "2026-11-21T12:00:00Z", "2026-11-21T10:00:00Z").await;
        assert_eq!(subjects_after(&app, 59).await, [""; 0]);
        assert_eq!(subjects_after(&app, 2).await, ["Due: Contact an unhappy customer"]);
        assert_eq!(subjects_after(&app, 60).await.len(), 1);
        let mail = app.mail_to("owner@accord.example").await;
        assert!(mail.text.contains("is due from you by 2026-11-21 12:00 UTC"), "{}", mail.text);
        assert!(mail.text.contains("GET https://accord.example/v1/follow-ups/"), "{}", mail.text);
        assert_eq!(subjects_after(&app, 60).await[1..], ["Overdue: Contact an unhappy customer"]);
        for sent in [3, 4, 5, 5, 5] {
            assert_eq!(subjects_after(&app, 24 * 60).await.len(), sent);
        }
    }

    async fn what_is_done_or_gone_is_not_reminded_of(app: TestApp) {
        let [owner, manager] = [app.owner().await, app.sign_in(Role::Manager, None).await];
        due(&app, &owner, "2026-11-22T09:00:00Z", "2026-11-21T10:00:00Z").await;
        due(&app, &manager, "2026-11-22T09:00:00Z", "2026-11-21T10:00:00Z").await;
        let owners = "SELECT id FROM account WHERE role = 'owner'";
        let done = "UPDATE notification SET done_at = created_at, remind_at = NULL";
        app.sql(&format!("{done} WHERE account_id IN ({owners})")).await;
        app.sql("UPDATE account SET disabled_at = created_at WHERE role = 'manager'").await;
        assert_eq!(subjects_after(&app, 24 * 60 + 1).await, [""; 0]);
        // Whoever comes back is reminded of what is still due.
        app.sql("UPDATE account SET disabled_at = NULL").await;
        assert_eq!(subjects_after(&app, 24 * 60).await, ["Overdue: Contact an unhappy customer"]);
        // Deleting somebody takes it away.
        let owner = app.owner().await;
        let manager = app.sign_in(Role::Manager, None).await.get("/v1/me").await.expect(200).id();
        owner.delete(&format!("/v1/users/{manager}")).await.expect(204);
        assert_eq!(app.everything(&["notification"]).await.lines().count(), 1);
    }

    async fn each_reminder_goes_out_once_however_many_look(app: TestApp) {
        let owner = app.owner().await;
        for _ in 0..3 {
            due(&app, &owner, "2026-11-22T09:00:00Z", "2026-11-21T10:00:00Z").await;
        }
        let second = app.second_instance().await;
        app.clock.advance(TimeDelta::minutes(58));
        work(&app).await;
        app.clock.advance(TimeDelta::minutes(3));
        tokio::join!(work(&app), work(&second));
        assert_eq!(app.mails().await.len() + second.mails().await.len(), 3);
        assert_eq!(app.job_payloads("mail.send").await.len(), 3);
    }
}
