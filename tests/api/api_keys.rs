//! API keys: making, changing and ending them. `using` is what they open.

mod using;

use crate::both;
use crate::support::{Answer, Caller, TestApp};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const KEYS: &str = "/v1/api-keys";
const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// Makes a key of the organisation.
async fn make(owner: &Caller<'_>, new: Value) -> Answer {
    let mut whole = json!({"name": "Import", "scopes": ["suppliers:read"]});
    whole.as_object_mut().expect("members").extend(new.as_object().expect("members").clone());
    owner.post(KEYS, whole).await.expect(201)
}

fn secret(made: &Answer) -> String {
    made.body["key"].as_str().expect("a key").to_owned()
}

async fn strings(app: &TestApp, sql: &str) -> Vec<String> {
    let db = app.app.db.fresh();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("rows");
    rows.iter().map(|row| row.try_get_by_index::<Option<String>>(0).expect("text").unwrap_or_default()).collect()
}

/// Everything that is stored, as lower-case text; bytes in hexadecimal.
async fn stored(app: &TestApp) -> String {
    let mut all = String::new();
    let tables = accord::app::tables();
    for table in tables.iter().map(|table| table.table).chain(["idempotency_key"]) {
        let sql = if app.app.db.is_sqlite() {
            let columns = strings(app, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let each: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
            format!("SELECT {} FROM \"{table}\"", each.join(" || "))
        } else {
            format!("SELECT row_to_json(t)::text FROM \"{table}\" t")
        };
        all += &strings(app, &sql).await.join("\n");
    }
    all.to_lowercase()
}

both! {
    async fn a_key_is_made_and_shown_once(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Import", "scopes": ["suppliers:read", "people:read"],
            "expires_at": "2027-01-01T00:00:00Z", "allowed_cidrs": ["127.0.0.0/8", "2001:db8::/32"]});
        let made = owner.post(KEYS, new).await.expect(201);
        assert_eq!(made.header("location"), format!("{KEYS}/{}", made.id()));
        assert_eq!((made.header("etag"), made.header("cache-control")), ("\"1\"", "no-store"));
        let key = secret(&made);
        assert!(key.starts_with("acc_sk_") && key.len() == 45, "{key}");
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((read.header("etag"), read.header("cache-control")), ("\"1\"", "private, no-cache"));
        assert_eq!(read.body, json!({"id": made.id(), "name": "Import", "prefix": "acc_sk_",
            "last4": &key[41..], "scopes": ["suppliers:read", "people:read"], "supplier_id": null,
            "allowed_cidrs": ["127.0.0.0/8", "2001:db8::/32"], "status": "active",
            "expires_at": "2027-01-01T00:00:00.000Z", "revoked_at": null, "last_used_at": null,
            "last_used_from": null, "previous_until": null, "created_by": read.body["created_by"], "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        assert_eq!(owner.get("/v1/me").await.expect(200).body["id"], read.body["created_by"]);
        let mut without = made.body.clone();
        without.as_object_mut().expect("members").remove("key");
        assert_eq!(without, read.body);
    }

    async fn what_is_wrong_with_a_new_key_is_named(app: TestApp) {
        let owner = app.owner().await;
        let wrong = json!({"scopes": ["suppliers:delete"], "expires_at": "tomorrow",
            "allowed_cidrs": ["192.0.2.1"], "secret": "mine"});
        let refusal = owner.post(KEYS, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/allowed_cidrs/0 pattern", "#/expires_at format", "#/name required",
            "#/scopes/0 not_in_enum", "#/secret unknown_member"]);
        let many: Vec<_> = (0..21).map(|number| format!("10.{number}.0.0/16")).collect();
        for (member, value, error) in [
            ("scopes", json!([]), "#/scopes too_few_items"),
            ("scopes", json!(["people:read", "people:read"]), "#/scopes not_unique"),
            ("name", json!(" "), "#/name pattern"),
            ("allowed_cidrs", json!(many), "#/allowed_cidrs too_many_items"),
        ] {
            let mut new = json!({"name": "Import", "scopes": ["people:read"]});
            new[member] = value;
            assert_eq!(owner.post(KEYS, new).await.refused(400, "validation_failed").errors(), [error]);
        }
    }

    async fn what_the_description_cannot_say_is_a_broken_rule(app: TestApp) {
        let owner = app.owner().await;
        let refused = async |member: &str, value: Value| {
            let mut new = json!({"name": "Import", "scopes": ["people:read"]});
            new[member] = value;
            owner.post(KEYS, new).await
        };
        let now = refused("expires_at", json!("2026-11-21T09:00:00Z")).await.refused(422, "rule_violated");
        assert_eq!(now.errors(), ["#/expires_at rule_violated"]);
        for network in ["10.1.2.3/8", "300.0.0.0/8", "10.0.0.0/33", "2001:DB8::/32", "::ffff:10.0.0.0/104"] {
            let answer = refused("allowed_cidrs", json!(["192.0.2.7/32", network])).await;
            assert_eq!(answer.refused(422, "rule_violated").errors(), ["#/allowed_cidrs/1 rule_violated"], "{network}");
        }
        let unknown = refused("supplier_id", json!(NOWHERE)).await.refused(422, "invalid_reference");
        assert_eq!(unknown.errors(), ["#/supplier_id invalid_reference"]);
        assert_eq!(owner.get(KEYS).await.expect(200).body["data"], json!([]));
    }

    async fn a_suppliers_administrator_makes_keys_of_its_own_supplier_only(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        assert_eq!(make(&admin, json!({})).await.body["supplier_id"], own);
        assert_eq!(make(&admin, json!({"supplier_id": own})).await.body["supplier_id"], own);
        let new = |supplier: &str| json!({"name": "X", "scopes": ["people:read"], "supplier_id": supplier});
        let foreign = admin.post(KEYS, new(&other)).await.refused(422, "invalid_reference");
        let unknown = admin.post(KEYS, new(NOWHERE)).await.refused(422, "invalid_reference");
        assert_eq!(foreign.lasting(), unknown.lasting());
    }

    async fn a_suppliers_key_has_no_scope_that_its_administrator_does_not_reach(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let scopes = ["people:write", "supplier_notes:read"];
        for caller in [&owner, &admin] {
            let new = json!({"name": "X", "scopes": scopes, "supplier_id": supplier});
            let refusal = caller.post(KEYS, new).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/scopes/1 rule_violated"]);
            let path = make(&owner, json!({"supplier_id": supplier})).await.header("location").to_owned();
            caller.patch(&path, json!({"scopes": scopes})).await.refused(422, "rule_violated");
        }
        make(&owner, json!({"scopes": scopes})).await;
    }

    async fn a_key_of_another_supplier_or_of_the_organisation_is_unknown_to_a_supplier(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let theirs = [make(&owner, json!({})).await, make(&owner, json!({"supplier_id": other})).await];
        let mine = make(&owner, json!({"supplier_id": own, "name": "Mine"})).await;
        let unknown = admin.get(&format!("{KEYS}/{NOWHERE}")).await.refused(404, "not_found");
        for path in theirs.iter().map(|made| made.header("location")) {
            assert_eq!(admin.get(path).await.refused(404, "not_found").lasting(), unknown.lasting());
            admin.patch(path, json!({"name": "X"})).await.refused(404, "not_found");
            admin.delete(path).await.refused(404, "not_found");
        }
        assert_eq!(admin.get(KEYS).await.expect(200).each("name"), ["Mine"]);
        let filtered = admin.get(&format!("{KEYS}?supplier_id={other}")).await.expect(200);
        assert_eq!(filtered.body["data"], json!([]));
        admin.patch(mine.header("location"), json!({"name": "Ours"})).await.expect(200);
        admin.delete(mine.header("location")).await.expect(204);
    }

    async fn users_of_a_suspended_supplier_only_read_their_keys(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let path = make(&admin, json!({})).await.header("location").to_owned();
        app.sql("UPDATE supplier SET status = 'suspended'").await;
        admin.get(&path).await.expect(200);
        admin.post(KEYS, json!({"name": "X", "scopes": ["people:read"]})).await.refused(403, "forbidden");
        admin.patch(&path, json!({"name": "X"})).await.refused(403, "forbidden");
        admin.delete(&path).await.refused(403, "forbidden");
        owner.delete(&path).await.expect(204);
    }

    async fn only_owners_and_suppliers_administrators_manage_keys_and_auditors_read_them(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let path = make(&owner, json!({"supplier_id": own})).await.header("location").to_owned();
        let rotate = format!("{path}/rotate");
        let auditor = app.sign_in(Role::Auditor, None).await;
        auditor.get(&path).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let refusal = admin.post(&rotate, json!({})).await.refused(403, "forbidden");
        assert_eq!(refusal.body["required_permission"], "api_keys.rotate");
        let key = secret(&make(&owner, json!({"scopes": accord::shared::permission::SCOPES})).await);
        for caller in [auditor, app.with_token(&key), app.sign_in(Role::Manager, None).await] {
            caller.post(KEYS, json!({"name": "X", "scopes": ["people:read"]})).await.refused(403, "forbidden");
            caller.delete(&path).await.refused(403, "forbidden");
            caller.post(&rotate, json!({})).await.refused(403, "forbidden");
        }
        app.with_token(&key).get(KEYS).await.refused(403, "forbidden");
    }

    async fn a_key_is_changed_where_the_patch_says_so(app: TestApp) {
        let owner = app.owner().await;
        let path = make(&owner, json!({"expires_at": "2027-01-01T00:00:00Z"})).await.header("location").to_owned();
        let change = json!({"name": "Export", "scopes": ["people:read"], "expires_at": null,
            "allowed_cidrs": ["192.0.2.0/24"]});
        owner.with("if-match", "\"2\"").patch(&path, change.clone()).await.refused(412, "etag_mismatch");
        let changed = owner.with("if-match", "\"1\"").patch(&path, change.clone()).await.expect(200);
        assert_eq!((changed.header("etag"), changed.body.get("key")), ("\"2\"", None));
        for (member, value) in change.as_object().expect("members") {
            assert_eq!(changed.body[member], *value, "{member}");
        }
        assert_eq!(owner.get(&path).await.expect(200).body, changed.body);
        for nothing in [json!({}), change] {
            assert_eq!(owner.patch(&path, nothing).await.expect(200).header("etag"), "\"2\"");
        }
        let past = owner.patch(&path, json!({"expires_at": "2026-11-21T09:00:00Z"})).await;
        assert_eq!(past.refused(422, "rule_violated").errors(), ["#/expires_at rule_violated"]);
    }

    async fn a_revoked_key_stays_in_the_list_and_changes_no_more(app: TestApp) {
        let owner = app.owner().await;
        let path = make(&owner, json!({})).await.header("location").to_owned();
        owner.with("if-match", "\"2\"").delete(&path).await.refused(412, "etag_mismatch");
        owner.delete(&path).await.expect(204);
        let read = owner.get(&path).await.expect(200).body;
        assert_eq!((&read["status"], &read["revoked_at"]), (&json!("revoked"), &json!("2026-11-21T09:00:00.000Z")));
        for refusal in [
            owner.delete(&path).await,
            owner.patch(&path, json!({"name": "X"})).await,
            owner.post(&format!("{path}/rotate"), json!({})).await,
        ] {
            assert_eq!(refusal.refused(409, "invalid_state").body["current_status"], "revoked");
        }
    }

    async fn keys_are_listed_by_state_and_supplier(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        make(&owner, json!({"name": "A", "supplier_id": supplier})).await;
        make(&owner, json!({"name": "B", "expires_at": "2026-11-21T09:10:00Z"})).await;
        make(&owner, json!({"name": "C", "expires_at": "2026-11-21T10:00:00Z"})).await;
        let gone = make(&owner, json!({"name": "D", "expires_at": "2026-11-21T09:05:00Z"})).await;
        owner.delete(gone.header("location")).await.expect(204);
        app.clock.advance(TimeDelta::minutes(10));
        let names = async |query: &str| owner.walk(&format!("{KEYS}?limit=1{query}"), "name").await;
        assert_eq!(names("").await, ["D", "C", "B", "A"]);
        assert_eq!(names("&status=active").await, ["C", "A"]);
        assert_eq!(names("&status=expired").await, ["B"]);
        assert_eq!(names("&status=revoked").await, ["D"]);
        assert_eq!(names("&status=expired&status=revoked").await, ["D", "B"]);
        assert_eq!(names(&format!("&supplier_id={supplier}")).await, ["A"]);
        assert_eq!(owner.get(KEYS).await.expect(200).each("status"), ["revoked", "active", "expired", "active"]);
    }

    async fn a_supplier_with_keys_is_not_deleted_even_when_they_are_revoked(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let path = make(&owner, json!({"supplier_id": supplier})).await.header("location").to_owned();
        owner.delete(&format!("/v1/suppliers/{supplier}")).await.refused(409, "in_use");
        owner.delete(&path).await.expect(204);
        owner.delete(&format!("/v1/suppliers/{supplier}")).await.refused(409, "in_use");
    }

    async fn a_repeated_answer_comes_without_the_key(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "k1");
        let new = json!({"name": "Import", "scopes": ["people:read"]});
        let first = keyed.post(KEYS, new.clone()).await.expect(201);
        let again = keyed.post(KEYS, new).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), again.id()), ("true", first.id()));
        assert_eq!((&again.body["key"], &again.body["last4"]), (&Value::Null, &first.body["last4"]));
        assert_eq!(again.header("location"), first.header("location"));
        let rotate = format!("{}/rotate", first.header("location"));
        let rotated = keyed.post(&rotate, json!({})).await.expect(200);
        let again = keyed.post(&rotate, json!({})).await.expect(200);
        assert_eq!((rotated.header("cache-control"), again.header("etag")), ("no-store", "\"2\""));
        assert_eq!(again.body["key"], Value::Null);
        app.with_token(&secret(&rotated)).get("/v1/me").await.expect(200);
    }

    async fn no_key_is_stored_anywhere(app: TestApp) {
        let owner = app.owner().await.with("idempotency-key", "k1");
        let made = make(&owner, json!({})).await;
        let rotated = owner.post(&format!("{}/rotate", made.header("location")), json!({})).await.expect(200);
        app.with_token(&secret(&rotated)).get("/v1/suppliers").await.expect(200);
        owner.delete(made.header("location")).await.expect(204);
        let all = stored(&app).await;
        // What must be there is found, so that what must not would be found too.
        let hexadecimal = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let digest = hexadecimal(&accord::shared::auth::secret::digest(&secret(&rotated)));
        assert!(all.contains(&digest) && all.contains(made.header("location")) && all.contains("api_key.rotate"));
        for key in [secret(&made), secret(&rotated)] {
            let body = key[7..39].to_lowercase();
            let bytes = hexadecimal(&key.as_bytes()[7..39]);
            assert!(!all.contains(&body) && !all.contains(&bytes), "{body} is stored");
        }
    }

    async fn every_change_of_a_key_is_in_the_audit_trail(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let path = make(&owner, json!({"supplier_id": supplier})).await.header("location").to_owned();
        owner.patch(&path, json!({"name": "Export"})).await.expect(200);
        owner.patch(&path, json!({"name": "Export"})).await.expect(200);
        owner.post(&format!("{path}/rotate"), json!({})).await.expect(200);
        owner.delete(&path).await.expect(204);
        let sql = "SELECT action FROM history WHERE action LIKE 'api_key.%' AND supplier_id IS NOT NULL ORDER BY id";
        assert_eq!(strings(&app, sql).await, ["api_key.create", "api_key.update", "api_key.rotate", "api_key.revoke"]);
    }
}
