//! Suppliers: making, reading, changing, deleting one.

mod change;
mod lifecycle;
mod list;

use crate::both;
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::{Value, json};

const UNKNOWN: &str = "/v1/suppliers/01a1ff81-7540-74d8-bf1a-931cc1c79f06";

both! {
    async fn a_supplier_is_made_as_a_prospect_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Delta Air Lines Inc.", "external_id": "ERP-88",
            "legal_ids": [{"scheme": "IATA", "value": "DL"}], "categories": ["airline"], "regions": ["US", "US-NY"],
            "address": {"city": "Atlanta", "country": "US"}, "customer_facing": true});
        let made = owner.post("/v1/suppliers", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/suppliers/{}", made.id()));
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.body["similar"], json!([]));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!(read.header("etag"), "\"1\"");
        assert_eq!(read.body, json!({"id": made.id(), "kind": "company", "name": "Delta Air Lines Inc.",
            "status": "prospect", "external_id": "ERP-88", "legal_ids": [{"scheme": "IATA", "value": "DL"}],
            "categories": ["airline"], "regions": ["US", "US-NY"],
            "address": {"lines": [], "postal_code": null, "city": "Atlanta", "country": "US"},
            "customer_facing": true, "parent_id": null, "parent": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
    }

    async fn a_supplier_needs_only_a_kind_and_a_name(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "individual", "name": "Mia"});
        let made = owner.post("/v1/suppliers", new).await.expect(201);
        assert_eq!(made.body["legal_ids"], json!([]));
        assert_eq!(made.body["categories"], json!([]));
        assert_eq!(made.body["regions"], json!([]));
        assert_eq!(made.body["customer_facing"], false);
        assert_eq!((&made.body["address"], &made.body["external_id"]), (&json!(null), &json!(null)));
    }

    async fn a_supplier_may_be_made_below_another_one(app: TestApp) {
        let owner = app.owner().await;
        let parent = owner.supplier("Group").await;
        let new = json!({"kind": "internal_unit", "name": "Unit", "parent_id": parent});
        let unit = owner.post("/v1/suppliers", new).await.expect(201).id();
        let path = format!("/v1/suppliers/{unit}");
        let plain = owner.get(&path).await.expect(200);
        assert_eq!((&plain.body["parent_id"], &plain.body["parent"]), (&json!(parent), &json!(null)));
        let expanded = owner.get(&format!("{path}?expand=parent")).await.expect(200);
        let summary = json!({"id": parent, "name": "Group", "kind": "company", "status": "prospect"});
        assert_eq!(expanded.body["parent"], summary);
    }

    async fn suppliers_with_similar_names_are_pointed_out_but_not_refused(app: TestApp) {
        let owner = app.owner().await;
        let known = owner.supplier("Delta Air Lines Inc.").await;
        owner.supplier("Deutsche Bahn").await;
        let again = json!({"kind": "company", "name": "DELTA AIR LINES"});
        let made = owner.post("/v1/suppliers", again).await.expect(201);
        let summary = json!([{"id": known, "name": "Delta Air Lines Inc.", "kind": "company", "status": "prospect"}]);
        assert_eq!(made.body["similar"], summary);
    }

    async fn everything_that_is_wrong_with_a_new_supplier_is_named_at_once(app: TestApp) {
        let wrong = json!({"kind": "shop", "name": "", "external_id": "a b", "categories": ["Air Line", "x", "x"],
            "legal_ids": [{"scheme": "lei"}], "address": {"country": "us", "city": "Atlanta"},
            "customer_facing": "yes", "parent_id": "1", "colour": "red"});
        let refusal = app.owner().await.post("/v1/suppliers", wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/address/country not_in_enum", "#/categories not_unique", "#/categories/0 pattern", "#/colour unknown_member",
            "#/customer_facing wrong_type", "#/external_id pattern", "#/kind not_in_enum", "#/legal_ids/0/scheme pattern",
            "#/legal_ids/0/value required", "#/name pattern", "#/parent_id format", "#/parent_id pattern",
        ]);
    }

    async fn a_new_supplier_without_kind_and_name_is_refused(app: TestApp) {
        let refusal = app.owner().await.post("/v1/suppliers", json!({})).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/kind required", "#/name required"]);
    }

    async fn what_is_not_json_is_refused(app: TestApp) {
        let owner = app.owner().await;
        for body in ["", "{", "{\"kind\":\"company\",\"name\":\"A\",\"name\":\"B\"}", "{} {}"] {
            let sent = Some(("application/json", body.as_bytes().to_vec()));
            owner.send_raw(Method::POST, "/v1/suppliers", sent).await.refused(400, "malformed_json");
        }
    }

    async fn text_with_nul_is_refused_wherever_it_stands(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let company = |member: &str, value: Value| {
            let mut new = json!({"kind": "company", "name": "A", "address": {"city": "X", "country": "US"}});
            *new.pointer_mut(member).expect("a member") = value;
            new
        };
        for (path, body, pointer) in [
            ("/v1/suppliers", company("/name", json!("A\u{0}")), "#/name"),
            ("/v1/suppliers", company("/address/city", json!("A\u{0}")), "#/address/city"),
            ("/v1/suppliers", company("/address", json!({"city": "X", "country": "US", "lines": ["", "\u{0}"]})),
                "#/address/lines/1"),
            ("/v1/suppliers", company("/address", json!({"city": "X", "country": "US", "postal_code": "\u{0}"})),
                "#/address/postal_code"),
            (&format!("{path}/suspend"), json!({"reason": "\u{0}"}), "#/reason"),
            (&format!("{path}/notes"), json!({"text": "x\u{0}y"}), "#/text"),
            (&format!("{path}/people"), json!({"name": "Mia", "reachable": "\u{0}"}), "#/reachable"),
            (&format!("{path}/credentials"), json!({"type": "x", "number": "\u{0}", "issuer": "X"}), "#/number"),
            ("/v1/auth/login", json!({"email": "a@b\u{0}", "password": "x"}), "#/email"),
        ] {
            let refusal = owner.post(path, body).await.refused(400, "validation_failed");
            assert_eq!(refusal.errors(), [format!("{pointer} pattern")]);
        }
        let legal_id = json!({"kind": "company", "name": "A", "legal_ids": [{"scheme": "VAT", "value": "1\u{0}"}]});
        let refusal = owner.post("/v1/suppliers", legal_id).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/legal_ids/0/value pattern"]);
        let asked = owner.get("/v1/suppliers?q=%00").await.refused(400, "invalid_parameter");
        assert_eq!(asked.errors(), ["q pattern"]);
    }

    async fn a_body_over_one_mebibyte_is_refused(app: TestApp) {
        let new = json!({"kind": "company", "name": "A".repeat(1024 * 1024)});
        let refusal = app.owner().await.post("/v1/suppliers", new).await.refused(413, "payload_too_large");
        assert_eq!(refusal.body["max_bytes"], 1024 * 1024);
    }

    async fn other_media_types_and_packed_bodies_are_refused(app: TestApp) {
        let owner = app.owner().await;
        let body = json!({"kind": "company", "name": "A"}).to_string().into_bytes();
        for media_type in ["text/plain", "application/merge-patch+json", "application/jsonx"] {
            let sent = Some((media_type, body.clone()));
            let refusal = owner.send_raw(Method::POST, "/v1/suppliers", sent).await;
            assert_eq!(refusal.refused(415, "unsupported_media_type").header("accept"), "application/json");
        }
        let packed = owner.with("content-encoding", "gzip");
        let sent = Some(("application/json", body.clone()));
        packed.send_raw(Method::POST, "/v1/suppliers", sent).await.refused(415, "unsupported_media_type");
        let sent = Some(("Application/JSON; charset=utf-8", body));
        owner.send_raw(Method::POST, "/v1/suppliers", sent).await.expect(201);
    }

    async fn nobody_makes_or_reads_a_supplier(app: TestApp) {
        let (owner, nobody) = (app.owner().await, app.nobody());
        let supplier = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let new = json!({"kind": "company", "name": "A"});
        let made = nobody.post("/v1/suppliers", new).await.refused(401, "missing_credentials");
        assert_eq!(made.header("www-authenticate"), "Bearer realm=\"accord\"");
        nobody.get("/v1/suppliers").await.refused(401, "missing_credentials");
        nobody.get(&supplier).await.refused(401, "missing_credentials");
        nobody.patch(&supplier, json!({})).await.refused(401, "missing_credentials");
        nobody.delete(&supplier).await.refused(401, "missing_credentials");
    }

    async fn rights_are_looked_at_before_the_body(app: TestApp) {
        app.nobody().post("/v1/suppliers", json!({"colour": 1})).await.refused(401, "missing_credentials");
        let auditor = app.sign_in(Role::Auditor, None).await;
        let refusal = auditor.post("/v1/suppliers", json!({"colour": 1})).await.refused(403, "forbidden");
        assert_eq!(refusal.body["required_permission"], "suppliers.create");
    }

    async fn a_legal_id_belongs_to_one_supplier_however_it_is_written(app: TestApp) {
        let owner = app.owner().await;
        let new = |name: &str, value: &str| {
            json!({"kind": "company", "name": name, "legal_ids": [{"scheme": "VAT", "value": value}]})
        };
        let first = owner.post("/v1/suppliers", new("Nordlicht", "DE123456789")).await.expect(201).id();
        let refusal = owner.post("/v1/suppliers", new("Other", "de 123.456-789")).await.refused(409, "already_exists");
        assert_eq!(refusal.body["existing_id"], first);
        owner.post("/v1/suppliers", new("Third", "DE123456788")).await.expect(201);
    }

    async fn the_same_value_of_another_register_is_another_identity(app: TestApp) {
        let owner = app.owner().await;
        for scheme in ["VAT", "HRB"] {
            let new = json!({"kind": "company", "name": scheme, "legal_ids": [{"scheme": scheme, "value": "12"}]});
            owner.post("/v1/suppliers", new).await.expect(201);
        }
    }

    async fn an_external_id_belongs_to_one_supplier(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Acme", "external_id": "ERP-1"});
        let first = owner.post("/v1/suppliers", new.clone()).await.expect(201).id();
        let refusal = owner.post("/v1/suppliers", new).await.refused(409, "already_exists");
        assert_eq!(refusal.body["existing_id"], first);
    }

    async fn one_of_two_suppliers_with_the_same_identity_at_once_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Acme", "legal_ids": [{"scheme": "VAT", "value": "1"}]});
        let send = || owner.post("/v1/suppliers", new.clone());
        let (one, other) = tokio::join!(send(), send());
        let mut statuses = [one.status, other.status];
        statuses.sort();
        assert_eq!(statuses, [201, 409], "{} {}", one.text, other.text);
        assert_eq!(owner.get("/v1/suppliers").await.each("name"), ["Acme"]);
    }

    async fn rules_that_a_new_supplier_breaks_are_named_with_the_member(app: TestApp) {
        let owner = app.owner().await;
        let lei = |value: &str| json!([{"scheme": "VAT", "value": "1"}, {"scheme": "LEI", "value": value}]);
        for (member, value, code, pointer) in [
            ("legal_ids", lei("506700GE1G29325QX364"), "rule_violated", "#/legal_ids/1/value"),
            ("legal_ids", json!([{"scheme": "VAT", "value": " . "}]), "rule_violated", "#/legal_ids/0/value"),
            ("parent_id", json!("01a1ff81-7540-74d8-bf1a-931cc1c79f06"), "invalid_reference", "#/parent_id"),
        ] {
            let mut new = json!({"kind": "company", "name": "Acme"});
            new[member] = value;
            let refusal = owner.post("/v1/suppliers", new).await.refused(422, code);
            assert_eq!(refusal.errors(), [format!("{pointer} {code}")]);
        }
        assert_eq!(owner.get("/v1/suppliers?count=true").await.body["total_count"], 0);
    }

    async fn a_supplier_that_the_reader_has_already_is_not_sent_again(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let same = owner.with("if-none-match", "\"1\"").get(&path).await.expect(304);
        assert_eq!((same.text.as_str(), same.header("etag")), ("", "\"1\""));
        owner.patch(&path, json!({"name": "Acme Ltd"})).await.expect(200);
        let newer = owner.with("if-none-match", "\"1\"").get(&path).await.expect(200);
        assert_eq!(newer.header("etag"), "\"2\"");
    }

    async fn unknown_malformed_and_invisible_suppliers_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        let invisible = user.get(&format!("/v1/suppliers/{other}")).await.refused(404, "not_found");
        let unknown = user.get(UNKNOWN).await.refused(404, "not_found");
        let upper = user.get(&format!("/v1/suppliers/{}", own.to_uppercase())).await.refused(404, "not_found");
        let malformed = user.get("/v1/suppliers/42").await.refused(404, "not_found");
        for answer in [&unknown, &upper, &malformed] {
            assert_eq!(answer.lasting(), invisible.lasting());
        }
    }

    async fn a_supplier_sees_itself_but_not_its_parent(app: TestApp) {
        let owner = app.owner().await;
        let parent = owner.supplier("Group").await;
        let new = json!({"kind": "company", "name": "Own", "parent_id": parent});
        let own = owner.post("/v1/suppliers", new).await.expect(201).id();
        for role in [Role::SupplierUser, Role::SupplierAdmin] {
            let caller = app.sign_in(role, Some(&own)).await;
            let seen = caller.get(&format!("/v1/suppliers/{own}?expand=parent")).await.expect(200);
            assert_eq!(seen.body["name"], "Own");
            assert_eq!((&seen.body["parent_id"], &seen.body["parent"]), (&json!(null), &json!(null)));
            caller.get(&format!("/v1/suppliers/{parent}")).await.refused(404, "not_found");
        }
    }

    async fn a_prospect_that_was_made_by_mistake_is_deleted(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Oops", "external_id": "E1", "categories": ["airline"],
            "legal_ids": [{"scheme": "VAT", "value": "1"}]});
        let path = format!("/v1/suppliers/{}", owner.post("/v1/suppliers", new.clone()).await.expect(201).id());
        assert_eq!(owner.delete(&path).await.expect(204).text, "");
        owner.get(&path).await.refused(404, "not_found");
        owner.delete(&path).await.refused(404, "not_found");
        assert_eq!(owner.get("/v1/suppliers?q=oops").await.each("name"), [""; 0]);
        owner.post("/v1/suppliers", new).await.expect(201);
    }

    async fn what_is_more_than_a_prospect_is_not_deleted(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        owner.act(&format!("{path}/nominate")).await.expect(200);
        let refusal = owner.delete(&path).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["current_status"], "candidate");
        owner.get(&path).await.expect(200);
    }

    async fn a_supplier_that_something_refers_to_is_not_deleted(app: TestApp) {
        let owner = app.owner().await;
        let person = json!({"name": "Mia"});
        let credential = json!({"type": "iso-9001", "number": "1", "issuer": "TÜV"});
        for (part, new) in [("people", person), ("credentials", credential), ("notes", json!({"text": "x"}))] {
            let path = format!("/v1/suppliers/{}", owner.supplier(part).await);
            let made = owner.post(&format!("{path}/{part}"), new).await.expect(201);
            owner.delete(&path).await.refused(409, "in_use");
            owner.delete(made.header("location")).await.expect(204);
            owner.delete(&path).await.expect(204);
        }
        let parent = owner.supplier("Group").await;
        let child = json!({"kind": "company", "name": "Child", "parent_id": parent});
        owner.post("/v1/suppliers", child).await.expect(201);
        owner.delete(&format!("/v1/suppliers/{parent}")).await.refused(409, "in_use");
        owner.get(&format!("/v1/suppliers/{parent}")).await.expect(200);
    }

    async fn a_supplier_that_somebody_signs_in_for_is_not_deleted(app: TestApp) {
        let owner = app.owner().await;
        let id = owner.supplier("Nordlicht GmbH").await;
        app.sign_in(Role::SupplierUser, Some(&id)).await;
        owner.delete(&format!("/v1/suppliers/{id}")).await.refused(409, "in_use");
        owner.get(&format!("/v1/suppliers/{id}")).await.expect(200);
    }

    async fn a_supplier_is_deleted_by_owners_only_and_only_as_they_read_it(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
        let manager = app.sign_in(Role::Manager, None).await;
        let refusal = manager.delete(&path).await.refused(403, "forbidden");
        assert_eq!(refusal.body["required_permission"], "suppliers.delete");
        owner.patch(&path, json!({"name": "Acme Ltd"})).await.expect(200);
        let stale = owner.with("if-match", "\"1\"").delete(&path).await.refused(412, "etag_mismatch");
        assert_eq!(stale.header("etag"), "\"2\"");
        owner.with("if-match", "\"2\"").delete(&path).await.expect(204);
        owner.delete(UNKNOWN).await.refused(404, "not_found");
    }
}
