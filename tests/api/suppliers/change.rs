//! Changing a supplier with PATCH.

use super::UNKNOWN;
use crate::both;
use crate::support::{Caller, TestApp};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use poem::http::Method;
use serde_json::{Value, json};

/// A supplier with everything, as the address of it.
async fn full(owner: &Caller<'_>) -> String {
    let new = json!({"kind": "company", "name": "Acme", "external_id": "E1", "categories": ["airline", "cargo"],
        "regions": ["US"], "legal_ids": [{"scheme": "VAT", "value": "1"}], "customer_facing": true,
        "address": {"lines": ["Main Street 1"], "postal_code": "30320", "city": "Atlanta", "country": "US"}});
    owner.post("/v1/suppliers", new).await.expect(201).header("location").to_owned()
}

async fn below(owner: &Caller<'_>, parent: &str, name: &str) -> String {
    let new = json!({"kind": "company", "name": name, "parent_id": parent});
    owner.post("/v1/suppliers", new).await.expect(201).id()
}

async fn events(app: &TestApp, action: &str) -> usize {
    let list = app.owner().await.get(&format!("/v1/audit-events?action={action}")).await.expect(200);
    list.body["data"].as_array().expect("a list").len()
}

both! {
    async fn a_patch_changes_what_it_names_and_leaves_the_rest(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let mut expected = owner.get(&path).await.expect(200).body;
        app.clock.advance(TimeDelta::minutes(1));
        let changed = owner.patch(&path, json!({"name": "Acme Limited", "categories": ["cargo"]})).await.expect(200);
        expected["name"] = json!("Acme Limited");
        expected["categories"] = json!(["cargo"]);
        expected["revision"] = json!(2);
        expected["updated_at"] = json!("2026-11-21T09:01:00.000Z");
        assert_eq!(changed.body, expected);
        assert_eq!(changed.header("etag"), "\"2\"");
        assert_eq!(owner.get(&path).await.expect(200).body, expected);
    }

    async fn every_member_of_a_supplier_can_be_changed(app: TestApp) {
        let owner = app.owner().await;
        let (path, parent) = (full(&owner).await, owner.supplier("Group").await);
        let change = json!({"name": "Beta", "external_id": "E2", "legal_ids": [{"scheme": "DUNS", "value": "123456789"}],
            "categories": [], "regions": ["DE-BY"], "customer_facing": false, "parent_id": parent,
            "address": {"lines": [], "postal_code": null, "city": "Dublin", "country": "IE"}});
        owner.patch(&path, without_nulls(&change)).await.expect(200);
        let read = owner.get(&path).await.expect(200).body;
        for (member, value) in change.as_object().expect("an object") {
            assert_eq!(&read[member], value, "{member}");
        }
    }

    async fn null_clears_what_may_be_empty(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let cleared = json!({"external_id": null, "address": null, "parent_id": null});
        let changed = owner.patch(&path, cleared).await.expect(200).body;
        assert_eq!((&changed["external_id"], &changed["address"]), (&json!(null), &json!(null)));
        assert_eq!(changed["name"], "Acme");
    }

    async fn an_address_is_replaced_as_a_whole(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let incomplete = json!({"address": {"country": "IE"}});
        let refusal = owner.patch(&path, incomplete).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/address/city required"]);
        let moved = json!({"address": {"city": "Dublin", "country": "IE"}});
        let changed = owner.patch(&path, moved).await.expect(200).body;
        assert_eq!(changed["address"], json!({"lines": [], "postal_code": null, "city": "Dublin", "country": "IE"}));
    }

    async fn a_patch_that_changes_nothing_makes_no_new_revision(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        app.clock.advance(TimeDelta::minutes(1));
        let same = json!({"name": "Acme", "external_id": "E1", "categories": ["airline", "cargo"], "parent_id": null,
            "legal_ids": [{"value": "1", "scheme": "VAT"}], "customer_facing": true,
            "address": {"country": "US", "city": "Atlanta", "postal_code": "30320", "lines": ["Main Street 1"]}});
        for nothing in [json!({}), same] {
            let answer = owner.patch(&path, nothing).await.expect(200);
            assert_eq!((&answer.body["revision"], answer.header("etag")), (&json!(1), "\"1\""));
            assert_eq!(answer.body["updated_at"], "2026-11-21T09:00:00.000Z");
        }
        assert_eq!(events(&app, "supplier.update").await, 0);
    }

    async fn both_media_types_of_a_patch_mean_the_same(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let sent = Some(("application/merge-patch+json", b"{\"external_id\":null}".to_vec()));
        let changed = owner.send_raw(Method::PATCH, &path, sent).await.expect(200);
        assert_eq!(changed.body["external_id"], json!(null));
        let sent = Some(("application/json-patch+json", b"[]".to_vec()));
        let refusal = owner.send_raw(Method::PATCH, &path, sent).await.refused(415, "unsupported_media_type");
        assert_eq!(refusal.header("accept-patch"), "application/merge-patch+json, application/json");
    }

    async fn what_a_patch_may_not_hold_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let wrong = json!({"id": "x", "kind": "company", "status": "active", "revision": 7, "name": null,
            "categories": null, "customer_facing": null, "external_id": "a b", "created_at": null});
        let refusal = owner.patch(&path, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/categories wrong_type", "#/created_at unknown_member", "#/customer_facing wrong_type",
            "#/external_id pattern", "#/id unknown_member", "#/kind unknown_member", "#/name wrong_type",
            "#/revision unknown_member", "#/status unknown_member",
        ]);
        assert_eq!(owner.get(&path).await.expect(200).body["revision"], 1);
    }

    async fn a_change_of_something_older_is_refused_with_the_current_etag(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        owner.with("if-match", "\"1\"").patch(&path, json!({"name": "Acme Two"})).await.expect(200);
        let stale = owner.with("if-match", "\"1\"").patch(&path, json!({"name": "Lost"})).await;
        assert_eq!(stale.refused(412, "etag_mismatch").header("etag"), "\"2\"");
        let weak = owner.with("if-match", "W/\"2\"").patch(&path, json!({"name": "Weak"})).await;
        weak.refused(412, "etag_mismatch");
        let listed = owner.with("if-match", "\"9\", \"2\"").patch(&path, json!({"name": "Acme Three"})).await;
        assert_eq!(listed.expect(200).body["revision"], 3);
        owner.with("if-match", "*").patch(&path, json!({"name": "Acme Four"})).await.expect(200);
        assert_eq!(owner.get(&path).await.expect(200).body["name"], "Acme Four");
    }

    async fn of_two_changes_from_one_reading_one_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let reader = owner.with("if-match", "\"1\"");
        let (one, other) = tokio::join!(
            reader.patch(&path, json!({"name": "One"})),
            reader.patch(&path, json!({"name": "Other"})),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort();
        assert_eq!(statuses, [200, 412], "{} {}", one.text, other.text);
    }

    async fn changes_at_once_without_a_condition_all_count(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let rename = |name: &'static str| owner.patch(&path, json!({"name": name}));
        let done = tokio::join!(rename("A"), rename("B"), rename("C"), rename("D"));
        let mut revisions: Vec<_> = [done.0, done.1, done.2, done.3]
            .map(|answer| answer.expect(200).body["revision"].as_i64().expect("a number"))
            .into();
        revisions.sort();
        assert_eq!(revisions, [2, 3, 4, 5]);
        assert_eq!(events(&app, "supplier.update").await, 4);
    }

    async fn only_who_may_changes_a_supplier_and_only_one_it_sees(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let own = path.rsplit('/').next().expect("an id");
        for (role, supplier) in [(Role::Reviewer, None), (Role::Agent, None), (Role::SupplierUser, Some(own))] {
            let refusal = app.sign_in(role, supplier).await.patch(&path, json!({"name": "X"})).await;
            assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "suppliers.update");
        }
        owner.patch(UNKNOWN, json!({"name": "X"})).await.refused(404, "not_found");
        let manager = app.sign_in(Role::Manager, None).await;
        manager.patch(&path, json!({"name": "Managed"})).await.expect(200);
    }

    async fn an_unknown_supplier_is_not_found_even_if_the_change_breaks_a_rule(app: TestApp) {
        let wrong = json!({"legal_ids": [{"scheme": "IATA", "value": "DELTA"}]});
        app.owner().await.patch(UNKNOWN, wrong).await.refused(404, "not_found");
    }

    async fn rules_that_a_change_breaks_are_named_with_the_member(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        for (member, value, code, pointer) in [
            ("legal_ids", json!([{"scheme": "DUNS", "value": "12"}]), "rule_violated", "#/legal_ids/0/value"),
            ("parent_id", json!("01a1ff81-7540-74d8-bf1a-931cc1c79f06"), "invalid_reference", "#/parent_id"),
        ] {
            let mut change = json!({});
            change[member] = value;
            let refusal = owner.patch(&path, change).await.refused(422, code);
            assert_eq!(refusal.errors(), [format!("{pointer} {code}")]);
        }
        assert_eq!(owner.get(&path).await.expect(200).body["revision"], 1);
    }

    async fn a_supplier_keeps_its_identities_and_takes_none_of_another(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        let first = path.rsplit('/').next().expect("an id");
        let other = format!("/v1/suppliers/{}", owner.supplier("Other").await);
        let more = json!({"external_id": "E1", "legal_ids": [{"scheme": "VAT", "value": "1"}, {"scheme": "VAT", "value": "2"}]});
        owner.patch(&path, more).await.expect(200);
        for taken in [json!({"external_id": "E1"}), json!({"legal_ids": [{"scheme": "VAT", "value": "2"}]})] {
            let refusal = owner.patch(&other, taken).await.refused(409, "already_exists");
            assert_eq!(refusal.body["existing_id"], first);
        }
        owner.patch(&path, json!({"external_id": null, "legal_ids": []})).await.expect(200);
        let freed = json!({"external_id": "E1", "legal_ids": [{"scheme": "VAT", "value": "2"}]});
        owner.patch(&other, freed).await.expect(200);
    }

    async fn a_renamed_supplier_is_found_by_its_new_name_only(app: TestApp) {
        let owner = app.owner().await;
        let path = full(&owner).await;
        owner.patch(&path, json!({"name": "Zenith", "categories": ["rail"]})).await.expect(200);
        let names = async |query: &str| owner.get(&format!("/v1/suppliers?{query}")).await.expect(200).each("name");
        assert_eq!(names("q=zenith").await, ["Zenith"]);
        assert_eq!(names("q=acme").await, [""; 0]);
        assert_eq!(names("category=rail").await, ["Zenith"]);
        assert_eq!(names("category=airline").await, [""; 0]);
        assert_eq!(names("q=airline").await, [""; 0]);
    }

    async fn a_supplier_belongs_neither_to_itself_nor_to_what_belongs_to_it(app: TestApp) {
        let owner = app.owner().await;
        let top = owner.supplier("Top").await;
        let middle = below(&owner, &top, "Middle").await;
        let bottom = below(&owner, &middle, "Bottom").await;
        let path = format!("/v1/suppliers/{top}");
        for parent in [&top, &middle, &bottom] {
            let refusal = owner.patch(&path, json!({"parent_id": parent})).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/parent_id rule_violated"]);
        }
        owner.patch(&format!("/v1/suppliers/{bottom}"), json!({"parent_id": top})).await.expect(200);
    }

    async fn two_changes_at_once_do_not_close_a_circle(app: TestApp) {
        let owner = app.owner().await;
        let (one, other) = (owner.supplier("One").await, owner.supplier("Other").await);
        let under = async |child: &str, parent: &str| {
            owner.patch(&format!("/v1/suppliers/{child}"), json!({"parent_id": parent})).await
        };
        let (first, second) = tokio::join!(under(&one, &other), under(&other, &one));
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [200, 422], "{} {}", first.text, second.text);
    }
}

/// The same change with the members of the address that are null left out.
fn without_nulls(change: &Value) -> Value {
    let mut change = change.clone();
    let address = change["address"].as_object_mut().expect("an address");
    address.retain(|_, value| !value.is_null());
    change
}
