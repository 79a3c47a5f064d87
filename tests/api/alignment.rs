//! What was kept against what customers lived.

use crate::both;
use crate::commitments::commit;
use crate::support::lived::{Lived, Tallied};
use crate::support::seed::{Seeded, Terms};
use crate::support::{Answer, Caller, TestApp};
use accord::shared::id;
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// An agreement with one promise to customers, kept so often on 10 November.
async fn kept(app: &TestApp, owner: &Caller<'_>, name: &str, (kept, broken): (i64, i64)) -> Seeded {
    let on = app.seed_agreement(&owner.supplier(name).await).await;
    let terms = Terms { direction: "supplier_to_customer", reliability: 0.92, ..Terms::default() };
    let promise = app.seed_promise(&on, terms).await;
    tally(app, &promise, true, (kept, broken)).await;
    on
}

async fn tally(app: &TestApp, promise: &str, is_promised: bool, (kept, broken): (i64, i64)) {
    let id: uuid::Uuid = id::parse(promise).expect("an id");
    let cells = vec![
        ("promise_id", id.into()),
        ("subject_id", id.into()),
        ("is_promised", is_promised.into()),
        ("day", "2026-11-10".parse::<chrono::NaiveDate>().expect("a day").into()),
        ("version", 1i64.into()),
        ("slot", 0i64.into()),
        ("kept", kept.into()),
        ("broken", broken.into()),
        ("excused", 5i64.into()),
    ];
    app.row("commitment_tally", false, cells).await;
}

/// A survey about satisfaction, with another question.
async fn satisfaction(app: &TestApp) -> String {
    let survey = app.seed_survey().await;
    app.seed_item(&survey, "satisfaction", "csat", (1, 5)).await;
    app.seed_item(&survey, "speed", "score", (1, 5)).await;
    survey
}

/// So many are satisfied of so many on 10 November.
async fn lived(app: &TestApp, on: &Seeded, survey: &str, (satisfied, n): (i64, i64)) {
    let counts = [n - satisfied, 0, 0, satisfied, 0];
    let of = Tallied { n, counts: &counts, ..Tallied::default() };
    app.seed_tally(&on.agreement, survey, "satisfaction", "2026-11-10", of).await;
}

fn path(on: &Seeded) -> String {
    format!("/v1/agreements/{}/alignment", on.agreement)
}

#[track_caller]
fn near(found: &Value, wanted: f64) {
    let found = found.as_f64().expect("a number");
    assert!((found - wanted).abs() < 0.005, "{found} is not {wanted}");
}

async fn as_reviewer<'a>(app: &'a TestApp, on: &Seeded) -> Caller<'a> {
    let reviewer = app.sign_in(Role::Reviewer, None).await;
    let known = |text: &str| id::parse(text).expect("an id").into();
    let me = reviewer.get("/v1/me").await.expect(200).id();
    let cells = vec![("agreement_id", known(&on.agreement)), ("account_id", known(&me))];
    app.row("agreement_reviewer", false, cells).await;
    reviewer
}

