//! Feedback: what customers say, what of it counts, and who reads it.

mod charts;
mod guards;
mod import;
mod numbers;
mod public;
mod suppliers;

use crate::both;
use crate::support::{Caller, TestApp};
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// A published survey.
pub async fn survey(owner: &Caller<'_>, new: Value) -> String {
    let id = owner.post("/v1/surveys", new).await.expect(201).id();
    owner.act(&format!("/v1/surveys/{id}/publish")).await.expect(200);
    id
}

pub fn item(key: &str, kind: &str, more: Value) -> Value {
    let mut item = json!({"key": key, "kind": kind, "wording": {"en": format!("What of {key}?")}});
    let more = more.as_object().expect("members").clone();
    item.as_object_mut().expect("an item").extend(more);
    item
}

/// A survey of one's own with these items.
pub async fn custom(owner: &Caller<'_>, items: Value) -> String {
    let terms = json!({"languages": ["en"], "title": {"en": "Your visit"}, "items": items});
    survey(owner, json!({"name": "Visits", "instrument": "custom", "terms": terms})).await
}

pub async fn csat(owner: &Caller<'_>) -> String {
    survey(owner, json!({"name": "Satisfaction", "instrument": "csat5"})).await
}

/// An answer to a survey about a supplier.
pub fn answer(survey: &str, supplier: &str, value: i64) -> Value {
    json!({"survey_id": survey, "supplier_id": supplier, "answers": [{"item": "satisfaction", "value": value}]})
}

