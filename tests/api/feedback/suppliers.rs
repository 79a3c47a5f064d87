//! What suppliers read of what customers say.

use super::{answer, csat, numbers};
use crate::both;
use accord::feedback::MONTHS;
use accord::shared::permission::Role;
use serde_json::{Value, json};

both! {
    async fn a_supplier_reads_whole_months_of_five_answers_and_more(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let (first, second) = (app.seed_agreement(&supplier).await, app.seed_agreement(&supplier).await);
        for (agreement, month, values) in [
            (&first, "2026-09", vec![5, 5, 4, 4, 1]),
            (&second, "2026-09", vec![1, 1, 1, 1]),
            (&first, "2026-10", vec![5, 5, 5, 5]),
            (&second, "2026-10", vec![3, 3, 3, 3, 3, 3]),
            (&first, "2026-11", vec![2; 9]),
        ] {
            for value in values {
                let mut new = answer(&survey, &supplier, value);
                new["agreement_id"] = json!(agreement.agreement);
                new["answered_at"] = json!(format!("{month}-15T10:00:00Z"));
                owner.post("/v1/feedback", new).await.expect(201);
            }
        }
        app.job(MONTHS).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let own = format!("supplier_id={supplier}");
        let counts = |found: &Value| -> Vec<i64> {
            let bins = found["items"][0]["distribution"].as_array().cloned().unwrap_or_default();
            bins.iter().map(|bin| bin["count"].as_i64().expect("a count")).collect()
        };
        // The last twelve whole months, without the groups of four.
        let found = numbers(&admin, &own).await;
        assert_eq!((&found["answers"], counts(&found)), (&json!(11), vec![1, 0, 6, 2, 2]));
        assert_eq!(found["window"], json!({"from": "2025-11-01", "to": "2026-10-31"}));
        // Whatever is asked for, what is left out stays out: no difference tells of four answers.
        let september = numbers(&admin, &format!("{own}&from=2026-09-01&to=2026-09-30")).await;
        assert_eq!((&september["answers"], counts(&september)), (&json!(5), vec![1, 0, 0, 2, 2]));
        let small = numbers(&admin, &format!("agreement_id={}&from=2026-09-01&to=2026-09-30", second.agreement)).await;
        assert_eq!((&small["answers"], &small["items"]), (&json!(0), &json!([])));
        let steps = numbers(&admin, &format!("{own}&by=month")).await["series"].clone();
        let answers: Vec<_> = steps.as_array().expect("steps").iter().map(|step| step["answers"].clone()).collect();
        assert_eq!(answers[10..], [json!(5), json!(6)]);
        for wrong in ["from=2026-09-01&to=2026-09-29", "from=2026-09-02&to=2026-09-30", "from=2026-11-01&to=2026-11-30",
            "stage=transaction", "respondent_kind=external_customer", "window=30", "by=day", "by=week"] {
            admin.get(&format!("/v1/feedback-numbers?{own}&{wrong}")).await.refused(422, "rule_violated");
        }
        assert_eq!(numbers(&owner, &own).await["answers"], 28);
    }

    async fn a_month_that_is_over_changes_by_five_answers_and_never_by_one(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let answers = async |values: &[i64]| {
            for value in values {
                let mut new = answer(&survey, &supplier, *value);
                new["answered_at"] = json!("2026-10-15T10:00:00Z");
                owner.post("/v1/feedback", new).await.expect(201);
            }
            app.job(MONTHS).await;
        };
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let own = format!("supplier_id={supplier}");
        answers(&[5; 6]).await;
        let before = numbers(&admin, &own).await;
        assert_eq!(before["answers"], 6);
        // Four more, late: staff counts them, and the supplier cannot tell what they say.
        answers(&[1; 4]).await;
        assert_eq!(numbers(&owner, &own).await["answers"], 10);
        let mut after = numbers(&admin, &own).await;
        after["as_of"] = before["as_of"].clone();
        assert_eq!((&after["answers"], &after["items"][0]["distribution"]), (&before["answers"], &before["items"][0]["distribution"]));
        answers(&[1]).await;
        assert_eq!(numbers(&admin, &own).await["answers"], 11);
    }

    async fn another_suppliers_answers_are_nobodys_business(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let (own, hidden) = (owner.supplier("Own").await, owner.supplier("Hidden").await);
        let on = app.seed_agreement(&hidden).await;
        for _ in 0..6 {
            let mut new = answer(&survey, &hidden, 5);
            new["agreement_id"] = json!(on.agreement);
            new["answered_at"] = json!("2026-10-15T10:00:00Z");
            new["comment"] = json!("Hidden words.");
            new["is_comment_shared"] = json!(true);
            owner.post("/v1/feedback", new).await.expect(201);
        }
        app.job(MONTHS).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        for query in [format!("supplier_id={hidden}"), format!("agreement_id={}", on.agreement), "service_line=Deliveries".to_owned()] {
            let found = numbers(&admin, &query).await;
            assert_eq!((&found["answers"], &found["items"], &found["response"]["rate"]["n"]), (&json!(0), &json!([]), &json!(0)), "{query}");
        }
        for query in ["".to_owned(), format!("?supplier_id={hidden}"), format!("?agreement_id={}", on.agreement)] {
            assert!(admin.get(&format!("/v1/comments{query}")).await.expect(200).each("month").is_empty());
        }
        admin.get("/v1/feedback").await.refused(403, "forbidden");
        let theirs = app.sign_in(Role::SupplierUser, Some(&hidden)).await;
        assert_eq!(theirs.get("/v1/comments").await.expect(200).each("month"), ["2026-10-01"; 6]);
        assert_eq!(numbers(&theirs, &format!("agreement_id={}", on.agreement)).await["answers"], 6);
    }

    async fn words_reach_a_supplier_with_consent_only(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let person = owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Kim"})).await.expect(201).id();
        for (words, is_shared, is_own) in [("Private.", false, false), ("Shared.", true, false), ("Ours.", true, true)] {
            let mut new = answer(&survey, &supplier, 5);
            (new["comment"], new["is_comment_shared"]) = (json!(words), json!(is_shared));
            if is_shared && !is_own {
                (new["compliment"], new["complimented_id"]) = (json!("Kim was kind."), json!(person));
            }
            if is_own {
                let email = format!("boss-{words}@acme.example");
                owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Boss", "email": email})).await.expect(201);
                new["contact"] = json!({"email": email});
            }
            owner.post("/v1/feedback", new).await.expect(201);
        }
        let user = app.sign_in(Role::SupplierUser, Some(&supplier)).await;
        let read = user.get(&format!("/v1/comments?complimented_id={person}")).await.expect(200);
        assert_eq!(read.body["data"][0], json!({"supplier_id": supplier, "agreement_id": null, "comment": "Shared.", "compliment": "Kim was kind.",
            "complimented_id": person, "month": "2026-11-01"}));
        assert_eq!(user.get("/v1/comments").await.expect(200).each("comment"), ["Shared."]);
    }
}
