//! What a history says of another target, of other days, or of a promise that counts otherwise.

use super::{agreement, made, occasions, promise};
use crate::both;
use crate::commitments::commit;
use crate::commitments::import::import;
use crate::support::seed::Terms;
use crate::support::{Caller, TestApp};
use accord::shared::import::ImportMode;
use serde_json::{Value, json};

async fn asked(owner: &Caller<'_>, promise: &str, query: &str) -> Value {
    owner.get(&format!("/v1/promises/{promise}/capability?{query}")).await.expect(200).body
}

/// Imports so many occasions of October, a day and a half long, and returns what a target is said to reach.
async fn imported(app: &TestApp, promise: &str, n: usize) {
    let row = |place: usize| {
        json!({"promise_id": promise, "external_id": format!("{promise}-{place}"),
            "made_at": format!("2026-10-{:02}T09:00:00Z", place % 20 + 1),
            "fulfilled_at": format!("2026-10-{:02}T21:00:00Z", place % 20 + 2)})
    };
    let outcomes = import(app, ImportMode::Create, (0..n).map(row).collect()).await;
    assert!(outcomes.iter().all(|outcome| outcome == "created"));
}

both! {
    async fn a_promise_precise_to_the_day_counts_whole_days_for_any_target(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for (precision, n, target, k) in [
            // Made at 9 in the morning, fulfilled at 9 in the evening of the next day.
            ("day", 20, "PT24H", 20), ("day", 20, "PT15H", 20), ("day", 20, "PT14H59M", 0),
            ("second", 20, "PT24H", 0), ("second", 20, "PT36H", 20),
            // From 1,000 occasions on they are in buckets.
            ("day", 1000, "PT24H", 1000), ("day", 1000, "PT14H", 0), ("second", 1000, "PT24H", 0),
        ] {
            let promise = app.seed_promise(&on, Terms { precision, ..Terms::default() }).await;
            imported(&app, &promise, n).await;
            let found = asked(&owner, &promise, &format!("target_duration={target}")).await;
            assert_eq!((&found["k"], &found["source"]), (&json!(k), &json!("values")), "{precision} {n} {target} {found}");
            assert_eq!(found["is_exact"], n < 1000);
        }
    }

    async fn what_a_history_supports_counts_as_the_promise_does(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for (precision, grace_seconds, supported) in
            [("second", 0, "P1DT12H"), ("day", 0, "PT15H"), ("second", 3600, "P1DT11H"), ("day", 15 * 3600, "PT1S")]
        {
            let promise = app.seed_promise(&on, Terms { precision, grace_seconds, ..Terms::default() }).await;
            imported(&app, &promise, 60).await;
            let found = asked(&owner, &promise, "").await;
            assert_eq!(found["supported_target_duration"], supported, "{precision} {grace_seconds} {found}");
            assert_eq!((&found["k"], &found["source"]), (&json!(60), &json!("outcomes")));
        }
    }

    async fn a_version_that_counts_otherwise_is_not_flattered_by_how_the_one_before_counted(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for n in [20, 1000] {
            let lenient = Terms { precision: "day", grace_seconds: 3600, ..Terms::default() };
            let promise = app.seed_promise(&on, lenient).await;
            imported(&app, &promise, n).await;
            let exact = Terms { effective_from: "2026-11-20T00:00:00Z", target: 36.0 * 3600.0 - 1.0, ..Terms::default() };
            app.seed_version(&promise, 2, exact).await;
            let found = asked(&owner, &promise, "").await;
            assert_eq!((&found["k"], &found["n"]), (&json!(0), &json!(n)), "{found}");
        }
    }

    async fn a_late_rating_would_have_met_no_target(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let terms = Terms { metric: "rating", comparison: "at_least", target: 4.0, ..Terms::default() };
        let promise = app.seed_promise(&on, terms).await;
        for at in ["2026-11-02T09:00:00Z", "2026-11-04T09:00:00Z"] {
            commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z", "due_at": "2026-11-03T09:00:00Z",
                "fulfilled_at": at, "value": 5})).await;
        }
        assert_eq!(asked(&owner, &promise, "target=3").await["k"], 1);
    }

    async fn a_history_is_asked_as_of_a_past_day(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        for day in 1..=20 {
            commit(&owner, &promise, json!({"made_at": format!("2026-09-{day:02}T09:00:00Z"),
                "fulfilled_at": format!("2026-09-{:02}T09:00:00Z", day + 1)})).await;
            commit(&owner, &promise, json!({"made_at": format!("2026-10-{day:02}T09:00:00Z")})).await;
        }
        let counted = async |query: &str| {
            let found = asked(&owner, &promise, query).await;
            let periods: Vec<_> = found["periods"].as_array().expect("periods").iter().map(|of| of["n"].clone()).collect();
            (found["from"].clone(), found["to"].clone(), found["n"].clone(), found["k"].clone(), json!(periods))
        };
        for (query, from, to, n, k, periods) in [
            ("as_of=2026-09-30", "2025-10-01", "2026-09-30", 20, 20, json!([20, 0, 0])),
            ("as_of=2026-10-31", "2025-11-01", "2026-10-31", 40, 20, json!([20, 20, 0])),
            ("as_of=2026-10-31&window=31", "2026-10-01", "2026-10-31", 20, 0, json!([20, 20, 0])),
            ("window=52", "2026-10-01", "2026-11-21", 20, 0, json!([20, 20, 0])),
            ("as_of=2026-10-30", "2025-10-31", "2026-10-30", 40, 20, json!([20, 0, 0])),
            ("as_of=2026-09-30&target_duration=PT24H", "2025-10-01", "2026-09-30", 20, 20, json!([20, 0, 0])),
        ] {
            let wanted = (json!(from), json!(to), json!(n), json!(k), periods);
            assert_eq!(counted(query).await, wanted, "{query}");
        }
        for (query, wrong) in [
            ("window=30&from=2026-10-01", "window rule_violated"), ("window=30&to=2026-10-01", "window rule_violated"),
            ("as_of=2026-10-01&to=2026-10-01", "as_of rule_violated"), ("from=2026-02-01&to=2026-01-01", "from date_order"),
        ] {
            for path in [format!("/v1/promises/{promise}/capability"), format!("/v1/promises/{promise}/chart.svg"),
                format!("/v1/agreements/{}/reciprocity", on.agreement)] {
                let code = wrong.rsplit(' ').next().expect("a code");
                let refused = owner.get(&format!("{path}?{query}")).await.refused(422, code);
                assert_eq!(refused.errors(), [wrong], "{path}?{query}");
            }
        }
    }

    async fn what_was_made_under_an_earlier_version_is_not_taken_for_kept_under_the_one_in_force(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let days = |days: f64| Terms { target: days * 86_400.0, ..Terms::default() };
        let promise = app.seed_promise(&on, days(40.0)).await;
        app.seed_version(&promise, 2, Terms { effective_from: "2026-07-20T00:00:00Z", ..days(10.0) }).await;
        let row = |place: usize| json!({"promise_id": promise, "external_id": format!("long-{place}"),
            "made_at": "2026-07-15T09:00:00Z", "fulfilled_at": "2026-08-20T09:00:00Z"});
        let outcomes = import(&app, ImportMode::Create, (0..30).map(row).collect()).await;
        assert!(outcomes.iter().all(|outcome| outcome == "created"));
        // All are due in August, weeks after the second version took effect; the first one judged them.
        let found = asked(&owner, &promise, "from=2026-08-05&to=2026-11-20").await;
        assert_eq!((&found["n"], &found["k"], &found["source"]), (&json!(30), &json!(0), &json!("values")), "{found}");
        let rate = owner.get(&format!("/v1/kept-rate?promise_id={promise}&from=2026-08-05&to=2026-11-20")).await;
        assert_eq!(rate.expect(200).body["rate"]["k"], 30);
    }

    async fn buckets_of_a_month_that_goes_on_say_nothing_of_a_day_within(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        // In the first ten days of October an hour, from then on a day.
        let row = |place: usize, month: &str, hours: usize| {
            let day = place % 10 + if hours == 1 { 1 } else { 15 };
            json!({"promise_id": promise, "external_id": format!("{month}-{hours}-{place}"),
                "made_at": format!("2026-{month}-{day:02}T00:00:00Z"), "due_at": format!("2026-{month}-{day:02}T23:00:00Z"),
                "fulfilled_at": format!("2026-{month}-{day:02}T{hours:02}:00:00Z")})
        };
        for (month, hours) in [("10", 1), ("10", 20)] {
            let rows = (0..1000).map(|place| row(place, month, hours)).collect();
            import(&app, ImportMode::Create, rows).await;
        }
        // No month is over within these days: single occasions are read.
        let found = asked(&owner, &promise, "as_of=2026-10-12&window=12&target_duration=PT2H").await;
        assert_eq!((&found["n"], &found["k"], &found["is_exact"]), (&json!(1000), &json!(1000), &json!(true)), "{found}");
        let found = asked(&owner, &promise, "as_of=2026-10-31&target_duration=PT2H").await;
        assert_eq!((&found["n"], &found["k"], &found["is_exact"]), (&json!(2000), &json!(1000), &json!(false)), "{found}");
    }

    async fn full_periods_tell_their_own_share(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.customers)).await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        // September: 12 of 12, October: 9 of 12, August: 5 of 5.
        for (month, n, kept) in [("08", 5, 5), ("09", 12, 12), ("10", 12, 9)] {
            for day in 1..=n {
                let mut new = json!({"made_at": format!("2026-{month}-{day:02}T09:00:00Z")});
                if day <= kept {
                    new["fulfilled_at"] = json!(format!("2026-{month}-{day:02}T10:00:00Z"));
                }
                commit(&owner, &id, new).await;
            }
        }
        let found = asked(&owner, &id, "reliability=0.8").await;
        let period = |from: &str, to: &str, n: i64, k: i64, share: Value, is_below: bool| {
            json!({"from": from, "to": to, "n": n, "k": k, "share": share, "is_below": is_below})
        };
        assert_eq!(found["periods"], json!([
            period("2026-10-01", "2026-10-31", 12, 9, json!(0.75), false),
            period("2026-09-01", "2026-09-30", 12, 12, json!(1.0), false),
            period("2026-08-01", "2026-08-31", 5, 5, Value::Null, false),
        ]));
        assert_eq!(found["is_repeated"], true);
        // 0.75 is 0.05 below 0.8, which is not yet below; at 0.81 it is.
        let found = asked(&owner, &id, "reliability=0.81").await;
        assert_eq!((&found["periods"][0]["is_below"], &found["is_repeated"]), (&json!(true), &json!(false)));
    }

    async fn publishing_judges_today_whatever_was_asked(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = made(&owner, promise(&on, &on.theirs)).await;
        let id = path.rsplit('/').next().expect("an id").to_owned();
        occasions(&app, &owner, &path, (0..30).map(|_| None)).await;
        assert_eq!(asked(&owner, &id, "as_of=2026-02-28").await["verdict"], "insufficient");
        owner.act(&format!("{path}/check")).await.expect(200);
        let approval = json!({"approval": {"reason": "New.", "recheck_on": "2027-06-01"}});
        let refusal = owner.post(&format!("{path}/publish"), approval.clone()).await.refused(422, "rule_violated");
        assert_eq!((&refusal.body["capability"]["verdict"], &refusal.body["capability"]["to"]),
            (&json!("contradicted"), &json!("2026-11-21")));
        owner.post(&format!("{path}/publish?as_of=2026-02-28"), approval).await.refused(400, "unknown_parameter");
    }
}