/// What was answered, without what was not.
pub fn given(feedback: &Value) -> Value {
    let mut answers = feedback["answers"].clone();
    for answer in answers.as_array_mut().expect("answers") {
        let members = answer.as_object_mut().expect("an answer");
        members.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    answers
}

pub async fn numbers(caller: &Caller<'_>, query: &str) -> Value {
    caller.get(&format!("/v1/feedback-numbers?{query}")).await.expect(200).body
}

pub async fn recount(app: &TestApp) {
    let mut found = accord::feedback::differences(&app.app.db).await.expect("a recount");
    found.extend(accord::surveys::differences(&app.app.db).await.expect("a recount"));
    assert!(found.is_empty(), "{found:?}");
}

both! {
    async fn an_answer_holds_what_was_answered_and_nothing_else(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([
            item("speed", "pair", json!({"expectation_wording": {"en": "How quick should it be?"}, "scale": {"min": 1, "max": 7}})),
            item("mood", "scale", json!({"measure": "csat"})),
            item("why", "choice", json!({"choices": [{"key": "price", "wording": {"en": "Price"}}, {"key": "time", "wording": {"en": "Time"}}]})),
            item("words", "text", json!({})),
        ]);
        let survey = custom(&owner, items).await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let new = json!({"survey_id": survey, "agreement_id": on.agreement, "job_ref": "J-1", "customer_ref": "C-1",
            "stage": "transaction", "channel": "paper", "language": "en", "comment": "Good.", "is_comment_shared": true,
            "answers": [{"item": "speed", "value": 5, "expectation": 6}, {"item": "why", "choices": ["time"]}],
            "answered_at": "2026-11-20T23:30:00Z"});
        let made = owner.post("/v1/feedback", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/feedback/{}", made.id()));
        let read = owner.get(&format!("/v1/feedback/{}", made.id())).await.expect(200);
        assert_eq!(read.body, made.body);
        assert_eq!(given(&read.body), json!([{"item": "speed", "value": 5, "expectation": 6}, {"item": "why", "choices": ["time"]}]));
        let named = |member: &str| read.body[member].clone();
        assert_eq!((named("supplier_id"), named("survey_version"), named("is_unhappy")), (json!(on.supplier), json!(1), Value::Null));
        assert_eq!((named("status"), named("respondent_kind"), named("day")), (json!("counted"), json!("external_customer"), json!("2026-11-20")));
        recount(&app).await;
    }

    async fn what_does_not_answer_the_survey_is_refused_with_every_place(app: TestApp) {
        let owner = app.owner().await;
        let items = json!([
            item("mood", "scale", json!({"measure": "csat", "is_required": true})),
            item("age", "scale", json!({"scale": {"min": 0, "max": 100, "step": 10}})),
            item("why", "choice", json!({"choices": [{"key": "price", "wording": {"en": "Price"}}, {"key": "time", "wording": {"en": "Time"}}]})),
        ]);
        let survey = custom(&owner, items).await;
        let supplier = owner.supplier("Acme").await;
        let post = async |answers: Value, more: Value| {
            let mut new = json!({"survey_id": survey, "supplier_id": supplier, "answers": answers});
            new.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
            owner.post("/v1/feedback", new).await
        };
        let wrong = json!([{"item": "age", "value": 15}, {"item": "age", "value": 20}, {"item": "none", "value": 1},
            {"item": "why", "choices": ["price", "time"]}, {"item": "mood", "value": 6, "expectation": 2, "text": "x"}]);
        let refusal = post(wrong, json!({})).await.refused(422, "rule_violated");
        let mut places = refusal.errors();
        places.sort();
        assert_eq!(places, ["#/answers/0/value rule_violated", "#/answers/1/item rule_violated",
            "#/answers/2/item invalid_reference", "#/answers/3/choices rule_violated",
            "#/answers/4/expectation rule_violated", "#/answers/4/text rule_violated", "#/answers/4/value rule_violated"]);
        post(json!([{"item": "age", "value": 20}]), json!({})).await.refused(422, "missing_answers");
        post(json!([]), json!({})).await.refused(422, "missing_answers");
        let good = json!([{"item": "mood", "value": 4}]);
        post(good.clone(), json!({"importance": {"reliability": 100, "assurance": 0, "tangibles": 0, "empathy": 0, "responsiveness": 0}}))
            .await.refused(422, "rule_violated");
        post(good.clone(), json!({"answered_at": "2027-01-01T00:00:00Z"})).await.refused(422, "rule_violated");
        assert!(owner.get("/v1/feedback").await.expect(200).each("id").is_empty());
        post(good, json!({})).await.expect(201);
    }

    async fn what_it_is_about_has_to_fit_together(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let (own, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let on = app.seed_agreement(&own).await;
        let person = owner.post(&format!("/v1/suppliers/{other}/people"), json!({"name": "Kim"})).await.expect(201).id();
        let refused = async |more: Value, code: &str, place: &str| {
            let mut new = json!({"survey_id": survey, "answers": [{"item": "satisfaction", "value": 4}]});
            new.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
            assert_eq!(owner.post("/v1/feedback", new).await.refused(422, code).errors(), [format!("{place} {code}")]);
        };
        refused(json!({}), "rule_violated", "#/supplier_id").await;
        refused(json!({"agreement_id": on.agreement, "supplier_id": other}), "rule_violated", "#/supplier_id").await;
        refused(json!({"agreement_id": on.agreement, "person_id": person}), "invalid_reference", "#/person_id").await;
        refused(json!({"supplier_id": own, "complimented_id": person}), "invalid_reference", "#/complimented_id").await;
        refused(json!({"supplier_id": app.clock.uuid().to_string()}), "invalid_reference", "#/supplier_id").await;
        let new = json!({"survey_id": survey, "person_id": person, "answers": [{"item": "satisfaction", "value": 4}], "compliment": "Kind."});
        let made = owner.post("/v1/feedback", new).await.expect(201).body;
        assert_eq!((&made["supplier_id"], &made["complimented_id"]), (&json!(other), &json!(person)));
    }

    async fn only_a_published_survey_is_answered(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let draft = owner.post("/v1/surveys", json!({"name": "S", "instrument": "csat5"})).await.expect(201).id();
        owner.post("/v1/feedback", answer(&draft, &supplier, 4)).await.refused(422, "invalid_reference");
        owner.act(&format!("/v1/surveys/{draft}/publish")).await.expect(200);
        owner.post("/v1/feedback", answer(&draft, &supplier, 4)).await.expect(201);
        owner.act(&format!("/v1/surveys/{draft}/retire")).await.expect(200);
        owner.post("/v1/feedback", answer(&draft, &supplier, 4)).await.refused(409, "invalid_state");
    }

    async fn texts_are_hidden_from_all_but_owners(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let mut new = answer(&survey, &supplier, 1);
        new["comment"] = json!("An insult.");
        new["is_comment_shared"] = json!(true);
        let path = format!("/v1/feedback/{}", owner.post("/v1/feedback", new).await.expect(201).id());
        let manager = app.sign_in(Role::Manager, None).await;
        manager.post(&format!("{path}/hide"), json!({"reason": "Insult."})).await.refused(403, "forbidden");
        owner.post(&format!("{path}/hide"), json!({"reason": "Insult."})).await.expect(200);
        owner.post(&format!("{path}/hide"), json!({"reason": "Insult."})).await.refused(409, "invalid_state");
        assert_eq!(manager.get(&path).await.expect(200).body["comment"], Value::Null);
        assert_eq!(owner.get(&path).await.expect(200).body["comment"], "An insult.");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        assert!(admin.get("/v1/comments").await.expect(200).each("month").is_empty());
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 1);
        owner.post(&format!("{path}/show"), json!({"reason": "It was none."})).await.expect(200);
        assert_eq!(admin.get("/v1/comments").await.expect(200).each("comment"), ["An insult."]);
    }

    async fn a_customer_is_erased_and_goes_on_counting(app: TestApp) {
        let owner = app.owner().await;
        let survey = custom(&owner, json!([item("mood", "scale", json!({"measure": "csat"})), item("words", "text", json!({}))])).await;
        let supplier = owner.supplier("Acme").await;
        let new = json!({"survey_id": survey, "supplier_id": supplier, "customer_ref": "Secret-1", "comment": "Secret-2",
            "compliment": "Secret-3", "contact": {"name": "Secret-4", "email": "secret-5@customer.example", "phone": "+4930123456"},
            "is_comment_shared": true, "answers": [{"item": "mood", "value": 5}, {"item": "words", "text": "Secret-6"}]});
        let path = format!("/v1/feedback/{}", owner.post("/v1/feedback", new.clone()).await.expect(201).id());
        let mut other = new;
        other["customer_ref"] = json!("Kept");
        owner.post("/v1/feedback", other).await.expect(201);
        let link = json!({"survey_id": survey, "supplier_id": supplier, "customer_ref": "Secret-1"});
        owner.post("/v1/survey-links", link).await.expect(201);
        let before = numbers(&owner, &format!("supplier_id={supplier}")).await;
        app.sign_in(Role::Manager, None).await.post("/v1/feedback/erase-customer", json!({"customer_ref": "Secret-1"})).await.refused(403, "forbidden");
        let erased = owner.post("/v1/feedback/erase-customer", json!({"customer_ref": "Secret-1"})).await.expect(200);
        assert_eq!(erased.body, json!({"feedback": 1, "survey_links": 1}));
        let read = owner.get(&path).await.expect(200);
        assert_eq!(given(&read.body), json!([{"item": "mood", "value": 5}]));
        assert_eq!(read.body["erased_at"], "2026-11-21T09:00:00.000Z");
        assert!(!read.text.contains("ecret"), "{}", read.text);
        assert_eq!(owner.get("/v1/feedback?customer_ref=Kept").await.expect(200).body["data"][0]["comment"], "Secret-2");
        let mut after = numbers(&owner, &format!("supplier_id={supplier}")).await;
        after["as_of"] = before["as_of"].clone();
        assert_eq!(after["items"][0]["distribution"], before["items"][0]["distribution"]);
        recount(&app).await;
        let kept = app.everything(&["history", "survey_link", "follow_up", "notification", "job"]).await;
        assert!(!kept.contains("ecret-"), "something is left");
        accord::shared::history::seal::seal(&app.app).await.expect("sealed");
        assert_eq!(owner.get("/v1/audit-events/verify").await.expect(200).body["is_intact"], true);
    }

    async fn reviewers_read_what_is_about_their_agreements(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let supplier = owner.supplier("Acme").await;
        let on = app.seed_agreement(&supplier).await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        let me = reviewer.get("/v1/me").await.expect(200).id();
        let mut about = answer(&survey, &supplier, 5);
        owner.post("/v1/feedback", about.clone()).await.expect(201);
        about["agreement_id"] = json!(on.agreement);
        let seen = owner.post("/v1/feedback", about).await.expect(201).id();
        assert!(reviewer.get("/v1/feedback").await.expect(200).each("id").is_empty());
        assert_eq!(numbers(&reviewer, &format!("supplier_id={supplier}")).await["answers"], 0);
        owner.patch(&format!("/v1/agreements/{}", on.agreement), json!({"owner_id": me})).await.expect(200);
        assert_eq!(reviewer.get("/v1/feedback").await.expect(200).each("id"), [seen]);
        assert_eq!(numbers(&reviewer, &format!("supplier_id={supplier}")).await["answers"], 1);
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 2);
    }
}
