//! One quarter of an agreement, from its signature to actions that worked, or did not: over HTTP only.

use crate::both;
use crate::support::reviews::ratings;
use crate::support::{Caller, TestApp};
use accord::reviews::DATES;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

fn clause(direction: &str, text: &str) -> Value {
    json!({"direction": direction, "dimension": "responsiveness", "text": text, "metric": "duration",
        "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.9})
}

/// An agreement that both sides signed, reviewed every quarter, and its clauses.
async fn agree(owner: &Caller<'_>, admin: &Caller<'_>, supplier: &str) -> (String, [String; 2]) {
    let new = json!({"supplier_id": supplier, "title": "Repairs", "starts_on": "2026-10-01", "notice": "P90D",
        "cadence": {"unit": "quarter", "every": 1, "day": 10}});
    let agreement = owner.post("/v1/agreements", new).await.expect(201).id();
    let path = format!("/v1/agreements/{agreement}");
    let expect = format!("{path}/expectations");
    let theirs =
        owner.post(&expect, clause("supplier_to_customer", "Repaired within two days.")).await.expect(201).id();
    let ours = owner.post(&expect, clause("us_to_supplier", "Parts arrive within two days.")).await.expect(201).id();
    let reports = json!({"direction": "supplier_to_us", "dimension": "assurance", "text": "You report every job."});
    owner.post(&expect, reports).await.expect(201);
    owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
    admin.post(&format!("{path}/agree"), json!({"accept_all": true})).await.expect(200);
    owner.post(&format!("{path}/sign"), json!({})).await.expect(200);
    admin.post(&format!("{path}/sign"), json!({"title": "Director"})).await.expect(200);
    owner.post(&format!("{path}/activate"), json!({})).await.expect(200);
    (agreement, [theirs, ours])
}

/// A published promise.
async fn promise(owner: &Caller<'_>, agreement: &str, clause: &str) -> String {
    let new = json!({"agreement_id": agreement, "expectation_id": clause, "wording": "Within two days.",
        "effective_from": "2026-11-21T00:00:00Z"});
    let promise = owner.post("/v1/promises", new).await.expect(201).id();
    owner.act(&format!("/v1/promises/{promise}/check")).await.expect(200);
    let approval = json!({"approval": {"reason": "It is new.", "recheck_on": "2027-06-01"}});
    owner.post(&format!("/v1/promises/{promise}/publish"), approval).await.expect(200);
    promise
}

/// So many occasions of a promise on a day, of which so many were kept.
async fn occasions(owner: &Caller<'_>, promise: &str, day: &str, kept: usize, n: usize) {
    for place in 0..n {
        // Some came weeks later.
        let done = match place < kept {
            true => format!("{day}T18:00:00Z"),
            false => format!("{}-28T08:00:00Z", &day[..7]),
        };
        let new = json!({"promise_id": promise, "made_at": format!("{day}T08:00:00Z"), "fulfilled_at": done});
        owner.post("/v1/commitments", new).await.expect(201);
    }
}

struct People<'a> {
    owner: Caller<'a>,
    manager: Caller<'a>,
    admin: Caller<'a>,
}

/// The days go by, and everybody signs in again.
async fn later<'a>(app: &'a TestApp, supplier: &str, days: i64) -> People<'a> {
    app.clock.advance(TimeDelta::days(days));
    app.job(DATES).await;
    People {
        owner: app.owner().await,
        manager: app.sign_in(Role::Manager, None).await,
        admin: app.sign_in(Role::SupplierAdmin, Some(supplier)).await,
    }
}

