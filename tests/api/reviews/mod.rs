//! Reviews: the whole story, and who may do what.

mod calendar;
mod closing;
mod evidence;
mod rating;
mod responding;
mod schedule;
mod steps;
mod tasks;

use crate::both;
use crate::support::reviews::Stage;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn a_review_goes_from_scheduled_to_closed(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Scheduled).await;
        let made = owner.get(&path).await.expect(200).body;
        let said = (&made["status"], &made["number"], &made["origin"], &made["version"], &made["attendees"]);
        assert_eq!(said, (&json!("scheduled"), &json!(1), &json!("extra"), &json!(1), &json!([])));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        // The supplier knows the day, and nothing else.
        let known = admin.get(&path).await.expect(200).body;
        assert_eq!((&known["scheduled_on"], &known["period_to"]), (&json!("2026-11-21"), &json!("2026-10-31")));
        assert_eq!(admin.get("/v1/reviews?count=true").await.expect(200).body["total_count"], 1);
        admin.get(&format!("{path}/pack")).await.refused(404, "not_found");

        app.bring(&path, &on, Stage::Closed).await;
        let closed = owner.get(&path).await.expect(200).body;
        assert_eq!((&closed["status"], &closed["grade"], &closed["score"]), (&json!("closed"), &json!("B"), &json!(4.0)));
        assert_eq!((&closed["response"]["kind"], &closed["respond_by"]), (&json!("agree"), &json!("2026-12-05")));
        for at in ["ready_at", "ratings_locked_at", "finalised_at", "committed_at", "closed_at"] {
            assert_eq!(closed[at], "2026-11-21T09:00:00.000Z", "{at}");
        }
        let attendees = closed["attendees"].as_array().expect("a list");
        let present: Vec<_> = attendees.iter().map(|one| (&one["name"], &one["side"], &one["is_present"], &one["is_main_contact"])).collect();
        let (us, supplier, yes, no) = (json!("us"), json!("supplier"), json!(true), json!(false));
        assert_eq!(present, [(&json!("Mia Berg"), &supplier, &yes, &yes), (&json!("rater"), &us, &yes, &no)]);
        let seen = admin.get(&path).await.expect(200).body;
        assert_eq!((&seen["grade"], &seen["attendees"][1]["account_id"]), (&json!("B"), &Value::Null));
        let events = owner.get(&format!("/v1/audit-events?resource_id={}&limit=100", closed["id"].as_str().expect("an id"))).await;
        let mut actions = events.expect(200).each("action");
        actions.reverse();
        let story = ["call", "ready", "hold", "rate", "rate", "would-use-again", "lock-ratings", "respond", "commit", "close"];
        assert_eq!(actions, story.map(|step| format!("review.{step}")));
    }

    async fn other_suppliers_see_nothing(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        let warning = json!({"agreement_id": on.agreement, "text": "Parts run out."});
        let made = owner.post("/v1/early-warnings", warning.clone()).await.expect(201);
        let other = owner.supplier("Other").await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        for list in ["/v1/reviews?count=true", "/v1/early-warnings?count=true"] {
            let list = stranger.get(list).await.expect(200);
            assert_eq!((&list.body["data"], &list.body["total_count"]), (&json!([]), &json!(0)));
        }
        for below in ["", "/pack", "/pack.html", "/ratings", "/expectations"] {
            stranger.get(&format!("{path}{below}")).await.refused(404, "not_found");
        }
        stranger.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(404, "not_found");
        stranger.post(&format!("{path}/rate"), crate::support::reviews::ratings(3)).await.refused(404, "not_found");
        stranger.get(made.header("location")).await.refused(404, "not_found");
        let refused = stranger.post("/v1/early-warnings", warning).await.refused(422, "invalid_reference");
        assert_eq!(refused.errors(), ["#/agreement_id invalid_reference"]);
    }

    async fn roles_do_what_the_table_says(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let user = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let auditor = app.sign_in(Role::Auditor, None).await;
        for reader in [&user, &admin, &auditor] {
            assert_eq!(reader.get("/v1/reviews").await.expect(200).each("status"), ["ready"]);
            reader.hold_nothing(&path).await;
        }
        user.post(&format!("{path}/rate"), crate::support::reviews::ratings(3)).await.refused(403, "forbidden");
        app.sign_in(Role::Agent, None).await.get(&path).await.refused(403, "forbidden");
        // Reviewers work on agreements of theirs.
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        reviewer.get(&path).await.refused(404, "not_found");
        let new = json!({"agreement_id": on.agreement, "scheduled_on": "2026-12-01"});
        reviewer.post("/v1/reviews", new.clone()).await.refused(422, "invalid_reference");
        let id = |text: &str| accord::shared::id::parse(text).expect("an id").into();
        let me = reviewer.get("/v1/me").await.expect(200).id();
        app.row("agreement_reviewer", false, vec![("agreement_id", id(&on.agreement)), ("account_id", id(&me))]).await;
        let made = reviewer.post("/v1/reviews", new).await.expect(201).body;
        assert_eq!((&made["period_from"], &made["period_to"], &made["number"]), (&json!("2026-11-01"), &json!("2026-11-30"), &json!(2)));
        assert_eq!(made["attendees"][0]["account_id"], me);
        reviewer.hold_nothing(&path).await;
        let task = reviewer.get("/v1/me/tasks").await.expect(200).body["data"][0].clone();
        assert_eq!((&task["kind"], &task["due_at"]), (&json!("review.prepare"), &json!("2026-12-02T00:00:00.000Z")));
    }

    async fn users_of_a_suspended_supplier_only_read(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Responding).await;
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{}/{verb}", on.supplier)).await.expect(200);
        }
        owner.post(&format!("/v1/suppliers/{}/suspend", on.supplier), json!({"reason": "No insurance."})).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.get(&path).await.expect(200);
        admin.post(&format!("{path}/respond"), json!({"kind": "agree"})).await.refused(403, "forbidden");
        let warning = json!({"agreement_id": on.agreement, "text": "Parts run out."});
        admin.post("/v1/early-warnings", warning).await.refused(403, "forbidden");
    }
}

impl crate::support::Caller<'_> {
    /// It is not for the caller to say that a review was held.
    async fn hold_nothing(&self, path: &str) {
        let nobody = json!({"present": [{"account_id": "01946f1e-d0f6-7e3b-8c88-3d4e5f607182"}]});
        self.post(&format!("{path}/hold"), nobody).await.refused(403, "forbidden");
    }
}
