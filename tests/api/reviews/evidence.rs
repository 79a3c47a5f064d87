//! What was frozen stays so, whatever changes later.

use crate::both;
use crate::support::lived::Tallied;
use crate::support::reviews::Stage;
use crate::support::seed::Terms;
use accord::shared::crypto;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn a_pack_never_changes(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme <&>").await).await;
        let theirs = app.seed_promise(&on, Terms::default()).await;
        let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
        for (promise, fulfilled) in [(&theirs, "2026-10-02"), (&theirs, "2026-10-09"), (&ours, "2026-10-02")] {
            let new = json!({"promise_id": promise, "made_at": "2026-10-01T09:00:00Z", "due_at": "2026-10-03T09:00:00Z",
                "fulfilled_at": format!("{fulfilled}T09:00:00Z")});
            owner.post("/v1/commitments", new).await.expect(201);
        }
        let path = app.reviewed(&on, Stage::Scheduled).await;
        owner.get(&format!("{path}/pack")).await.refused(404, "not_found");
        owner.get(&format!("{path}/pack.html")).await.refused(404, "not_found");
        let warning = json!({"agreement_id": on.agreement, "text": "Parts run out."});
        let warned = owner.post("/v1/early-warnings", warning).await.expect(201);
        app.bring(&path, &on, Stage::Ready).await;

        let before = owner.get(&format!("{path}/pack")).await.expect(200);
        let hash = crypto::hex(&crypto::sha256(before.text.as_bytes()));
        assert_eq!(before.header("etag"), format!("\"{hash}\""));
        assert_eq!(owner.get(&path).await.expect(200).body["pack_hash"], hash);
        let pack = &before.body;
        assert_eq!(pack["review"]["period"], json!({"from": "2026-10-01", "to": "2026-10-31"}));
        let kept = |id: &str| {
            let all = pack["promises"].as_array().expect("a list");
            let one = all.iter().find(|one| one["promise_id"] == *id).expect("the promise");
            (one["rate"]["k"].clone(), one["rate"]["n"].clone())
        };
        assert_eq!((kept(&theirs), kept(&ours)), ((json!(1), json!(2)), (json!(1), json!(1))));
        assert_eq!((&pack["reciprocity"]["ours"]["n"], &pack["reciprocity"]["theirs"]["n"]), (&json!(1), &json!(2)));
        assert_eq!(pack["feedback"]["window"], json!({"from": "2026-10-01", "to": "2026-10-31"}));
        assert_eq!(pack["expectations"].as_array().expect("a list").len(), 3);
        assert_eq!((&pack["early_warnings"][0]["text"], &pack["early_warnings"][0]["answer"]), (&json!("Parts run out."), &Value::Null));
        assert_eq!((&pack["actions"], &pack["assessment"]), (&json!([]), &Value::Null));
        let page = owner.get(&format!("{path}/pack.html")).await.expect(200);
        assert!(page.text.contains("Acme &lt;&amp;&gt;") && page.text.contains(&hash), "{}", page.text);
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));

        // Everything that it is made of changes.
        owner.post(&format!("{}/answer", warned.header("location")), json!({"answer": "We send some."})).await.expect(200);
        let late = json!({"promise_id": theirs, "made_at": "2026-10-01T09:00:00Z", "due_at": "2026-10-03T09:00:00Z", "fulfilled_at": "2026-10-02T09:00:00Z"});
        owner.post("/v1/commitments", late).await.expect(201);
        owner.patch(&format!("/v1/suppliers/{}", on.supplier), json!({"name": "Renamed"})).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        for reader in [&owner, &admin] {
            assert_eq!(reader.get(&format!("{path}/pack")).await.expect(200).text, before.text);
            assert_eq!(reader.get(&format!("{path}/pack.html")).await.expect(200).text, page.text);
        }
        let known = owner.with("If-None-Match", before.header("etag")).get(&format!("{path}/pack")).await.expect(304);
        assert_eq!(known.text, "");
    }

    async fn what_customers_lived_is_frozen_as_it_is_published(app: TestApp) {
        let owner = app.owner().await;
        let survey = app.seed_survey().await;
        app.seed_item(&survey, "satisfaction", "csat", (1, 5)).await;
        for (name, quadrant) in [("Published", "watermelon"), ("Not yet", "undecided")] {
            let on = app.seed_agreement(&owner.supplier(name).await).await;
            let terms = Terms { direction: "supplier_to_customer", reliability: 0.92, ..Terms::default() };
            let promise: uuid::Uuid = accord::shared::id::parse(&app.seed_promise(&on, terms).await).expect("an id");
            let day = "2026-10-10".parse::<chrono::NaiveDate>().expect("a day");
            let mut cells = vec![("promise_id", promise.into()), ("subject_id", promise.into()), ("is_promised", true.into()), ("day", day.into())];
            cells.extend([("version", 1), ("slot", 0), ("kept", 188), ("broken", 12), ("excused", 0)].map(|(name, n): (_, i64)| (name, n.into())));
            app.row("commitment_tally", false, cells).await;
            let month = Tallied { is_month: true, n: 150, counts: &[54, 0, 0, 96, 0], ..Tallied::default() };
            app.seed_tally(&on.agreement, &survey, "satisfaction", "2026-10-01", month).await;
            if quadrant == "watermelon" {
                app.job(accord::feedback::MONTHS).await;
            }
            let path = app.reviewed(&on, Stage::Ready).await;
            let pack = owner.get(&format!("{path}/pack")).await.expect(200).body;
            let of = &pack["alignment"];
            assert_eq!((&of["quadrant"], &of["kept"]["n"], &of["top_uncovered"]), (&json!(quadrant), &json!(200), &Value::Null));
        }
    }

    async fn what_does_not_fit_its_hash_is_no_evidence(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let path = app.reviewed(&on, Stage::Committed).await;
        app.sql("UPDATE review_pack SET content = '{}'").await;
        owner.get(&format!("{path}/pack")).await.refused(500, "internal_error");
        owner.act(&format!("{path}/close")).await.refused(500, "internal_error");
    }

    async fn customers_of_a_few_stay_out_of_a_pack(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let survey = owner.published_survey("csat5").await;
        for _ in 0..4 {
            let new = json!({"survey_id": survey, "agreement_id": on.agreement, "answered_at": "2026-10-10T09:00:00Z",
                "comment": "Mrs Miller was rude.", "answers": [{"item": "satisfaction", "value": 1}]});
            owner.post("/v1/feedback", new).await.expect(201);
        }
        app.job(accord::feedback::MONTHS).await;
        let path = app.reviewed(&on, Stage::Ready).await;
        let pack = owner.get(&format!("{path}/pack")).await.expect(200);
        assert_eq!((&pack.body["feedback"]["answers"], &pack.body["feedback"]["items"]), (&json!(0), &json!([])));
        assert!(!pack.text.contains("Miller"));
    }
}
