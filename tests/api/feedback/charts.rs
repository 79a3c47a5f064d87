//! What customers said, as pictures.

use super::{csat, custom, item, survey};
use crate::both;
use crate::support::Caller;
use accord::feedback::MONTHS;
use accord::shared::permission::Role;
use serde_json::json;

const PICTURES: [(&str, &str); 3] = [("gap", ""), ("nps", ""), ("distribution", "&item=satisfaction")];

async fn picture(caller: &Caller<'_>, name: &str, query: &str) -> String {
    let found = caller.get(&format!("/v1/feedback-numbers/{name}.svg?{query}")).await.expect(200);
    assert_eq!(found.header("content-type"), "image/svg+xml; charset=utf-8");
    let policy = found.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.ends_with("sandbox"), "{policy}");
    found.text
}

/// So many answers with this number in this month.
async fn give(caller: &Caller<'_>, survey: &str, of: (&str, &str), month: &str, values: &[i64]) {
    for value in values {
        let mut new = json!({"survey_id": survey, "answers": [{"item": of.1, "value": value}]});
        new[if of.0.starts_with("agreement:") { "agreement_id" } else { "supplier_id" }] =
            json!(of.0.trim_start_matches("agreement:"));
        new["answered_at"] = json!(format!("{month}-15T10:00:00Z"));
        caller.post("/v1/feedback", new).await.expect(201);
    }
}

both! {
    async fn gaps_are_drawn_by_dimension(app: TestApp) {
        let owner = app.owner().await;
        let survey = survey(&owner, json!({"name": "Quality", "instrument": "servqual22"})).await;
        let supplier = owner.supplier("Acme").await;
        let pair = |item: &str, expectation: i64, value: i64| json!({"item": item, "expectation": expectation, "value": value});
        for turn in 0..10 {
            let answers = json!([pair("reliability_1", 6, if turn < 3 { 7 } else { 4 }), pair("empathy_1", 5, 6)]);
            owner.post("/v1/feedback", json!({"survey_id": survey, "supplier_id": supplier, "answers": answers})).await.expect(201);
        }
        let svg = picture(&owner, "gap", &format!("supplier_id={supplier}")).await;
        assert!(svg.contains("Reliability: expected 6, lived 4.9, gap -1.1, between"), "{svg}");
        assert!(svg.contains("; 70 % of 10 lived less than they expected"), "{svg}");
        assert!(svg.find(">Reliability</text>") < svg.find(">Empathy</text>") && !svg.contains(">Tangibles</text>"), "{svg}");
    }

    async fn scores_are_drawn_by_month_and_numbers_counted(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([item("recommend", "scale", json!({"measure": "nps", "scale": {"min": 1, "max": 10}}))]);
        let survey = custom(&owner, items).await;
        let supplier = owner.supplier("Acme").await;
        give(&owner, &survey, (&supplier, "recommend"), "2026-09", &[10, 10, 10, 10, 9, 9, 8, 7, 6, 1]).await;
        give(&owner, &survey, (&supplier, "recommend"), "2026-10", &[1, 2]).await;
        let own = format!("supplier_id={supplier}");
        let svg = picture(&owner, "nps", &own).await;
        assert!(svg.contains(">Net promoter score by month: recommend, 1-10</text>"), "{svg}");
        assert!(svg.contains("<title>Sep 2026: +40, between -9.6 and +89.6, of 10</title>"), "{svg}");
        assert!(svg.contains("Oct 2026: too few answers for a number (fewer than 10), of 2"), "{svg}");
        let svg = picture(&owner, "distribution", &format!("{own}&item=recommend")).await;
        assert!(svg.contains("12 answers; net promoter score, 1-10: +16.7, between"), "{svg}");
        assert!(svg.contains("<title>10: 4 of 12, 33.3 %</title>"), "{svg}");
    }

    async fn nothing_is_a_picture_and_what_cannot_be_asked_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let own = format!("supplier_id={}", owner.supplier("Acme").await);
        for (name, item) in PICTURES {
            let svg = picture(&owner, name, &format!("{own}{item}")).await;
            assert!(svg.contains("class=\"empty\""), "{svg}");
            let refused = async |query: &str, status, code| {
                owner.get(&format!("/v1/feedback-numbers/{name}.svg?{query}{item}")).await.refused(status, code);
            };
            refused("window=30", 422, "rule_violated").await;
            refused(&format!("{own}&from=2026-02-01&to=2026-01-01"), 422, "date_order").await;
            refused(&format!("{own}&by=month"), 400, "unknown_parameter").await;
        }
        for wrong in ["", "&item=", "&item=Not%20a%20key"] {
            let path = format!("/v1/feedback-numbers/distribution.svg?{own}{wrong}");
            owner.get(&path).await.refused(400, "invalid_parameter");
        }
    }

    async fn a_supplier_sees_what_its_numbers_say_and_of_others_nothing(app: TestApp) {
        let owner = app.owner().await;
        let asked = csat(&owner).await;
        let nps = survey(&owner, json!({"name": "Recommend", "instrument": "nps11"})).await;
        let key = owner.get(&format!("/v1/surveys/{nps}")).await.expect(200).body["terms"]["items"][0]["key"].clone();
        let key = key.as_str().expect("a key");
        let (own, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let on = app.seed_agreement(&own).await;
        let of = format!("agreement:{}", on.agreement);
        for month in ["2026-09", "2026-11"] {
            give(&owner, &asked, (&of, "satisfaction"), month, &[5; 10]).await;
            give(&owner, &nps, (&of, key), month, &[9; 10]).await;
        }
        // Fewer than five in a month stay hidden.
        give(&owner, &asked, (&of, "satisfaction"), "2026-10", &[1; 4]).await;
        app.job(MONTHS).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let query = format!("supplier_id={own}");
        let svg = picture(&admin, "distribution", &format!("{query}&item=satisfaction")).await;
        assert!(svg.contains("10 answers;") && svg.contains("<title>1: 0 of 10, 0 %</title>"), "{svg}");
        let svg = picture(&owner, "distribution", &format!("{query}&item=satisfaction")).await;
        assert!(svg.contains("24 answers;"), "{svg}");
        let svg = picture(&admin, "nps", &query).await;
        assert!(svg.contains("Sep 2026: +100") && !svg.contains("Nov 2026: "), "{svg}");
        let stranger = app.sign_in(Role::SupplierUser, Some(&other)).await;
        for (name, item) in PICTURES {
            for hidden in [query.clone(), format!("agreement_id={}", on.agreement), "service_line=Deliveries".to_owned()] {
                let svg = picture(&stranger, name, &format!("{hidden}{item}")).await;
                assert!(svg.contains("class=\"empty\"") && !svg.contains("<title>"), "{svg}");
            }
            for wrong in ["stage=transaction", "window=30", "from=2026-11-01&to=2026-11-30"] {
                admin.get(&format!("/v1/feedback-numbers/{name}.svg?{query}&{wrong}{item}")).await.refused(422, "rule_violated");
            }
        }
    }
}
