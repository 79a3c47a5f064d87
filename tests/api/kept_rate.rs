//! How often promises were kept.

use crate::both;
use crate::commitments::commit;
use crate::support::seed::Terms;
use accord::shared::permission::Role;
use serde_json::json;

both! {
    async fn below_ten_commitments_a_rate_has_no_value(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        let rate = format!("/v1/kept-rate?promise_id={promise}");
        for n in 1..=10 {
            commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z", "fulfilled_at": "2026-11-02T09:00:00Z"})).await;
            let found = owner.get(&rate).await.expect(200).body["rate"].clone();
            assert_eq!((&found["n"], &found["k"]), (&json!(n), &json!(n)));
            assert_eq!(found["value"], if n < 10 { json!(null) } else { json!(1.0) });
        }
        let found = owner.get(&rate).await.expect(200).body;
        assert!((found["rate"]["lower"].as_f64().expect("a bound") - 0.72246).abs() < 1e-5);
        assert_eq!((&found["rate"]["window"]["from"], &found["rate"]["window"]["to"]), (&json!("2025-11-22"), &json!("2026-11-21")));
        assert_eq!((&found["basis"], &found["side"]), (&json!("all"), &json!(null)));
    }

    async fn agreements_and_suppliers_count_what_was_promised_by_the_asked_side(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let theirs = app.seed_promise(&on, Terms { published_at: Some("2026-11-02T00:00:00Z"), ..Terms::default() }).await;
        let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
        commit(&owner, &theirs, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        commit(&owner, &theirs, json!({"made_at": "2026-11-02T09:00:00Z"})).await;
        for _ in 0..3 {
            commit(&owner, &ours, json!({"made_at": "2026-11-03T09:00:00Z"})).await;
        }
        let n = async |query: &str| owner.get(&format!("/v1/kept-rate?{query}")).await.expect(200).body["rate"]["n"].clone();
        for of in [format!("agreement_id={}", on.agreement), format!("supplier_id={}", on.supplier), "service_line=Deliveries".into()] {
            assert_eq!(n(&of).await, 1, "{of}");
            assert_eq!(n(&format!("{of}&basis=all")).await, 2, "{of}");
            assert_eq!(n(&format!("{of}&side=us")).await, 3, "{of}");
        }
        assert_eq!(n(&format!("promise_id={ours}")).await, 3);
        assert_eq!(n(&format!("promise_id={ours}&side=supplier")).await, 0);
        assert_eq!(n(&format!("promise_id={theirs}&to=2026-11-03")).await, 1);
        assert_eq!(n("service_line=Nothing").await, 0);
    }

    async fn a_persons_part_is_counted_apart(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        let person = owner.post(&format!("/v1/suppliers/{}/people", on.supplier), json!({"name": "Mia"})).await.expect(201).id();
        commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z", "person_id": person})).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        commit(&owner, &promise, json!({"person_id": person})).await;
        let found = owner.get(&format!("/v1/kept-rate?person_id={person}")).await.expect(200).body;
        assert_eq!((&found["rate"]["n"], &found["open"]), (&json!(1), &json!(1)));
        let found = owner.get(&format!("/v1/kept-rate?promise_id={promise}")).await.expect(200).body;
        assert_eq!((&found["rate"]["n"], &found["open"]), (&json!(2), &json!(1)));
    }

    async fn a_series_has_every_step_of_the_window(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        commit(&owner, &promise, json!({"made_at": "2026-10-30T09:00:00Z"})).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-02T09:00:00Z"})).await;
        let path = format!("/v1/kept-rate?promise_id={promise}&from=2026-10-01&to=2026-12-31&by=month");
        let series = owner.get(&path).await.expect(200).body["series"].clone();
        let steps: Vec<_> = series.as_array().expect("steps").iter().map(|step| (step["to"].clone(), step["rate"]["n"].clone())).collect();
        assert_eq!(steps, [(json!("2026-10-31"), json!(0)), (json!("2026-11-30"), json!(2)), (json!("2026-12-31"), json!(0))]);
    }

    async fn a_window_is_given_in_days_up_to_a_day(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        commit(&owner, &promise, json!({"made_at": "2026-10-30T09:00:00Z"})).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-02T09:00:00Z"})).await;
        let rate = async |query: &str| {
            let path = format!("/v1/kept-rate?promise_id={promise}&{query}");
            owner.get(&path).await.expect(200).body["rate"].clone()
        };
        for (query, from, to, n) in [
            ("window=30", "2026-10-23", "2026-11-21", 2),
            ("window=18", "2026-11-04", "2026-11-21", 1),
            ("window=1&as_of=2026-11-01", "2026-11-01", "2026-11-01", 1),
            ("as_of=2026-10-31", "2025-11-01", "2026-10-31", 0),
            ("from=2026-11-02&as_of=2026-11-04", "2026-11-02", "2026-11-04", 1),
        ] {
            let rate = rate(query).await;
            assert_eq!((&rate["window"]["from"], &rate["window"]["to"], &rate["n"]), (&json!(from), &json!(to), &json!(n)), "{query}");
        }
        for (query, refused) in [
            ("window=30&from=2026-10-01", "window"),
            ("window=30&to=2026-10-01", "window"),
            ("as_of=2026-10-01&to=2026-10-01", "as_of"),
        ] {
            let path = format!("/v1/kept-rate?promise_id={promise}&{query}");
            let errors = owner.get(&path).await.refused(422, "rule_violated").errors();
            assert_eq!(errors, [format!("{refused} rule_violated")], "{query}");
        }
        for wrong in ["0", "3661", "P30D"] {
            owner.get(&format!("/v1/kept-rate?promise_id={promise}&window={wrong}")).await.refused(400, "invalid_parameter");
        }
    }

    async fn a_rate_of_nothing_in_particular_is_refused(app: TestApp) {
        let owner = app.owner().await;
        owner.get("/v1/kept-rate").await.refused(422, "rule_violated");
        let backwards = "/v1/kept-rate?service_line=x&from=2026-02-01&to=2026-01-01";
        assert_eq!(owner.get(backwards).await.refused(422, "date_order").errors(), ["from date_order"]);
        owner.get("/v1/kept-rate?service_line=x&from=2001-02-01").await.refused(422, "rule_violated");
    }

    async fn a_supplier_counts_only_its_own(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = app.seed_promise(&on, Terms::default()).await;
        commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z"})).await;
        let other = owner.supplier("Other").await;
        let (own, stranger) = (app.sign_in(Role::SupplierUser, Some(&on.supplier)).await, app.sign_in(Role::SupplierUser, Some(&other)).await);
        for of in [format!("promise_id={promise}"), format!("supplier_id={}", on.supplier), "service_line=Deliveries".into()] {
            let path = format!("/v1/kept-rate?{of}");
            assert_eq!(own.get(&path).await.expect(200).body["rate"]["n"], 1, "{of}");
            assert_eq!(stranger.get(&path).await.expect(200).body["rate"]["n"], 0, "{of}");
        }
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        assert_eq!(reviewer.get("/v1/kept-rate?service_line=Deliveries").await.expect(200).body["rate"]["n"], 0);
    }
}
