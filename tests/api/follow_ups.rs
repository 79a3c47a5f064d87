//! Low answers are followed up by somebody, within a time.

use crate::both;
use crate::support::TestApp;
use crate::support::lived::Lived;
use crate::support::seed::Seeded;
use accord::feedback::follow_ups::{Low, drop_of, erase_of, open_all};
use accord::shared::id::{self, AgreementId, CalendarId, FeedbackId, SupplierId};
use accord::shared::permission::Role;
use accord::surveys::FollowUpRule;
use chrono::TimeDelta;
use poem_openapi::types::ParseFromJSON;
use serde_json::json;

async fn me(caller: &crate::support::Caller<'_>) -> String {
    caller.get("/v1/me").await.expect(200).id()
}

/// Who owns the agreement.
async fn own(app: &TestApp, on: &Seeded, owner: &str) {
    let key = |id: &str| if app.app.db.is_sqlite() { format!("X'{}'", id.replace('-', "")) } else { format!("'{id}'") };
    app.sql(&format!("UPDATE agreement SET owner_id = {} WHERE id = {}", key(owner), key(&on.agreement))).await;
}

/// Opens follow-ups of some answers, 8 working hours each.
async fn open(app: &TestApp, on: &Seeded, answers: &[String], calendar: Option<&str>) {
    let known = |text: &str| id::parse(text).expect("an id");
    let item = ParseFromJSON::parse_from_json(Some(json!("satisfaction"))).expect("a key");
    let calendar_id = calendar.map(|calendar| CalendarId(known(calendar)));
    let rule = FollowUpRule { item, threshold: 2, within: "PT8H".parse().expect("a duration"), calendar_id };
    let about = (AgreementId(known(&on.agreement)), SupplierId(known(&on.supplier)));
    let answers: Vec<_> = answers.iter().map(|answer| FeedbackId(known(answer))).collect();
    let input = (app.clock.clone(), rule, about, answers);
    let done = app.app.db.write(input, |txn, (clock, rule, (agreement, supplier), answers)| {
        Box::pin(async move {
            let low = |answer: &FeedbackId| Low {
                feedback_id: *answer,
                agreement_id: Some(*agreement),
                supplier_id: *supplier,
                rule,
            };
            open_all(txn, clock, answers.iter().map(low).collect()).await
        })
    });
    done.await.expect("they are opened");
}

async fn some_agreement(app: &TestApp) -> Seeded {
    let owner = app.owner().await;
    app.seed_agreement(&owner.supplier("Acme").await).await
}