both! {
    async fn promises_kept_and_customers_unhappy_is_a_watermelon(app: TestApp) {
        let owner = app.owner().await;
        let on = kept(&app, &owner, "Acme", (188, 12)).await;
        let survey = satisfaction(&app).await;
        // 60 of 100 in October, read as a month; 36 of 50 on 10 November.
        let month = Tallied { is_month: true, n: 100, counts: &[10, 10, 20, 40, 20], ..Tallied::default() };
        app.seed_tally(&on.agreement, &survey, "satisfaction", "2026-10-01", month).await;
        let day = Tallied { n: 100, counts: &[10, 10, 20, 40, 20], ..Tallied::default() };
        app.seed_tally(&on.agreement, &survey, "satisfaction", "2026-10-15", day).await;
        let day = Tallied { n: 50, counts: &[5, 3, 6, 20, 16], ..Tallied::default() };
        app.seed_tally(&on.agreement, &survey, "satisfaction", "2026-11-10", day).await;
        let other = Tallied { n: 90, counts: &[90], ..Tallied::default() };
        app.seed_tally(&on.agreement, &survey, "speed", "2026-11-10", other).await;
        // What was promised to us, or before anything was published, is about something else.
        let to_us = app.seed_promise(&on, Terms::default()).await;
        tally(&app, &to_us, true, (0, 500)).await;
        let found = owner.get(&path(&on)).await.expect(200).body;
        assert_eq!((&found["quadrant"], &found["agreement_id"], &found["variant"]), (&json!("watermelon"), &json!(on.agreement), &json!("top2")));
        for (rate, k, n) in [("kept", 188, 200), ("satisfied", 96, 150)] {
            assert_eq!((&found[rate]["k"], &found[rate]["n"]), (&json!(k), &json!(n)), "{rate}");
        }
        near(&found["kept_target"], 0.92);
        near(&found["customer_target"], 0.8);
        near(&found["points"], 30.0);
        near(&found["z"], 7.04);
        assert_eq!(found["satisfied"]["window"], json!({"from": "2025-11-22", "to": "2026-11-21"}));
        // The days of October alone are read one by one.
        let part = owner.get(&format!("{}?from=2026-10-02&to=2026-10-31", path(&on))).await.expect(200).body;
        assert_eq!((&part["satisfied"]["n"], &part["quadrant"], &part["points"]), (&json!(100), &json!("undecided"), &json!(null)));
        owner.get(&format!("{}?from=2026-10-02&to=2026-10-01", path(&on))).await.refused(422, "date_order");
    }

    async fn the_target_is_weighted_by_what_was_promised(app: TestApp) {
        let owner = app.owner().await;
        let on = kept(&app, &owner, "Acme", (50, 50)).await;
        let terms = Terms { direction: "supplier_to_customer", reliability: 0.80, ..Terms::default() };
        let second = app.seed_promise(&on, terms).await;
        tally(&app, &second, true, (300, 0)).await;
        tally(&app, &second, false, (0, 900)).await;
        let found = owner.get(&path(&on)).await.expect(200).body;
        assert_eq!((&found["kept"]["k"], &found["kept"]["n"]), (&json!(350), &json!(400)));
        near(&found["kept_target"], 0.83);
        assert_eq!(found["quadrant"], "undecided", "nobody has said how it was");
        assert_eq!((&found["satisfied"]["value"], &found["satisfied"]["n"]), (&json!(null), &json!(0)));
    }

    async fn watermelons_are_listed_worst_first(app: TestApp) {
        let owner = app.owner().await;
        let survey = satisfaction(&app).await;
        let mut all = Vec::new();
        let cases = [("Red", (188, 12), (96, 150)), ("Redder", (200, 0), (60, 150)), ("Green", (188, 12), (130, 150)), ("Failing", (90, 110), (60, 150))];
        for (name, of_promises, of_customers) in cases {
            let on = kept(&app, &owner, name, of_promises).await;
            lived(&app, &on, &survey, of_customers).await;
            all.push(on);
        }
        let [red, redder, _, failing] = [0, 1, 2, 3].map(|place: usize| &all[place]);
        let list = owner.get("/v1/alignment/watermelons?count=true").await.expect(200);
        assert_eq!(list.each("agreement_id"), [&*redder.agreement, &*red.agreement]);
        assert_eq!(list.body["total_count"], 2);
        near(&list.body["data"][0]["points"], 60.0);
        assert_eq!(list.body["data"][0]["title"], "Deliveries");
        let walked = owner.walk("/v1/alignment/watermelons?limit=1", "agreement_id").await;
        assert_eq!(walked, [&*redder.agreement, &*red.agreement]);
        let of_one = owner.get(&format!("/v1/alignment/watermelons?supplier_id={}", red.supplier)).await.expect(200);
        assert_eq!(of_one.each("agreement_id"), [&*red.agreement]);
        assert_eq!(owner.get("/v1/alignment/watermelons?to=2026-11-09").await.expect(200).each("agreement_id"), [""; 0]);
        let other = owner.get("/v1/suppliers?limit=1").await.expect(200).body["next_cursor"].clone();
        let other = format!("/v1/alignment/watermelons?cursor={}", other.as_str().expect("a cursor"));
        owner.get(&other).await.refused(400, "invalid_cursor");
        assert_eq!(owner.get(&path(failing)).await.expect(200).body["quadrant"], "failing");
        let reviewer = as_reviewer(&app, red).await;
        assert_eq!(reviewer.get("/v1/alignment/watermelons").await.expect(200).each("agreement_id"), [&*red.agreement]);
        reviewer.get(&path(red)).await.expect(200);
        reviewer.get(&path(redder)).await.refused(404, "not_found");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&red.supplier)).await;
        admin.get("/v1/alignment/watermelons").await.refused(403, "forbidden");
        admin.get(&path(red)).await.refused(403, "forbidden");
    }

    async fn the_unhappy_on_kept_jobs_are_the_blind_spot(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let customers = app.seed_promise(&on, Terms { direction: "supplier_to_customer", ..Terms::default() }).await;
        let to_us = app.seed_promise(&on, Terms::default()).await;
        let survey = app.seed_survey().await;
        let on_time = |job: &str| json!({"made_at": "2026-11-01T09:00:00Z", "fulfilled_at": "2026-11-02T09:00:00Z", "job_ref": job});
        let late = |job: &str| json!({"made_at": "2026-11-01T09:00:00Z", "job_ref": job});
        commit(&owner, &customers, on_time("kept")).await;
        commit(&owner, &customers, on_time("kept")).await;
        // Broken promises to us do not spoil it, excused and withdrawn ones to customers neither.
        commit(&owner, &to_us, late("kept")).await;
        let withdrawn = commit(&owner, &customers, json!({"job_ref": "kept"})).await;
        let withdrawn = format!("/v1/commitments/{}/withdraw", withdrawn["id"].as_str().expect("an id"));
        owner.post(&withdrawn, json!({"reason": "Not needed."})).await.expect(200);
        commit(&owner, &customers, json!({"job_ref": "kept"})).await;
        commit(&owner, &customers, on_time("broken")).await;
        commit(&owner, &customers, late("broken")).await;
        commit(&owner, &customers, json!({"job_ref": "open"})).await;
        let answers = [("kept", true, 3), ("kept", false, 9), ("broken", true, 2), ("broken", false, 1), ("open", true, 4), ("unknown", true, 4)];
        for (job, is_unhappy, n) in answers {
            for _ in 0..n {
                let lived = Lived { job_ref: Some(job.to_owned()), is_unhappy: Some(is_unhappy), ..Lived::default() };
                app.seed_feedback(&on, &survey, lived).await;
            }
        }
        // None of these counts.
        let kept = || Lived { job_ref: Some("kept".to_owned()), is_unhappy: Some(true), ..Lived::default() };
        for lived in [
            Lived { is_quarantined: true, ..kept() },
            Lived { is_superseded: true, ..kept() },
            Lived { is_of_supplier: true, ..kept() },
            Lived { is_unhappy: None, ..kept() },
            Lived { day: Some("2025-11-10"), ..kept() },
        ] {
            app.seed_feedback(&on, &survey, lived).await;
        }
        let found = owner.get(&path(&on)).await.expect(200).body;
        let counts = |rate: &str| (found[rate]["k"].clone(), found[rate]["n"].clone());
        assert_eq!(counts("unhappy_on_kept"), (json!(3), json!(12)));
        assert_eq!(counts("blind_spot"), (json!(3), json!(5)));
        near(&found["unhappy_on_kept"]["value"], 0.25);
        assert_eq!(found["blind_spot"]["value"], json!(null), "of five");
    }

    async fn what_customers_miss_and_no_clause_is_about_comes_first(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        gaps(&app, &on).await;
        let found = owner.get(&path(&on)).await.expect(200).body;
        let dimensions = found["dimensions"].as_array().expect("a list");
        let names: Vec<_> = dimensions.iter().map(|of| of["dimension"].as_str().expect("a name")).collect();
        assert_eq!(names, ["responsiveness", "assurance", "empathy", "tangibles", "reliability"]);
        let covered: Vec<_> = dimensions.iter().map(|of| of["is_covered"] == true).collect();
        assert_eq!(covered, [false, false, false, false, true]);
        near(&dimensions[0]["gap"], -0.85);
        near(&dimensions[0]["weighted_gap"], -0.1955);
        assert_eq!((&found["top_uncovered"], &found["weights_from"]), (&json!("responsiveness"), &json!("default")));
        for dimension in ["reliability", "assurance", "tangibles", "empathy", "responsiveness"] {
            let total = if dimension == "empathy" { 600_000_000 } else { 100_000_000 };
            let told = Tallied { n: 10, total, ..Tallied::default() };
            app.seed_tally(&on.agreement, &on.theirs, &format!("importance:{dimension}"), "2026-11-10", told).await;
        }
        let found = owner.get(&path(&on)).await.expect(200).body;
        assert_eq!((&found["top_uncovered"], &found["weights_from"]), (&json!("empathy"), &json!("customers")));
        near(&found["dimensions"][0]["weight"], 0.6);
    }

    async fn a_clause_is_proposed_for_what_is_missed_most(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        gaps(&app, &on).await;
        let proposals = format!("/v1/agreements/{}/expectation-proposals", on.agreement);
        let made = owner.post(&proposals, json!({})).await.expect(201);
        assert_eq!((&made.body["dimension"], &made.body["direction"], &made.body["version"]),
            (&json!("responsiveness"), &json!("supplier_to_customer"), &json!(2)));
        assert!(made.body["text"].as_str().is_some_and(|text| text.starts_with("Customers who call")), "{}", made.text);
        assert_eq!(owner.get(made.header("location")).await.expect(200).body, made.body);
        let agreement = owner.get(&format!("/v1/agreements/{}", on.agreement)).await.expect(200).body;
        assert_eq!((&agreement["status"], &agreement["turn"]), (&json!("amending"), &json!("us")));
        for action in ["agreement.amend", "expectation.create"] {
            let told = owner.get(&format!("/v1/audit-events?action={action}")).await.expect(200);
            assert_eq!(told.body["data"].as_array().map(Vec::len), Some(1), "{action}");
        }
        // The next ones follow in the same version, until every dimension has a clause.
        let own = json!({"text": "You explain what you do.", "direction": "supplier_to_us"});
        let second = owner.post(&proposals, own).await.expect(201).body;
        assert_eq!((&second["dimension"], &second["direction"], &second["version"]), (&json!("assurance"), &json!("supplier_to_us"), &json!(2)));
        assert_eq!(second["text"], "You explain what you do.");
        assert_eq!(owner.post(&proposals, json!({})).await.expect(201).body["dimension"], "empathy");
        assert_eq!(owner.post(&proposals, json!({})).await.expect(201).body["dimension"], "tangibles");
        let refused = owner.post(&proposals, json!({})).await.refused(422, "rule_violated");
        assert_eq!(refused.errors(), ["#/dimension rule_violated"]);
        assert_eq!(owner.post(&proposals, json!({"dimension": "empathy"})).await.expect(201).body["dimension"], "empathy");
        // What is only proposed is not in force.
        assert_eq!(owner.get(&path(&on)).await.expect(200).body["top_uncovered"], "responsiveness");
        owner.post(&format!("/v1/agreements/{}/propose", on.agreement), json!({})).await.expect(200);
        let waits = owner.post(&proposals, json!({"dimension": "empathy"})).await.refused(409, "invalid_state");
        assert_eq!(waits.body["current_status"], "amending");
        assert!(waits.body["allowed"].as_array().is_some_and(|allowed| !allowed.is_empty()));
        app.sql("UPDATE agreement SET status = 'terminated', open_version = NULL").await;
        let over = owner.post(&proposals, json!({"dimension": "empathy"})).await.refused(409, "invalid_state");
        assert_eq!(over.body["current_status"], "terminated");
    }

    async fn a_refused_proposal_amends_nothing(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        for dimension in ["assurance", "tangibles", "empathy", "responsiveness"] {
            let cells = "revision, created_at, updated_at, is_gate, depends_on, text, direction";
            let key = if app.app.db.is_sqlite() { "randomblob(16)" } else { "gen_random_uuid()" };
            app.sql(&format!("INSERT INTO expectation (id, version, agreement_id, position, dimension, {cells}) \
                SELECT {key}, version, agreement_id, 10, '{dimension}', {cells} FROM expectation WHERE position = 0")).await;
        }
        let proposals = format!("/v1/agreements/{}/expectation-proposals", on.agreement);
        owner.post(&proposals, json!({})).await.refused(422, "rule_violated");
        let agreement = owner.get(&format!("/v1/agreements/{}", on.agreement)).await.expect(200).body;
        assert_eq!((&agreement["status"], &agreement["open_version"]), (&json!("active"), &json!(null)));
        let refused = |answer: Answer| answer.refused(403, "forbidden");
        let reviewer = as_reviewer(&app, &on).await;
        refused(reviewer.post(&proposals, json!({"dimension": "empathy"})).await);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        refused(admin.post(&proposals, json!({"dimension": "empathy"})).await);
        let nowhere = format!("/v1/agreements/{}/expectation-proposals", app.clock.uuid());
        owner.post(&nowhere, json!({"dimension": "empathy"})).await.refused(404, "not_found");
    }
}

/// The gaps of the worked example, of 100 customers on 10 November.
async fn gaps(app: &TestApp, on: &Seeded) {
    let gaps =
        [("tangibles", 10), ("reliability", -112), ("responsiveness", -85), ("assurance", -25), ("empathy", -28)];
    for (dimension, hundredths) in gaps {
        let told = Tallied { n: 100, total: hundredths * 1_000_000, ..Tallied::default() };
        app.seed_tally(&on.agreement, &on.theirs, &format!("gap:{dimension}"), "2026-11-10", told).await;
    }
}
