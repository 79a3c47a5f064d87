//! What customers said, in numbers.

use super::{answer, csat, custom, item, numbers, recount, survey};
use crate::both;
use serde_json::{Value, json};

fn near(given: &Value, wanted: f64, within: f64) {
    let given = given.as_f64().unwrap_or_else(|| panic!("{given} is no number"));
    assert!((given - wanted).abs() < within, "{given} is not {wanted}");
}

both! {
    async fn an_item_has_its_number_with_bounds_and_its_distribution(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([
            item("satisfaction", "scale", json!({"measure": "csat"})),
            item("recommend", "scale", json!({"measure": "nps", "scale": {"min": 1, "max": 10}})),
            item("effort", "scale", json!({"measure": "ces"})),
        ]);
        let survey = custom(&owner, items).await;
        let supplier = owner.supplier("Acme").await;
        for (satisfaction, recommend, effort) in [(5, 10, 7), (5, 9, 6), (4, 9, 7), (4, 8, 5), (4, 7, 5), (3, 6, 4), (5, 10, 6), (2, 1, 2), (4, 9, 6), (1, 2, 1), (4, 8, 5)] {
            let answers = json!([{"item": "satisfaction", "value": satisfaction}, {"item": "recommend", "value": recommend}, {"item": "effort", "value": effort}]);
            owner.post("/v1/feedback", json!({"survey_id": survey, "supplier_id": supplier, "answers": answers})).await.expect(201);
        }
        let found = numbers(&owner, &format!("supplier_id={supplier}")).await;
        let named = |key: &str| found["items"].as_array().expect("items").iter().find(|item| item["item"] == key).expect(key).clone();
        let csat = named("satisfaction");
        assert_eq!((&csat["variant"], &csat["score"]["n"], &csat["score"]["k"], &csat["score"]["method"]), (&json!("top2"), &json!(11), &json!(8), &json!("wilson_95")));
        near(&csat["score"]["value"], 8.0 / 11.0, 1e-9);
        near(&csat["mean"]["value"], 41.0 / 11.0, 1e-9);
        assert_eq!(csat["distribution"].as_array().expect("bins").iter().map(|bin| bin["count"].as_i64().expect("n")).collect::<Vec<_>>(), [1, 1, 1, 5, 3]);
        let nps = named("recommend");
        assert_eq!((&nps["variant"], &nps["net"]), (&json!("nps_1_10"), &json!({"promoters": 5, "passives": 3, "detractors": 3})));
        near(&nps["score"]["value"], 100.0 * 2.0 / 11.0, 1e-9);
        let ces = named("effort");
        assert_eq!((&ces["variant"], &ces["favourable"]["k"]), (&json!("mean"), &json!(8)));
        near(&ces["score"]["value"], 54.0 / 11.0, 1e-9);
        near(&ces["normalised"], (54.0 / 11.0 - 1.0) / 6.0 * 100.0, 1e-9);
        recount(&app).await;
    }

    async fn below_ten_answers_a_number_is_null(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        for _ in 0..9 {
            owner.post("/v1/feedback", answer(&survey, &supplier, 5)).await.expect(201);
        }
        let few = numbers(&owner, &format!("supplier_id={supplier}")).await["items"][0].clone();
        assert_eq!((&few["score"]["value"], &few["mean"]["value"], &few["normalised"], &few["score"]["k"]), (&Value::Null, &Value::Null, &Value::Null, &json!(9)));
        near(&few["score"]["lower"], 0.7009, 0.0001);
    }

    async fn numbers_are_of_what_is_asked_for(app: TestApp) {
        let owner = app.owner().await;
        let (survey, second) = (csat(&owner).await, csat(&owner).await);
        let supplier = owner.supplier("Acme").await;
        let on = app.seed_agreement_of(&supplier, "Repairs").await;
        let person = owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Kim"})).await.expect(201).id();
        for (survey, more) in [
            (&survey, json!({})),
            (&survey, json!({"agreement_id": on.agreement, "answered_at": "2026-11-01T10:00:00Z"})),
            (&survey, json!({"agreement_id": on.agreement, "person_id": person, "answered_at": "2026-10-31T10:00:00Z"})),
            (&survey, json!({"person_id": person, "stage": "transaction"})),
            (&second, json!({"stage": "transaction", "respondent_kind": "internal_customer"})),
            (&second, json!({"answered_at": "2024-02-29T10:00:00Z"})),
        ] {
            let mut new = answer(survey, &supplier, 4);
            new.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
            owner.post("/v1/feedback", new).await.expect(201);
        }
        let own = format!("supplier_id={supplier}");
        for (query, answers) in [
            (own.clone(), 5),
            (format!("{own}&from=2024-01-01"), 6),
            (format!("{own}&from=2024-02-29&to=2024-02-29"), 1),
            (format!("{own}&from=2024-02-01&to=2024-02-28"), 0),
            (format!("{own}&from=2026-10-31&to=2026-11-01"), 2),
            (format!("{own}&from=2026-10-01&to=2026-11-21"), 5),
            (format!("{own}&window=21"), 4),
            (format!("{own}&as_of=2026-10-31"), 1),
            (format!("agreement_id={}", on.agreement), 2),
            (format!("person_id={person}"), 2),
            (format!("person_id={person}&agreement_id={}", on.agreement), 1),
            ("service_line=Repairs".to_owned(), 2),
            (format!("{own}&survey_id={second}"), 1),
            (format!("{own}&stage=transaction"), 2),
            (format!("{own}&respondent_kind=internal_customer"), 1),
            (format!("{own}&stage=pre_transaction"), 0),
            (format!("supplier_id={}", app.clock.uuid()), 0),
        ] {
            assert_eq!(numbers(&owner, &query).await["answers"], answers, "{query}");
        }
        owner.get("/v1/feedback-numbers").await.refused(422, "rule_violated");
        owner.get(&format!("/v1/feedback-numbers?{own}&window=900&by=day")).await.refused(422, "rule_violated");
        recount(&app).await;
    }

    async fn a_series_adds_up_to_the_whole(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        for day in ["2026-08-31", "2026-09-01", "2026-09-30", "2026-10-05", "2026-11-21"] {
            let mut new = answer(&survey, &supplier, 4);
            new["answered_at"] = json!(format!("{day}T08:00:00Z"));
            owner.post("/v1/feedback", new).await.expect(201);
        }
        for (by, steps, some) in [("month", 4, 2), ("week", 13, 2), ("day", 84, 1)] {
            let found = numbers(&owner, &format!("supplier_id={supplier}&from=2026-08-30&to=2026-11-21&by={by}")).await;
            let series = found["series"].as_array().expect("steps").clone();
            let answers: Vec<_> = series.iter().map(|step| step["answers"].as_i64().expect("a number")).collect();
            assert_eq!((answers.iter().sum::<i64>(), answers.iter().max()), (5, Some(&some)), "{by} {answers:?}");
            assert_eq!(series.len(), steps, "{by}");
        }
    }

    async fn gaps_are_told_by_dimension_with_the_weights_of_customers(app: TestApp) {
        let owner = app.owner().await;
        let mut terms = owner.get("/v1/survey-instruments").await.expect(200).body["data"].as_array().expect("instruments").iter()
            .find(|instrument| instrument["instrument"] == "servqual22").expect("servqual")["terms"].clone();
        (terms["asks_importance"], terms["asks_minimum"]) = (json!(true), json!(true));
        let survey = survey(&owner, json!({"name": "Quality", "instrument": "servqual22", "terms": terms})).await;
        let supplier = owner.supplier("Acme").await;
        for turn in 0..10 {
            let pair = |item: &str, expectation: i64, value: i64| json!({"item": item, "expectation": expectation, "value": value, "minimum": 3});
            let lived = if turn < 3 { 7 } else { 4 };
            let answers = json!([pair("reliability_1", 6, lived), pair("reliability_2", 6, lived), pair("empathy_1", 5, 5)]);
            let mut new = json!({"survey_id": survey, "supplier_id": supplier, "answers": answers});
            if turn < 9 {
                new["importance"] = json!({"reliability": 60, "assurance": 0, "tangibles": 0, "empathy": 40, "responsiveness": 0});
            }
            owner.post("/v1/feedback", new).await.expect(201);
        }
        let of = format!("supplier_id={supplier}");
        let few = numbers(&owner, &of).await["servqual"][0].clone();
        assert_eq!(few["weights_from"], "literature");
        let last = json!({"survey_id": survey, "supplier_id": supplier, "answers": [],
            "importance": {"reliability": 60, "assurance": 0, "tangibles": 0, "empathy": 40, "responsiveness": 0}});
        owner.post("/v1/feedback", last).await.expect(201);
        let found = numbers(&owner, &of).await["servqual"][0].clone();
        assert_eq!((&found["weights_from"], &found["min"], &found["max"]), (&json!("customers"), &json!(1), &json!(7)));
        let reliability = &found["dimensions"][0];
        assert_eq!(reliability["dimension"], "reliability");
        near(&reliability["figures"]["gap"]["value"], -1.1, 1e-9);
        near(&reliability["figures"]["expectation"]["value"], 6.0, 1e-9);
        near(&reliability["margin"]["value"], 1.9, 1e-9);
        assert_eq!((&reliability["figures"]["negative"]["k"], &reliability["figures"]["negative"]["n"]), (&json!(7), &json!(10)));
        near(&found["weighted_gap"], -0.66, 1e-9);
        near(&found["sub_score"], 100.0 * (1.0 - 0.66 / 6.0), 1e-9);
        assert_eq!(found["dimensions"].as_array().map(Vec::len), Some(2));
        recount(&app).await;
    }

    async fn choices_are_shares_of_those_who_chose(app: TestApp) {
        let owner = app.owner().await;
        let choices = json!([{"key": "price", "wording": {"en": "Price"}}, {"key": "time", "wording": {"en": "Time"}}]);
        let survey = custom(&owner, json!([item("why", "choice", json!({"choices": choices, "is_multiple": true})), item("mood", "scale", json!({"measure": "csat"}))])).await;
        let supplier = owner.supplier("Acme").await;
        for chosen in [json!([{"item": "why", "choices": ["price", "time"]}]), json!([{"item": "why", "choices": ["time"]}]), json!([{"item": "mood", "value": 3}])] {
            owner.post("/v1/feedback", json!({"survey_id": survey, "supplier_id": supplier, "answers": chosen})).await.expect(201);
        }
        let found = numbers(&owner, &format!("supplier_id={supplier}")).await["choices"].clone();
        let told: Vec<_> = found.as_array().expect("choices").iter().map(|one| (one["choice"].clone(), one["share"]["k"].clone(), one["share"]["n"].clone())).collect();
        assert_eq!(told, [(json!("price"), json!(1), json!(2)), (json!("time"), json!(2), json!(2))]);
    }
}
