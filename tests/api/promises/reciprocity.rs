//! What we keep against what the supplier keeps.

use super::agreement;
use crate::both;
use crate::support::seed::Terms;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn we_are_the_weaker_partner(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        for (direction, kept, n) in [("us_to_supplier", 45, 50), ("supplier_to_us", 24, 25), ("supplier_to_customer", 24, 25)] {
            let promise = app.seed_promise(&on, Terms { direction, ..Terms::default() }).await;
            super::kept(&app, &owner, &promise, kept, n).await;
        }
        let path = format!("/v1/agreements/{}/reciprocity", on.agreement);
        let found = owner.get(&path).await.expect(200).body;
        assert_eq!((&found["ours"]["value"], &found["theirs"]["value"]), (&json!(0.9), &json!(0.96)));
        assert_eq!((&found["theirs"]["n"], &found["weaker_partner"]), (&json!(50), &json!("us")));
        assert!((found["gap"].as_f64().expect("a number") + 0.06).abs() < 1e-9);
        let supplier = app.sign_in(Role::SupplierUser, Some(&on.supplier)).await;
        assert_eq!(supplier.get(&path).await.expect(200).body["gap"], found["gap"]);
        let other = app.sign_in(Role::SupplierUser, Some(&owner.supplier("Other").await)).await;
        other.get(&path).await.refused(404, "not_found");
    }

    async fn too_few_occasions_make_no_weaker_partner(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        let path = format!("/v1/agreements/{}/reciprocity", on.agreement);
        let found = owner.get(&path).await.expect(200).body;
        assert_eq!((&found["gap"], &found["weaker_partner"], &found["ours"]["value"]), (&Value::Null, &Value::Null, &Value::Null));
        owner.get(&format!("{path}?from=2026-02-01&to=2026-01-01")).await.refused(422, "date_order");
        owner.get("/v1/agreements/01a1ff81-7540-74d8-bf1a-931cc1c79f06/reciprocity").await.refused(404, "not_found");
    }
    async fn each_dimension_is_compared_for_itself(app: TestApp) {
        let owner = app.owner().await;
        let on = agreement(&app, &owner).await;
        app.sql("UPDATE expectation SET dimension = 'empathy' WHERE direction = 'supplier_to_customer'").await;
        for (direction, kept, n) in
            [("us_to_supplier", 12, 12), ("supplier_to_us", 6, 12), ("supplier_to_customer", 10, 10)]
        {
            let promise = app.seed_promise(&on, Terms { direction, ..Terms::default() }).await;
            super::kept(&app, &owner, &promise, kept, n).await;
        }
        let path = format!("/v1/agreements/{}/reciprocity", on.agreement);
        let found = owner.get(&path).await.expect(200).body;
        let each = |member: &str| -> Vec<Value> {
            found["dimensions"].as_array().expect("dimensions").iter().map(|of| of[member].clone()).collect()
        };
        assert_eq!(each("dimension"), ["reliability", "assurance", "tangibles", "empathy", "responsiveness"]);
        assert_eq!(each("weaker_partner"), [json!("supplier"), json!(null), json!(null), json!(null), json!(null)]);
        assert_eq!(each("gap")[0], 0.5);
        let counts = |side: &str| each(side).iter().map(|rate| (rate["n"].clone(), rate["k"].clone())).collect::<Vec<_>>();
        let none = (json!(0), json!(0));
        assert_eq!(counts("ours"), [(json!(12), json!(12)), none.clone(), none.clone(), none.clone(), none.clone()]);
        assert_eq!(counts("theirs"), [(json!(12), json!(6)), none.clone(), none.clone(), (json!(10), json!(10)), none]);
        assert_eq!((&found["theirs"]["n"], &found["theirs"]["k"]), (&json!(22), &json!(16)));
        // A clause that is no longer signed keeps its dimension; one that is not signed yet has none to tell.
        app.sql("UPDATE agreement SET version_in_force = 2").await;
        assert_eq!(owner.get(&path).await.expect(200).body["dimensions"], found["dimensions"]);
        let past = owner.get(&format!("{path}?as_of=2026-10-31&window=30")).await.expect(200).body;
        assert_eq!((&past["ours"]["window"]["from"], &past["ours"]["n"]), (&json!("2026-10-02"), &json!(0)));
    }
}
