//! `Idempotency-Key`: what is sent twice happens once.

use crate::both;
use accord::shared::jobs::housekeeping;
use accord::shared::permission::Role;
use chrono::TimeDelta;
use poem::http::Method;
use serde_json::{Value, json};

fn acme() -> Value {
    json!({"kind": "company", "name": "Acme", "legal_ids": [{"scheme": "VAT", "value": "1"}]})
}

both! {
    async fn a_repeated_request_gets_the_first_answer_and_makes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "\"8e03978e-40d5\"");
        let first = keyed.post("/v1/suppliers", acme()).await.expect(201);
        assert_eq!(first.header("idempotency-replayed"), "");
        owner.patch(first.header("location"), json!({"name": "Renamed"})).await.expect(200);
        app.clock.advance(TimeDelta::minutes(1));
        let again = keyed.post("/v1/suppliers", acme()).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        for header in ["location", "etag", "content-type"] {
            assert_eq!(again.header(header), first.header(header), "{header}");
        }
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).each("name"), ["Renamed"]);
        let events = owner.get("/v1/audit-events?action=supplier.create").await.expect(200);
        assert_eq!(events.body["data"].as_array().map(Vec::len), Some(1));
    }

    async fn the_key_means_the_same_quoted_and_bare(app: TestApp) {
        let owner = app.owner().await;
        let first = owner.with("idempotency-key", "\"k1\"").post("/v1/suppliers", acme()).await.expect(201);
        let again = owner.with("idempotency-key", "k1").post("/v1/suppliers", acme()).await.expect(201);
        assert_eq!(again.id(), first.id());
    }

    async fn the_order_of_members_does_not_make_another_request(app: TestApp) {
        let keyed = app.owner().await.with("idempotency-key", "k1");
        let first = br#"{"kind":"company","name":"Acme","address":{"city":"X","country":"US"}}"#;
        let same = b"{ \"address\": {\"country\":\"US\", \"city\":\"X\"}, \"name\":\"Acme\", \"kind\":\"company\" }";
        let post = async |body: &[u8]| {
            keyed.send_raw(Method::POST, "/v1/suppliers", Some(("application/json", body.to_vec()))).await.expect(201)
        };
        let (first, same) = (post(first).await, post(same).await);
        assert_eq!((same.header("idempotency-replayed"), same.id()), ("true", first.id()));
    }

    async fn a_transition_that_is_repeated_is_made_once(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let keyed = owner.with("idempotency-key", "k1");
        let first = keyed.act(&format!("{path}/nominate")).await.expect(200);
        let again = keyed.act(&format!("{path}/nominate")).await.expect(200);
        assert_eq!((again.text.as_str(), again.header("etag")), (first.text.as_str(), "\"2\""));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(owner.get(&path).await.expect(200).body["revision"], 2);
    }

    async fn a_refusal_for_its_state_is_repeated_even_when_the_state_has_changed(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let keyed = owner.with("idempotency-key", "k1");
        let first = keyed.act(&format!("{path}/qualify")).await.refused(409, "invalid_state");
        owner.act(&format!("{path}/nominate")).await.expect(200);
        let again = keyed.act(&format!("{path}/qualify")).await.refused(409, "invalid_state");
        assert_eq!(again.lasting(), first.lasting());
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        owner.with("idempotency-key", "k2").act(&format!("{path}/qualify")).await.expect(200);
    }

    async fn a_refusal_for_what_exists_is_repeated_when_it_is_gone(app: TestApp) {
        let owner = app.owner().await;
        let taken = owner.post("/v1/suppliers", acme()).await.expect(201);
        let keyed = owner.with("idempotency-key", "k1");
        let first = keyed.post("/v1/suppliers", acme()).await.refused(409, "already_exists");
        owner.delete(taken.header("location")).await.expect(204);
        let again = keyed.post("/v1/suppliers", acme()).await.refused(409, "already_exists");
        assert_eq!(again.lasting(), first.lasting());
        assert_eq!(again.body["existing_id"], taken.id());
    }

    async fn a_broken_rule_is_repeated_for_the_same_request(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let credentials = format!("/v1/suppliers/{supplier}/credentials");
        let dates = json!({"type": "permit", "number": "1", "issuer": "X",
            "valid_from": "2026-02-02", "valid_to": "2026-02-01"});
        let unknown = json!({"kind": "company", "name": "A", "parent_id": "01a1ff81-7540-74d8-bf1a-931cc1c79f06"});
        let wrong = json!({"kind": "company", "name": "A", "legal_ids": [{"scheme": "IATA", "value": "DELTA"}]});
        let other = json!({"kind": "company", "name": "Other"});
        for (key, path, broken, code) in [
            ("k1", "/v1/suppliers", unknown, "invalid_reference"),
            ("k2", "/v1/suppliers", wrong, "rule_violated"),
            ("k3", credentials.as_str(), dates, "date_order"),
        ] {
            let keyed = owner.with("idempotency-key", key);
            let first = keyed.post(path, broken.clone()).await.refused(422, code);
            let again = keyed.post(path, broken).await.refused(422, code);
            assert_eq!(again.header("idempotency-replayed"), "true", "{key}");
            assert_eq!(again.lasting(), first.lasting());
        }
        let keyed = owner.with("idempotency-key", "k2");
        keyed.post("/v1/suppliers", other).await.refused(422, "idempotency_key_reused");
    }

    async fn a_key_is_not_used_again_for_another_body(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "k1");
        let first = keyed.post("/v1/suppliers", acme()).await.expect(201);
        let other = json!({"kind": "company", "name": "Other"});
        let refusal = keyed.post("/v1/suppliers", other).await.refused(422, "idempotency_key_reused");
        assert_eq!(refusal.header("idempotency-replayed"), "");
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).each("name"), ["Acme"]);
        assert_eq!(keyed.post("/v1/suppliers", acme()).await.expect(201).id(), first.id());
    }

    async fn a_key_belongs_to_one_caller_and_one_path(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let (owner, manager) = (owner.with("idempotency-key", "k1"), manager.with("idempotency-key", "k1"));
        let new = |name: &str| json!({"kind": "company", "name": name});
        let first = owner.post("/v1/suppliers", new("A")).await.expect(201);
        let other = manager.post("/v1/suppliers", new("A")).await.expect(201);
        assert_ne!(first.id(), other.id());
        assert_eq!(other.header("idempotency-replayed"), "");
        let nominated = owner.act(&format!("{}/nominate", first.header("location"))).await.expect(200);
        assert_eq!(nominated.header("idempotency-replayed"), "");
        owner.act(&format!("{}/nominate", other.header("location"))).await.expect(200);
    }

    async fn equal_requests_at_once_make_one_supplier_and_get_one_answer(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "k1");
        let send = || keyed.post("/v1/suppliers", acme());
        let (a, b, c, d, e, f, g, h) =
            tokio::join!(send(), send(), send(), send(), send(), send(), send(), send());
        let answers = [a, b, c, d, e, f, g, h].map(|answer| answer.expect(201));
        for answer in &answers {
            assert_eq!(answer.text, answers[0].text);
            assert_eq!(answer.header("location"), answers[0].header("location"));
        }
        let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
        assert_eq!(replayed, 7);
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).each("name"), ["Acme"]);
    }

    async fn equal_requests_at_once_to_two_instances_make_one_supplier(app: TestApp) {
        let second = app.second_instance().await;
        let (here, there) = (app.owner().await, second.owner().await);
        let (one, other) = (here.with("idempotency-key", "k1"), there.with("idempotency-key", "k1"));
        let (a, b, c, d) = tokio::join!(
            one.post("/v1/suppliers", acme()), other.post("/v1/suppliers", acme()),
            one.post("/v1/suppliers", acme()), other.post("/v1/suppliers", acme()),
        );
        let texts = [a, b, c, d].map(|answer| answer.expect(201).text);
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        assert_eq!(here.get("/v1/suppliers").await.expect(200).each("name"), ["Acme"]);
    }

    async fn another_instance_repeats_the_answer(app: TestApp) {
        let owner = app.owner().await;
        let first = owner.with("idempotency-key", "k1").post("/v1/suppliers", acme()).await.expect(201);
        let second = app.second_instance().await;
        let there = second.owner().await.with("idempotency-key", "k1");
        let again = there.post("/v1/suppliers", acme()).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.text), ("true", &first.text));
    }

    async fn what_does_not_match_the_description_is_not_kept(app: TestApp) {
        let keyed = app.owner().await.with("idempotency-key", "k1");
        keyed.post("/v1/suppliers", json!({"kind": "company"})).await.refused(400, "validation_failed");
        let made = keyed.post("/v1/suppliers", acme()).await.expect(201);
        assert_eq!(made.header("idempotency-replayed"), "");
    }

    async fn what_was_not_found_or_too_old_is_not_kept(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let keyed = owner.with("idempotency-key", "k1");
        let nominate = format!("{path}/nominate");
        keyed.with("if-match", "\"9\"").act(&nominate).await.refused(412, "etag_mismatch");
        let done = keyed.with("if-match", "\"1\"").act(&nominate).await.expect(200);
        assert_eq!(done.header("idempotency-replayed"), "");
    }

    async fn a_key_that_is_none_is_refused(app: TestApp) {
        let owner = app.owner().await;
        for key in ["", "\"\"", "a b", &"k".repeat(256)] {
            let refusal = owner.with("idempotency-key", key).post("/v1/suppliers", acme()).await;
            let refusal = refusal.refused(400, "invalid_idempotency_key");
            assert_eq!(refusal.errors(), ["Idempotency-Key pattern"]);
        }
        owner.with("idempotency-key", &"k".repeat(255)).post("/v1/suppliers", acme()).await.expect(201);
    }

    async fn without_a_key_every_request_counts(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("Twin").await;
        owner.supplier("Twin").await;
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).each("name"), ["Twin", "Twin"]);
    }

    async fn signing_in_ignores_keys(app: TestApp) {
        app.owner().await;
        let keyed = app.nobody().with("idempotency-key", "k1");
        let login = json!({"email": "owner@accord.example", "password": crate::support::PASSWORD});
        let first = keyed.post("/v1/auth/login", login.clone()).await.expect(200);
        let second = keyed.post("/v1/auth/login", login).await.expect(200);
        assert_ne!(first.body["session_id"], second.body["session_id"]);
    }

    async fn keys_are_forgotten_by_housekeeping_after_a_day_and_not_before(app: TestApp) {
        let new = json!({"kind": "company", "name": "Twin"});
        let post = async || {
            let keyed = app.owner().await.with("idempotency-key", "k1");
            keyed.post("/v1/suppliers", new.clone()).await.expect(201)
        };
        let tidy = async || app.job(housekeeping::KIND).await;
        let first = post().await;
        app.clock.advance(TimeDelta::hours(24));
        tidy().await;
        let kept = post().await;
        assert_eq!((kept.header("idempotency-replayed"), kept.id()), ("true", first.id()));
        app.clock.advance(TimeDelta::seconds(1));
        tidy().await;
        let anew = post().await;
        assert_eq!(anew.header("idempotency-replayed"), "");
        assert_ne!(anew.id(), first.id());
    }
}
