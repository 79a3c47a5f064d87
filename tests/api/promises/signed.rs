//! What is published and what is signed are the same.

use crate::both;
use crate::negotiation::in_force;
use crate::support::seed::Terms;
use crate::support::{Caller, TestApp};
use accord::promises::COMPARING;
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{self, ATTEMPTS, NewJob};
use accord::shared::permission::Role;
use serde_json::{Value, json};

async fn compare(app: &TestApp) {
    let input = app.clock.clone();
    let enqueued = app.app.db.write(input, |txn, clock| {
        let new = NewJob { kind: COMPARING, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
        Box::pin(jobs::enqueue(txn, clock, new))
    });
    enqueued.await.expect("a job");
    while run_one(&app.app, &accord::app::work()).await.expect("it runs") {}
}

fn approval() -> Value {
    json!({"approval": {"reason": "New.", "recheck_on": "2027-06-01"}})
}

/// A clause of the agreement, and a published promise on it.
async fn published(owner: &Caller<'_>, agreement: &str, direction: &str) -> (Value, String) {
    let (clause, path) = checked(owner, agreement, direction).await;
    owner.post(&format!("{path}/publish"), approval()).await.expect(200);
    (clause, path)
}

/// A clause of the agreement, and a checked promise on it.
async fn checked(owner: &Caller<'_>, agreement: &str, direction: &str) -> (Value, String) {
    let clauses =
        owner.get(&format!("{agreement}/expectations?direction={direction}&limit=100")).await.expect(200).body;
    let measured = |clause: &&Value| clause["metric"] == "duration" && clause["reliability"].as_f64() <= Some(0.95);
    let clause = clauses["data"].as_array().expect("clauses").iter().find(measured).expect("one with a time").clone();
    let id = agreement.rsplit('/').next().expect("an id");
    let new = json!({"agreement_id": id, "expectation_id": clause["id"], "wording": "As signed."});
    let path = owner.post("/v1/promises", new).await.expect(201).header("location").to_owned();
    owner.act(&format!("{path}/check")).await.expect(200);
    (clause, path)
}

both! {
    async fn what_is_no_longer_signed_is_paused_until_it_has_the_signed_numbers(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, supplier) = in_force(&app, &owner, "Acme").await;
        let (clause, promise) = published(&owner, &agreement, "supplier_to_us").await;
        let (_, checked) = checked(&owner, &agreement, "supplier_to_us").await;
        let (customers, to_customers) = published(&owner, &agreement, "supplier_to_customer").await;
        let seen = async |path: &str| {
            let promise = owner.get(path).await.expect(200).body;
            (promise["status"].as_str().expect("a state").to_owned(), promise["differs_from_clause"] == true)
        };
        compare(&app).await;
        assert_eq!(seen(&promise).await, ("published".to_owned(), false));

        // Both clauses get more time; as long as that is not in force, nothing differs.
        owner.post(&format!("{agreement}/amend"), json!({})).await.expect(200);
        for clause in [&clause, &customers] {
            let path = format!("{agreement}/expectations/{}", clause["id"].as_str().expect("an id"));
            owner.patch(&path, json!({"target_duration": "PT240H"})).await.expect(200);
        }
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        owner.post(&format!("{agreement}/propose"), json!({})).await.expect(200);
        admin.post(&format!("{agreement}/agree"), json!({"accept_all": true})).await.expect(200);
        for side in [&owner, &admin] {
            side.post(&format!("{agreement}/sign"), json!({})).await.expect(200);
        }
        compare(&app).await;
        assert_eq!(seen(&promise).await, ("published".to_owned(), false));
        owner.post(&format!("{agreement}/activate"), json!({})).await.expect(200);
        assert_eq!(seen(&promise).await, ("published".to_owned(), true));
        let listed = owner.get("/v1/promises").await.expect(200).body;
        let differ = listed["data"].as_array().expect("promises").iter().filter(|one| one["differs_from_clause"] == true);
        assert_eq!(differ.count(), 2, "{listed}");
        let refusal = owner.post(&format!("{checked}/publish"), approval()).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/expectation_id rule_violated"]);

        compare(&app).await;
        compare(&app).await;
        assert_eq!(seen(&promise).await, ("paused".to_owned(), true));
        assert_eq!(seen(&to_customers).await, ("published".to_owned(), false));
        let paused = owner.get(&promise).await.expect(200).body;
        assert_eq!(paused["unpublished_at"], "2026-11-21T09:00:00.000Z");
        let events = owner.get("/v1/audit-events?action=promise.pause").await.expect(200).body;
        let events = events["data"].as_array().expect("events");
        assert_eq!((events.len(), &events[0]["actor"]["type"]), (1, &json!("program")));

        // It goes on with the signed numbers, not with the old ones.
        let refusal = owner.post(&format!("{promise}/resume"), approval()).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/expectation_id rule_violated"]);
        app.clock.advance(chrono::TimeDelta::minutes(1));
        owner.post(&format!("{promise}/versions"), json!({"wording": "Within ten days."})).await.expect(200);
        assert_eq!(seen(&promise).await, ("paused".to_owned(), false));
        owner.post(&format!("{promise}/resume"), approval()).await.expect(200);
        compare(&app).await;
        assert_eq!(seen(&promise).await, ("published".to_owned(), false));
        assert_eq!(owner.get(&promise).await.expect(200).body["target_duration"], "P10D");
    }
    async fn what_is_promised_ends_with_its_agreement(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let other = app.seed_agreement(&owner.supplier("Other").await).await;
        let mut ids = Vec::new();
        for (on, direction) in [(&on, "supplier_to_us"), (&on, "supplier_to_customer"), (&other, "supplier_to_us")] {
            ids.push(app.seed_promise(on, Terms { direction, ..Terms::default() }).await);
        }
        for ended in ["expired", "terminated", "renewed"] {
            app.sql("UPDATE promise SET status = 'published'").await;
            app.sql("UPDATE promise_version SET unpublished_at = NULL").await;
            let of_acme = "WHERE supplier_id = (SELECT id FROM supplier WHERE name = 'Acme')";
            app.sql(&format!("UPDATE agreement SET status = '{ended}' {of_acme}")).await;
            compare(&app).await;
            let listed = owner.get("/v1/promises").await.expect(200);
            assert_eq!((listed.each("id"), listed.each("status")),
                (ids.clone(), vec!["paused".to_owned(), "paused".to_owned(), "published".to_owned()]), "{ended}");
            assert_eq!(listed.body["data"][0]["unpublished_at"], "2026-11-21T09:00:00.000Z");
        }
        let events = owner.get("/v1/audit-events?action=promise.pause").await.expect(200);
        assert_eq!(events.each("reason"), ["The agreement is no longer in force."; 6]);
        let refusal = owner.post(&format!("/v1/promises/{}/resume", ids[0]), approval()).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/agreement_id rule_violated"]);
        // Occasions are still recorded; they were not promised.
        let after = crate::commitments::commit(&owner, &ids[0], json!({})).await;
        assert_eq!(after["is_promised"], false);
    }
}