both! {
    async fn a_low_answer_is_due_from_the_owner_of_its_agreement_in_working_time(app: TestApp) {
        let owner = app.owner().await;
        let on = some_agreement(&app).await;
        let manager = app.sign_in(Role::Manager, None).await;
        own(&app, &on, &me(&manager).await).await;
        let survey = app.seed_survey().await;
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(app.seed_feedback(&on, &survey, Lived::default()).await);
        }
        // It is Saturday, 9 o'clock.
        let hours = json!([{"weekday": "monday", "from": "09:00", "to": "15:00"}, {"weekday": "tuesday", "from": "09:00", "to": "15:00"}]);
        let calendar = json!({"name": "Office", "time_zone": "UTC", "hours": hours});
        let calendar = owner.post("/v1/calendars", calendar).await.expect(201).id();
        open(&app, &on, &answers[..2], Some(&calendar)).await;
        open(&app, &on, &answers, None).await;
        let list = manager.get("/v1/follow-ups?mine=true&count=true").await.expect(200);
        assert_eq!(list.body["total_count"], 3, "one for each answer");
        assert_eq!(list.each("due_at"), ["2026-11-21T17:00:00.000Z", "2026-11-24T11:00:00.000Z", "2026-11-24T11:00:00.000Z"]);
        assert_eq!(list.each("status"), ["required"; 3]);
        let tasks = manager.get("/v1/me/tasks").await.expect(200);
        assert_eq!(tasks.each("resource_id"), list.each("id"));
        assert_eq!(tasks.each("due_at"), list.each("due_at"));
        let first = owner.get(tasks.body["data"][0]["resource_path"].as_str().expect("a path")).await.expect(200).body;
        assert_eq!((&first["feedback_id"], &first["is_overdue"]), (&json!(answers[2]), &json!(false)));
        let history = owner.get("/v1/audit-events?action=follow_up.open").await.expect(200);
        assert_eq!(history.body["data"].as_array().map(Vec::len), Some(3));
        // Half-way: four hours around the clock, Monday 13 o'clock in the calendar.
        app.clock.advance(TimeDelta::minutes(4 * 60 + 1));
        accord::shared::jobs::schedule::tick(&app.app, &accord::app::work().schedules).await.expect("the schedules");
        accord::shared::jobs::schedule::tick(&app.app, &accord::app::work().schedules).await.expect("the schedules");
        assert_eq!(app.mails().await.len(), 1);
    }

    async fn a_calendar_without_working_time_loses_no_answer(app: TestApp) {
        let owner = app.owner().await;
        let on = some_agreement(&app).await;
        let hours = json!([{"weekday": "monday", "from": "09:00", "to": "15:00"}]);
        let calendar = json!({"name": "Closed", "time_zone": "UTC", "hours": hours});
        let calendar = owner.post("/v1/calendars", calendar).await.expect(201).id();
        app.sql("UPDATE calendar SET hours = '[]'").await;
        let answer = app.seed_feedback(&on, &app.seed_survey().await, Lived::default()).await;
        open(&app, &on, &[answer], Some(&calendar)).await;
        let list = owner.get("/v1/follow-ups").await.expect(200);
        assert_eq!(list.each("due_at"), ["2026-11-21T17:00:00.000Z"]);
        assert_eq!(list.body["data"][0]["owner_id"], json!(null), "nobody owns the agreement");
    }

    async fn a_follow_up_is_taken_on_and_goes_its_way(app: TestApp) {
        let on = some_agreement(&app).await;
        let agent = app.sign_in(Role::Agent, None).await;
        let path = format!("/v1/follow-ups/{}", app.seed_follow_up(&on, "required", None, Lived::default()).await);
        let too_early = agent.post(&format!("{path}/contact"), json!({})).await.refused(409, "invalid_state");
        assert_eq!((&too_early.body["current_status"], &too_early.body["allowed"]), (&json!("required"), &json!(["own"])));
        agent.post(&format!("{path}/resolve"), json!({"note": "Done."})).await.refused(409, "invalid_state");
        agent.post(&format!("{path}/mark-unreachable"), json!({"note": "Gone."})).await.refused(409, "invalid_state");
        let owned = agent.post(&format!("{path}/own"), json!({})).await.expect(200);
        assert_eq!((&owned.body["status"], &owned.body["owner_id"]), (&json!("owned"), &json!(me(&agent).await)));
        assert_eq!(owned.header("etag"), "\"2\"");
        assert_eq!(agent.get("/v1/me/tasks").await.expect(200).each("resource_path"), [&*path]);
        let future = json!({"contacted_at": "2026-11-21T09:00:01Z"});
        let future = agent.post(&format!("{path}/contact"), future).await.refused(422, "rule_violated");
        assert_eq!(future.errors(), ["#/contacted_at rule_violated"]);
        agent.with("If-Match", "\"1\"").post(&format!("{path}/contact"), json!({})).await.refused(412, "etag_mismatch");
        let contact = json!({"contacted_at": "2026-11-21T08:30:00Z", "note": "Called back."});
        let contacted = agent.post(&format!("{path}/contact"), contact).await.expect(200).body;
        assert_eq!((&contacted["status"], &contacted["note"]), (&json!("contacted"), &json!("Called back.")));
        assert_eq!(contacted["contacted_at"], "2026-11-21T08:30:00.000Z");
        assert_eq!(agent.get("/v1/me/tasks").await.expect(200).each("id"), [""; 0], "the clock has stopped");
        assert_eq!(agent.get("/v1/me/tasks?done=true").await.expect(200).each("resource_path"), [&*path]);
        agent.post(&format!("{path}/resolve"), json!({})).await.refused(400, "validation_failed");
        let resolved = agent.post(&format!("{path}/resolve"), json!({"note": "Refunded."})).await.expect(200).body;
        assert_eq!((&resolved["status"], &resolved["note"]), (&json!("resolved"), &json!("Refunded.")));
        assert_eq!(resolved["ended_at"], "2026-11-21T09:00:00.000Z");
        let over = agent.post(&format!("{path}/own"), json!({})).await.refused(409, "invalid_state");
        assert_eq!(over.body["allowed"], json!([]));
    }

    async fn a_follow_up_is_handed_to_somebody_who_may_follow_up(app: TestApp) {
        let on = some_agreement(&app).await;
        let [agent, manager] = [app.sign_in(Role::Agent, None).await, app.sign_in(Role::Manager, None).await];
        let path = format!("/v1/follow-ups/{}", app.seed_follow_up(&on, "required", None, Lived::default()).await);
        agent.post(&format!("{path}/own"), json!({})).await.expect(200);
        let auditor = app.sign_in(Role::Auditor, None).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        for other in [me(&auditor).await, me(&admin).await, app.clock.uuid().to_string()] {
            let refused = agent.post(&format!("{path}/own"), json!({"owner_id": other})).await;
            assert_eq!(refused.refused(422, "invalid_reference").errors(), ["#/owner_id invalid_reference"]);
        }
        let handed = agent.post(&format!("{path}/own"), json!({"owner_id": me(&manager).await})).await.expect(200).body;
        assert_eq!((&handed["status"], &handed["owner_id"]), (&json!("owned"), &json!(me(&manager).await)));
        assert_eq!(agent.get("/v1/me/tasks").await.expect(200).each("id"), [""; 0], "it is due from one");
        assert_eq!(manager.get("/v1/me/tasks").await.expect(200).each("resource_path"), [&*path]);
        app.clock.advance(TimeDelta::minutes(1));
        for _ in 0..2 {
            accord::shared::jobs::schedule::tick(&app.app, &accord::app::work().schedules).await.expect("the schedules");
        }
        assert_eq!(app.mail_to("manager@accord.example").await.subject, "Due: Contact an unhappy customer");
        manager.post(&format!("{path}/mark-unreachable"), json!({"note": "Three calls."})).await.expect(200);
        manager.post(&format!("{path}/mark-unreachable"), json!({"note": "Again."})).await.refused(409, "invalid_state");
        assert_eq!(manager.get("/v1/me/tasks").await.expect(200).each("id"), [""; 0]);
    }

    async fn follow_ups_are_filtered(app: TestApp) {
        let owner = app.owner().await;
        let on = some_agreement(&app).await;
        let other = app.seed_agreement(&owner.supplier("Other").await).await;
        let mine = app.seed_follow_up(&on, "owned", Some(&me(&owner).await), Lived::default()).await;
        let ended = app.seed_follow_up(&on, "resolved", None, Lived::default()).await;
        let theirs = app.seed_follow_up(&other, "required", None, Lived::default()).await;
        let list = async |query: &str| app.owner().await.get(&format!("/v1/follow-ups?{query}")).await.expect(200).each("id");
        let me = me(&owner).await;
        for query in ["mine=true".to_owned(), format!("owner_id={me}"), "status=owned".to_owned()] {
            assert_eq!(list(&query).await, [&*mine], "{query}");
        }
        assert_eq!(list(&format!("supplier_id={}", other.supplier)).await, [&*theirs]);
        assert_eq!(list(&format!("agreement_id={}", on.agreement)).await.len(), 2);
        assert_eq!(list("overdue=true").await, [""; 0]);
        assert_eq!(owner.walk("/v1/follow-ups?limit=1", "id").await.len(), 3);
        app.clock.advance(TimeDelta::days(4));
        let mut overdue = list("overdue=true").await;
        overdue.sort();
        assert_eq!(overdue, [&*mine, &*theirs]);
        assert_eq!(list("overdue=false").await, [&*ended]);
        assert_eq!(app.owner().await.get(&format!("/v1/follow-ups/{mine}")).await.expect(200).body["is_overdue"], true);
    }

    async fn reviewers_follow_up_under_their_agreements_and_suppliers_never(app: TestApp) {
        let owner = app.owner().await;
        let on = some_agreement(&app).await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        let of_agreement = app.seed_follow_up(&on, "required", None, Lived::default()).await;
        let lived = Lived { is_of_supplier: true, ..Lived::default() };
        let of_supplier = app.seed_follow_up(&on, "required", None, lived).await;
        assert_eq!(reviewer.get("/v1/follow-ups").await.expect(200).each("id"), [""; 0]);
        reviewer.get(&format!("/v1/follow-ups/{of_agreement}")).await.refused(404, "not_found");
        own(&app, &on, &me(&reviewer).await).await;
        assert_eq!(reviewer.get("/v1/follow-ups").await.expect(200).each("id"), [&*of_agreement]);
        reviewer.get(&format!("/v1/follow-ups/{of_supplier}")).await.refused(404, "not_found");
        reviewer.post(&format!("/v1/follow-ups/{of_supplier}/own"), json!({})).await.refused(404, "not_found");
        let owned = reviewer.post(&format!("/v1/follow-ups/{of_agreement}/own"), json!({})).await.expect(200).body;
        assert_eq!(owned["status"], "owned");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        admin.get("/v1/follow-ups").await.refused(403, "forbidden");
        assert_eq!(owner.get("/v1/follow-ups").await.expect(200).each("id").len(), 2);
    }

    async fn what_nobody_has_taken_on_falls_away_with_its_answer(app: TestApp) {
        let owner = app.owner().await;
        let on = some_agreement(&app).await;
        own(&app, &on, &me(&owner).await).await;
        let survey = app.seed_survey().await;
        let mut answers = Vec::new();
        for _ in 0..2 {
            answers.push(app.seed_feedback(&on, &survey, Lived::default()).await);
        }
        open(&app, &on, &answers, None).await;
        let ids = owner.get("/v1/follow-ups").await.expect(200).each("id");
        let taken = owner.post(&format!("/v1/follow-ups/{}/own", ids[0]), json!({})).await.expect(200);
        owner.post(&format!("/v1/follow-ups/{}/contact", ids[0]), json!({"note": "Jo was angry."})).await.expect(200);
        let answers: Vec<_> = answers.iter().map(|answer| FeedbackId(id::parse(answer).expect("an id"))).collect();
        let input = (app.clock.clone(), answers.clone());
        let dropped = app.app.db.write(input, |txn, (clock, answers)| Box::pin(drop_of(txn, clock, answers.clone())));
        dropped.await.expect("they fall away");
        assert_eq!(owner.get("/v1/follow-ups").await.expect(200).each("id"), [taken.id()]);
        assert_eq!(app.everything(&["notification"]).await.lines().count(), 1);
        let input = (app.clock.clone(), answers);
        let erased = app.app.db.write(input, |txn, (clock, answers)| Box::pin(erase_of(txn, clock, answers.clone())));
        assert_eq!(erased.await.expect("they are erased").len(), 1);
        assert_eq!(owner.get("/v1/follow-ups").await.expect(200).body["data"][0]["note"], json!(null));
    }
}