both! {
    async fn a_quarter_ends_in_actions_that_count_when_they_worked(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        for verb in ["nominate", "qualify", "activate"] {
            owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
        }
        let contact = json!({"name": "Mia Berg", "roles": ["main_employee_contact"]});
        let contact = owner.post(&format!("/v1/suppliers/{supplier}/people"), contact).await.expect(201).id();
        let People { owner, admin, .. } = later(&app, &supplier, 0).await;
        let (agreement, [theirs, ours]) = agree(&owner, &admin, &supplier).await;
        let (theirs, ours) = (promise(&owner, &agreement, &theirs).await, promise(&owner, &agreement, &ours).await);

        // The quarter goes by.
        let People { owner, .. } = later(&app, &supplier, 40).await;
        occasions(&owner, &theirs, "2026-12-10", 47, 80).await;
        occasions(&owner, &ours, "2026-12-10", 50, 80).await;
        let list = format!("/v1/reviews?agreement_id={agreement}");
        let calls = owner.get(&list).await.expect(200);
        assert_eq!((calls.each("scheduled_on"), calls.each("status")), (vec!["2027-01-10".to_owned()], vec!["scheduled".to_owned()]));
        let People { owner, manager, admin } = later(&app, &supplier, 12).await;
        let first = owner.get(&list).await.expect(200).each("id").pop().expect("the first one, for the newest comes first");
        let review = format!("/v1/reviews/{first}");
        let at = |verb: &str| format!("{review}/{verb}");

        // The evidence is frozen, what we owe with it.
        owner.act(&at("ready")).await.expect(200);
        let pack = admin.get(&at("pack")).await.expect(200).body;
        let kept = |side: &str| (pack["reciprocity"][side]["k"].clone(), pack["reciprocity"][side]["n"].clone());
        assert_eq!((kept("theirs"), kept("ours")), ((json!(47), json!(80)), (json!(50), json!(80))));

        // It is held, both sides rate each other, and the supplier disagrees.
        let me = owner.get("/v1/me").await.expect(200).id();
        let present = json!({"present": [{"account_id": me}, {"person_id": contact}]});
        owner.post(&at("hold"), present).await.expect(200);
        owner.post(&at("rate"), ratings(2)).await.expect(200);
        manager.post(&at("rate"), ratings(3)).await.expect(200);
        admin.post(&at("rate"), ratings(4)).await.expect(200);
        let again = json!({"would_use_again": true, "reason": "They want to learn."});
        owner.post(&at("would-use-again"), again).await.expect(200);
        owner.act(&at("lock-ratings")).await.expect(200);
        let no = json!({"kind": "disagree", "text": "Half of the parts came late."});
        assert_eq!(admin.post(&at("respond"), no).await.expect(200).body["status"], "disputed");
        let ruling = json!({"outcome": "upheld", "reason": "The customers waited all the same."});
        owner.post(&at("decide"), ruling.clone()).await.refused(422, "four_eyes");
        app.colleague("judge", Role::Owner).await.post(&at("decide"), ruling).await.expect(200);
        let found = manager.act(&at("finalise")).await.expect(200).body;
        assert_eq!((&found["status"], &found["score"]), (&json!("finalised"), &json!(2.5)));

        // Each side takes something on, and both sign.
        let act = |side: &str, who: (&str, &str), promise: &str| json!({"agreement_id": agreement, "title": "Keep two days",
            "description": "More people on Mondays.", "side": side, who.0: who.1, "due_on": "2027-02-10",
            "metric": {"kind": "kept_rate", "promise_id": promise, "target": 0.9}});
        let mut actions = Vec::new();
        for new in [act("supplier", ("person_id", &contact), &theirs), act("us", ("owner_id", &me), &ours)] {
            let action = owner.post("/v1/actions", new).await.expect(201).header("location").to_owned();
            manager.act(&at("commit")).await.refused(422, "rule_violated");
            owner.post(&format!("{action}/sign"), json!({})).await.expect(200);
            let signed = admin.post(&format!("{action}/sign"), json!({"title": "Director", "person_id": contact})).await.expect(200).body;
            assert_eq!((&signed["status"], &signed["baseline"]["n"]), (&json!("accepted"), &json!(80)));
            actions.push(action);
        }
        manager.act(&at("commit")).await.expect(200);
        let closed = manager.act(&at("close")).await.expect(200).body;
        assert_eq!(closed["status"], "closed");
        let came_out: Vec<_> = closed["action_ids"].as_array().expect("a list").iter().map(|id| format!("/v1/actions/{}", id.as_str().expect("an id"))).collect();
        assert_eq!(came_out, actions);
        for (action, side) in actions.iter().zip([&admin, &owner]) {
            side.act(&format!("{action}/start")).await.expect(200);
        }

        // Done is not yet better: one worked, the other did not.
        let People { owner, manager, admin } = later(&app, &supplier, 50).await;
        occasions(&owner, &theirs, "2027-02-10", 72, 80).await;
        occasions(&owner, &ours, "2027-02-10", 51, 80).await;
        let said = json!({"note": "There are two more of us.", "effective_from": "2027-02-01"});
        let mut ended = Vec::new();
        for (action, side) in actions.iter().zip([&admin, &owner]) {
            side.post(&format!("{action}/claim"), said.clone()).await.expect(200);
            let found = manager.post(&format!("{action}/verify"), json!({})).await.expect(200).body;
            ended.push((found["status"].clone(), found["effect"]["method"].clone()));
        }
        let by_numbers = json!("two_proportions");
        assert_eq!(ended, [(json!("verified_effective"), by_numbers.clone()), (json!("not_effective"), by_numbers)]);
        assert_eq!(manager.get(&review).await.expect(200).body["status"], "closed", "whatever becomes of its actions");

        // And the next one is due.
        let calls = owner.get(&list).await.expect(200);
        let next: Vec<_> = calls.body["data"].as_array().expect("a list").iter().filter(|one| one["status"] == "scheduled").collect();
        assert_eq!((next.len(), &next[0]["scheduled_on"], &next[0]["number"]), (1, &json!("2027-04-10"), &json!(2)));
    }
}
