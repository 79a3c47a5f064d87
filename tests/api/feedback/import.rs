//! Feedback from files, and tallies whatever happens.

use super::{answer, csat, custom, given, item, numbers, recount};
use crate::both;
use crate::support::{Caller, TestApp};
use accord::app;
use accord::shared::jobs::worker::run_one;
use poem::http::Method;
use serde_json::{Value, json};

/// Imports a file and returns what became of it.
async fn import(app: &TestApp, owner: &Caller<'_>, query: &str, media_type: &str, file: String) -> Value {
    let path = format!("/v1/imports?kind=feedback{query}");
    let job = owner.send_raw(Method::POST, &path, Some((media_type, file.into_bytes()))).await.expect(202);
    while run_one(&app.app, &app::long_work()).await.expect("the worker works") {}
    let id = job.body["import_id"].as_str().expect("an id");
    let mut done = owner.get(&format!("/v1/imports/{id}")).await.expect(200).body;
    done["refused"] = owner.get(&format!("/v1/imports/{id}/rows")).await.expect(200).body["data"].clone();
    done
}

/// A sequence of numbers that looks random and is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

both! {
    async fn a_table_has_a_column_for_every_item(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([
            item("speed", "pair", json!({"expectation_wording": {"en": "And before?"}, "scale": {"min": 1, "max": 10}})),
            item("mood", "scale", json!({"measure": "csat"})),
        ]);
        let survey = custom(&owner, items).await;
        let supplier = owner.post("/v1/suppliers", json!({"kind": "company", "name": "Acme", "external_id": "S-1"})).await.expect(201).id();
        owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Kim", "external_id": "P-1"})).await.expect(201);
        let file = format!(
            "external_id,survey_id,supplier_external_id,person_external_id,answered_at,values.speed,expectations.speed,values.mood,channel,comment\n\
             A,{survey},S-1,P-1,2026-11-01T10:00:00Z,8,6,4,phone,Fine\n\
             B,{survey},S-1,,2026-11-02T10:00:00Z,,,5,,\n\
             C,{survey},S-1,,2026-11-02T10:00:00Z,11,6,4,,\n\
             D,{survey},S-2,,2026-11-02T10:00:00Z,8,6,4,,\n\
             E,{survey},S-1,,2026-11-02T10:00:00Z,,,,,\n\
             F,{survey},S-1,P-2,2026-11-02T10:00:00Z,8,6,4,,\n");
        let done = import(&app, &owner, "&on_error=continue", "text/csv", file).await;
        assert_eq!((&done["rows_created"], &done["rows_failed"]), (&json!(2), &json!(4)), "{done}");
        let told: Vec<_> = done["refused"].as_array().expect("rows").iter()
            .map(|row| (row["external_id"].clone(), row["problem"]["code"].clone(), row["problem"]["errors"][0]["pointer"].clone())).collect();
        assert_eq!(told, [
            (json!("C"), json!("rule_violated"), json!("#/values/speed")),
            (json!("D"), json!("invalid_reference"), json!("#/supplier_external_id")),
            (json!("E"), json!("missing_answers"), json!("#/answers")),
            (json!("F"), json!("invalid_reference"), json!("#/person_external_id")),
        ]);
        let first = owner.get("/v1/feedback?external_id=A").await.expect(200).body["data"][0].clone();
        assert_eq!(given(&first), json!([{"item": "mood", "value": 4}, {"item": "speed", "value": 8, "expectation": 6}]));
        assert_eq!((&first["channel"], &first["comment"], &first["import_id"]), (&json!("phone"), &json!("Fine"), &done["id"]));
        recount(&app).await;
    }

    async fn a_row_that_says_otherwise_takes_the_place_of_what_is_known(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let row = |key: &str, value: i64| {
            let mut row = answer(&survey, &supplier, value);
            (row["external_id"], row["answered_at"]) = (json!(key), json!("2026-11-01T10:00:00Z"));
            (row["job_ref"], row["customer_ref"]) = (json!(key), json!("C"));
            format!("{row}\n")
        };
        let ndjson = "application/x-ndjson";
        import(&app, &owner, "", ndjson, row("A", 1) + &row("B", 5)).await;
        let known = import(&app, &owner, "", ndjson, row("A", 3)).await;
        assert_eq!((&known["rows_failed"], &known["refused"][0]["problem"]["code"]), (&json!(1), &json!("already_exists")));
        let done = import(&app, &owner, "&mode=upsert", ndjson, row("A", 4) + &row("B", 5) + &row("C", 2)).await;
        assert_eq!((&done["rows_created"], &done["rows_updated"], &done["rows_unchanged"]), (&json!(1), &json!(1), &json!(1)), "{done}");
        let all = owner.get("/v1/feedback?superseded=true&external_id=A").await.expect(200).body["data"].clone();
        assert_eq!((&all[0]["superseded_by_id"], &all[1]["supersedes_id"]), (&all[1]["id"], &all[0]["id"]));
        assert_eq!((&all[1]["status"], &all[1]["answers"][0]["value"]), (&json!("counted"), &json!(4)));
        assert_eq!(owner.get("/v1/feedback").await.expect(200).each("external_id").len(), 3);
        let counts = numbers(&owner, &format!("supplier_id={supplier}")).await["items"][0]["distribution"].clone();
        let counts: Vec<_> = counts.as_array().expect("bins").iter().map(|bin| bin["count"].as_i64().expect("a count")).collect();
        assert_eq!(counts, [0, 1, 0, 1, 1]);
        recount(&app).await;
    }

    async fn who_answered_without_a_pseudonym_is_erased_by_the_answer(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let mut new = answer(&survey, &supplier, 1);
        (new["comment"], new["external_id"]) = (json!("Secret-1"), json!("F-1"));
        owner.post("/v1/feedback", new).await.expect(201);
        // An import corrected what was said.
        let row = json!({"external_id": "F-1", "survey_id": survey, "supplier_id": supplier, "comment": "Secret-2",
            "answers": [{"item": "satisfaction", "value": 2}]});
        import(&app, &owner, "&mode=upsert", "application/x-ndjson", row.to_string()).await;
        let id = owner.get("/v1/feedback?external_id=F-1").await.expect(200).body["data"][0]["id"].clone();
        for wrong in [json!({}), json!({"customer_ref": "C", "feedback_id": id})] {
            owner.post("/v1/feedback/erase-customer", wrong).await.refused(422, "rule_violated");
        }
        let nobody = json!({"feedback_id": "01946f1e-0000-7a5d-8eaa-5f6071829304"});
        owner.post("/v1/feedback/erase-customer", nobody).await.refused(422, "invalid_reference");
        let erased = owner.post("/v1/feedback/erase-customer", json!({"feedback_id": id})).await.expect(200);
        assert_eq!(erased.body, json!({"feedback": 2, "survey_links": 0}));
        assert!(!app.everything(&["feedback"]).await.contains("Secret"), "something is left");
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 1);
        recount(&app).await;
    }

    async fn what_was_erased_hidden_or_left_out_stays_so(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let row = |key: &str, words: &str| {
            let mut row = answer(&survey, &supplier, 3);
            (row["external_id"], row["customer_ref"], row["comment"]) = (json!(key), json!(key), json!(words));
            (row["is_comment_shared"], row["answered_at"]) = (json!(true), json!("2026-11-01T10:00:00Z"));
            format!("{row}\n")
        };
        let ndjson = "application/x-ndjson";
        import(&app, &owner, "", ndjson, row("E", "One.") + &row("H", "Two.") + &row("Q", "Three.")).await;
        let of = async |key: &str| {
            owner.get(&format!("/v1/feedback?external_id={key}")).await.expect(200).body["data"][0].clone()
        };
        owner.post("/v1/feedback/erase-customer", json!({"customer_ref": "E"})).await.expect(200);
        for (key, verb) in [("H", "hide"), ("Q", "quarantine")] {
            let path = format!("/v1/feedback/{}/{verb}", of(key).await["id"].as_str().expect("an id"));
            owner.post(&path, json!({"reason": "Decided."})).await.expect(200);
        }
        let again = row("E", "One!") + &row("H", "Two!") + &row("Q", "Three!");
        let done = import(&app, &owner, "&mode=upsert", ndjson, again).await;
        assert_eq!((&done["rows_updated"], &done["rows_unchanged"]), (&json!(2), &json!(1)), "{done}");
        let erased = of("E").await;
        assert_eq!((&erased["comment"], &erased["customer_ref"]), (&Value::Null, &Value::Null));
        assert_eq!(of("H").await["is_hidden"], true);
        assert_eq!(of("Q").await["quarantine_reason"], "by_staff");
        assert!(owner.get("/v1/comments").await.expect(200).each("comment").is_empty());
        recount(&app).await;
    }

    async fn old_news_need_no_follow_up(app: TestApp) {
        let owner = app.owner().await;
        let terms = json!({"languages": ["en"], "title": {"en": "Visit"}, "items": [item("satisfaction", "scale", json!({"measure": "csat"}))],
            "follow_up": {"item": "satisfaction", "threshold": 2, "within": "P1D"}});
        let survey = super::survey(&owner, json!({"name": "S", "instrument": "custom", "terms": terms})).await;
        let supplier = owner.supplier("Acme").await;
        let row = |value: i64, at: &str| {
            let mut row = answer(&survey, &supplier, value);
            row["answered_at"] = json!(at);
            format!("{row}\n")
        };
        let file = row(1, "2026-09-01T10:00:00Z") + &row(2, "2026-11-20T10:00:00Z") + &row(3, "2026-11-20T10:00:00Z");
        import(&app, &owner, "", "application/x-ndjson", file).await;
        let found = owner.get("/v1/follow-ups").await.expect(200);
        assert_eq!(found.each("status"), ["required"]);
        let about = owner.get(&format!("/v1/feedback/{}", found.each("feedback_id")[0])).await.expect(200).body;
        assert_eq!(about["answers"][0]["value"], 2);
    }

    async fn whatever_happens_tallies_equal_a_recount(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([
            item("satisfaction", "scale", json!({"measure": "csat"})),
            item("speed", "pair", json!({"expectation_wording": {"en": "And before?"}, "dimension": "responsiveness", "scale": {"min": 1, "max": 7}})),
            item("care", "pair", json!({"expectation_wording": {"en": "And before?"}, "dimension": "empathy", "scale": {"min": 1, "max": 7}})),
        ]);
        let survey = custom(&owner, items).await;
        let supplier = owner.supplier("Acme").await;
        let on = app.seed_agreement(&supplier).await;
        let person = owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Kim", "email": "kim@works.example"})).await.expect(201).id();
        let mut dice = Dice(7);
        for turn in 0..60 {
            let key = format!("K-{}", dice.roll(20));
            let mut row = answer(&survey, &supplier, i64::try_from(dice.roll(5)).expect("small") + 1);
            let pair = |item: &str, a: u64, b: u64| json!({"item": item, "value": a + 1, "expectation": b + 1});
            row["answers"].as_array_mut().expect("answers").extend([pair("speed", dice.roll(7), dice.roll(7)), pair("care", dice.roll(7), dice.roll(7))]);
            row["answered_at"] = json!(format!("2026-{:02}-{:02}T10:00:00Z", dice.roll(10) + 1, dice.roll(28) + 1));
            (row["external_id"], row["job_ref"], row["customer_ref"]) = (json!(key), json!(format!("J-{}", dice.roll(4))), json!("C"));
            if dice.roll(2) == 0 {
                row["agreement_id"] = json!(on.agreement);
            }
            if dice.roll(3) == 0 {
                row["person_id"] = json!(person);
            }
            if dice.roll(5) == 0 {
                row["contact"] = json!({"email": "boss@works.example"});
            }
            import(&app, &owner, "&mode=upsert", "application/x-ndjson", format!("{row}\n")).await;
            let ids = owner.get("/v1/feedback?limit=100&superseded=true").await.expect(200).each("id");
            let place = usize::try_from(dice.roll(ids.len() as u64)).expect("small");
            let verb = ["quarantine", "release"][usize::try_from(dice.roll(2)).expect("small")];
            let moved = owner.post(&format!("/v1/feedback/{}/{verb}", ids[place]), json!({"reason": "Dice."})).await;
            assert!(moved.status < 500, "{}", moved.text);
            if turn % 15 == 14 {
                recount(&app).await;
            }
        }
        for reason in ["own_people", "duplicate", "by_staff"] {
            let all = owner.walk("/v1/feedback?limit=100&status=quarantined", "quarantine_reason").await;
            assert!(all.iter().any(|found| found == reason), "nothing was quarantined as {reason}");
        }
        app.sql("UPDATE feedback_tally SET n = n + 1 WHERE item = 'satisfaction'").await;
        assert!(!accord::feedback::differences(&app.app.db).await.expect("a recount").is_empty());
    }
}
