//! Links under which customers answer.

use crate::both;
use crate::support::Answer;
use accord::shared::id::{self, SurveyId, SurveyLinkId};
use accord::shared::permission::Role;
use accord::shared::stats::Window;
use accord::surveys::{forget_customer, response_counts, use_link};
use chrono::{NaiveDate, TimeDelta};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use serde_json::{Value, json};

pub fn link_id(made: &Answer) -> SurveyLinkId {
    SurveyLinkId(id::parse(&made.id()).expect("an id"))
}

both! {
    async fn a_link_shows_its_token_once_and_stores_nothing_of_it(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let on = app.seed_agreement(&supplier).await;
        let survey = owner.published_survey("csat5").await;
        let new = json!({"survey_id": survey, "agreement_id": on.agreement, "job_ref": "J-1", "customer_ref": "C-1"});
        let keyed = owner.with("Idempotency-Key", "link-1");
        let made = keyed.post("/v1/survey-links", new.clone()).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let token = made.body["token"].as_str().expect("a token").to_owned();
        assert!(token.starts_with("acc_fb_"));
        assert_eq!(made.body["url"], format!("https://accord.example/s#{token}"));
        assert_eq!((&made.body["supplier_id"], &made.body["channel"]), (&json!(supplier), &json!("web")));
        assert_eq!((&made.body["status"], &made.body["max_uses"]), (&json!("open"), &json!(1)));
        assert_eq!(made.body["expires_at"], "2026-12-21T09:00:00.000Z");
        let again = keyed.post("/v1/survey-links", new).await.expect(201);
        assert_eq!((&again.body["id"], &again.body["token"], &again.body["url"]), (&made.body["id"], &Value::Null, &Value::Null));
        let read = owner.get(made.header("location")).await.expect(200);
        assert!(read.body.get("token").is_none() && read.body.get("url").is_none());
        let everything = app.everything(&["survey_link", "idempotency_key", "history"]).await;
        assert!(!everything.contains(&token[7..40]), "nothing of the token is stored");
        let history = app.everything(&["history"]).await;
        assert!(history.contains("J-1") && !history.contains("C-1"), "the customer stands on the link only");
    }

    async fn a_link_is_about_something_that_is_there(app: TestApp) {
        let owner = app.owner().await;
        let (acme, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let on = app.seed_agreement(&acme).await;
        let person = async |supplier: &str| {
            owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Jo"})).await.expect(201).id()
        };
        let (own, others) = (person(&acme).await, person(&other).await);
        let new = json!({"supplier_id": acme, "title": "Draft", "cadence": {"unit": "quarter", "every": 1, "weekday": "tuesday", "nth": 2},
            "starts_on": "2027-01-01", "ends_on": "2027-12-31"});
        owner.act(&format!("/v1/suppliers/{acme}/nominate")).await.expect(200);
        let draft = owner.post("/v1/agreements", new).await.expect(201).id();
        let survey = owner.published_survey("csat5").await;
        let nobody = "01946f1e-0000-7a5d-8eaa-5f6071829304";
        let link = async |about: Value| {
            let mut new = json!({"survey_id": survey});
            new.as_object_mut().expect("an object").extend(about.as_object().expect("an object").clone());
            owner.post("/v1/survey-links", new).await
        };
        for (about, supplier) in [
            (json!({"agreement_id": on.agreement}), &acme),
            (json!({"agreement_id": on.agreement, "person_id": own}), &acme),
            (json!({"supplier_id": other}), &other),
            (json!({"supplier_id": other, "person_id": others}), &other),
            (json!({"person_id": others}), &other),
        ] {
            assert_eq!(link(about).await.expect(201).body["supplier_id"], **supplier);
        }
        for (about, code, pointer) in [
            (json!({}), "rule_violated", "#/agreement_id"),
            (json!({"agreement_id": on.agreement, "supplier_id": acme}), "rule_violated", "#/supplier_id"),
            (json!({"agreement_id": draft}), "rule_violated", "#/agreement_id"),
            (json!({"agreement_id": nobody}), "invalid_reference", "#/agreement_id"),
            (json!({"supplier_id": nobody}), "invalid_reference", "#/supplier_id"),
            (json!({"person_id": nobody}), "invalid_reference", "#/person_id"),
            (json!({"agreement_id": on.agreement, "person_id": others}), "invalid_reference", "#/person_id"),
            (json!({"supplier_id": acme, "survey_id": nobody}), "invalid_reference", "#/survey_id"),
            (json!({"supplier_id": acme, "max_uses": 2, "customer_ref": "C"}), "rule_violated", "#/customer_ref"),
            (json!({"supplier_id": acme, "language": "fr"}), "rule_violated", "#/language"),
            (json!({"supplier_id": acme, "expires_at": "2026-11-21T09:00:00Z"}), "rule_violated", "#/expires_at"),
            (json!({"supplier_id": acme, "expires_at": "2027-12-01T09:00:00Z"}), "rule_violated", "#/expires_at"),
        ] {
            assert_eq!(link(about.clone()).await.refused(422, code).errors(), [format!("{pointer} {code}")], "{about}");
        }
        for max_uses in [0, 10_001] {
            link(json!({"supplier_id": acme, "max_uses": max_uses})).await.refused(400, "validation_failed");
        }
        let unpublished = owner.draft_survey("csat5").await;
        let refusal = link(json!({"supplier_id": acme, "survey_id": unpublished})).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["current_status"], "draft");
    }

    async fn customers_may_speak_about_a_suspended_supplier(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
        }
        owner.post(&format!("/v1/suppliers/{supplier}/suspend"), json!({"reason": "Accident"})).await.expect(200);
        let survey = owner.published_survey("csat5").await;
        owner.post("/v1/survey-links", json!({"survey_id": survey, "supplier_id": supplier})).await.expect(201);
    }

    async fn reviewers_make_and_see_links_of_their_agreements(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let (own, other) = (app.seed_agreement(&supplier).await, app.seed_agreement(&supplier).await);
        let survey = owner.published_survey("csat5").await;
        let reviewer = app.sign_in(Role::Reviewer, None).await;
        let me = reviewer.get("/v1/me").await.expect(200).id();
        let id = |text: &str| id::parse(text).expect("an id").into();
        app.row("agreement_reviewer", false, vec![("agreement_id", id(&own.agreement)), ("account_id", id(&me))]).await;
        let about = |agreement: &str| json!({"survey_id": survey, "agreement_id": agreement});
        let made = reviewer.post("/v1/survey-links", about(&own.agreement)).await.expect(201);
        let refusal = reviewer.post("/v1/survey-links", about(&other.agreement)).await.refused(422, "invalid_reference");
        assert_eq!(refusal.errors(), ["#/agreement_id invalid_reference"]);
        reviewer.post("/v1/survey-links", json!({"survey_id": survey, "supplier_id": supplier})).await.refused(422, "rule_violated");
        let others = owner.post("/v1/survey-links", about(&other.agreement)).await.expect(201);
        let without = owner.post("/v1/survey-links", json!({"survey_id": survey, "supplier_id": supplier})).await.expect(201);
        assert_eq!(reviewer.get("/v1/survey-links").await.expect(200).each("id"), [made.id()]);
        for hidden in [&others, &without] {
            reviewer.get(hidden.header("location")).await.refused(404, "not_found");
            reviewer.act(&format!("{}/revoke", hidden.header("location"))).await.refused(404, "not_found");
        }
        reviewer.act(&format!("{}/revoke", made.header("location"))).await.expect(200);
        let agent = app.sign_in(Role::Agent, None).await;
        agent.get(others.header("location")).await.expect(200);
        agent.post("/v1/survey-links", about(&own.agreement)).await.refused(403, "forbidden");
    }

    async fn links_are_found_by_what_they_are_about_and_where_they_stand(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let survey = owner.published_survey("csat5").await;
        let link = async |more: Value| {
            let mut new = json!({"survey_id": survey, "supplier_id": supplier});
            new.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            owner.post("/v1/survey-links", new).await.expect(201)
        };
        let short = link(json!({"expires_at": "2026-11-22T09:00:00Z", "job_ref": "J-1"})).await;
        let used = link(json!({"customer_ref": "C-1"})).await;
        let revoked = link(json!({})).await;
        let open = link(json!({"max_uses": 3})).await;
        let input = (app.clock.clone(), link_id(&used));
        app.app.db.write(input, |txn, (clock, id)| Box::pin(async move { use_link(txn, *id, clock.now()).await.map(drop) })).await.expect("used");
        owner.with("If-Match", "\"2\"").act(&format!("{}/revoke", revoked.header("location"))).await.refused(412, "etag_mismatch");
        owner.act(&format!("{}/revoke", revoked.header("location"))).await.expect(200);
        app.clock.advance(TimeDelta::days(1));
        let owner = app.owner().await;
        let found = async |query: &str| owner.get(&format!("/v1/survey-links?{query}")).await.expect(200).each("id");
        assert_eq!(found("status=open").await, [open.id()]);
        assert_eq!(found("status=expired").await, [short.id()]);
        assert_eq!(found("status=used_up").await, [used.id()]);
        assert_eq!(found("status=revoked&status=expired").await, [revoked.id(), short.id()]);
        assert_eq!(found("job_ref=J-1").await, [short.id()]);
        assert_eq!(found("customer_ref=C-1").await, [used.id()]);
        assert_eq!(found(&format!("supplier_id={supplier}&survey_id={survey}")).await.len(), 4);
        assert_eq!(owner.walk("/v1/survey-links?limit=1", "id").await, [open.id(), revoked.id(), used.id(), short.id()]);
        for (over, status) in [(&short, "expired"), (&used, "used_up"), (&revoked, "revoked")] {
            let refusal = owner.act(&format!("{}/revoke", over.header("location"))).await.refused(409, "invalid_state");
            assert_eq!(refusal.body["current_status"], status);
        }
        let forgotten = app.app.db.write((), |txn, ()| Box::pin(forget_customer(txn, "C-1"))).await.expect("forgotten");
        assert_eq!((forgotten, found("customer_ref=C-1").await.len()), (1, 0));
    }

    async fn invitations_and_answers_are_counted_where_they_belong(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let on = app.seed_agreement(&supplier).await;
        let person = owner.post(&format!("/v1/suppliers/{supplier}/people"), json!({"name": "Jo"})).await.expect(201).id();
        let survey = owner.published_survey("csat5").await;
        let mut made = Vec::new();
        for about in [
            json!({"agreement_id": on.agreement}),
            json!({"agreement_id": on.agreement, "person_id": person}),
            json!({"agreement_id": on.agreement, "max_uses": 50}),
            json!({"supplier_id": supplier}),
        ] {
            let mut new = json!({"survey_id": survey});
            new.as_object_mut().expect("an object").extend(about.as_object().expect("an object").clone());
            made.push(owner.post("/v1/survey-links", new).await.expect(201));
        }
        // Answers count on the day of the invitation, whenever they come.
        app.clock.advance(TimeDelta::days(2));
        let owner = app.owner().await;
        for link in &made[1..3] {
            let input = (app.clock.clone(), link_id(link));
            app.app.db.write(input, |txn, (clock, id)| Box::pin(async move { use_link(txn, *id, clock.now()).await.map(drop) })).await.expect("used");
        }
        // Taking one back does not make the rate look better.
        owner.act(&format!("{}/revoke", made[0].header("location"))).await.expect(200);
        let uuid = |text: &str| id::parse(text).expect("an id");
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
        let counts = async |bases: Vec<&str>, person: Option<&str>, survey: Option<&str>, days: (u32, u32)| {
            let ids: Vec<_> = bases.into_iter().map(uuid).collect();
            let mut bases = Query::select();
            bases.column(Alias::new("base_id")).from(Alias::new("survey_link_tally"));
            let bases = bases.and_where(Expr::col(Alias::new("base_id")).is_in(ids)).to_owned();
            let person = person.map(|person| accord::shared::id::PersonId(uuid(person)));
            let window = Window { from: day(days.0), to: day(days.1) };
            response_counts(app.app.db.read(), bases, person, survey.map(|id| SurveyId(uuid(id))), window).await.expect("counts")
        };
        assert_eq!(counts(vec![&on.agreement], None, None, (21, 21)).await, (2, 1));
        assert_eq!(counts(vec![&on.agreement], Some(&person), Some(&survey), (1, 30)).await, (1, 1));
        assert_eq!(counts(vec![&on.agreement, &supplier], None, None, (21, 30)).await, (3, 1));
        assert_eq!(counts(vec![&on.agreement], None, Some(&supplier), (21, 30)).await, (0, 0), "no such survey");
        assert_eq!(counts(vec![&on.agreement], None, None, (22, 30)).await, (0, 0));
    }
}
