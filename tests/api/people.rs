//! People of a supplier.

use crate::both;
use crate::support::Caller;
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::json;

const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// The addresses of a supplier's people and of one person among them.
async fn person(owner: &Caller<'_>) -> (String, String) {
    let people = format!("/v1/suppliers/{}/people", owner.supplier("Acme").await);
    let new = json!({"name": "Mia Berg", "roles": ["executive"], "email": "mia@acme.example",
        "phone": "+493012345678", "language": "pt-BR", "reachable": "mornings"});
    let made = owner.post(&people, new).await.expect(201);
    (people, made.header("location").to_owned())
}

both! {
    async fn a_person_is_added_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let new = json!({"name": "Mia Berg", "roles": ["executive", "complaints_contact"], "email": "mia@acme.example",
            "phone": "+493012345678", "language": "pt-BR", "reachable": "mornings"});
        let made = owner.post(&format!("/v1/suppliers/{supplier}/people"), new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/suppliers/{supplier}/people/{}", made.id()));
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.body, json!({"id": made.id(), "supplier_id": supplier, "name": "Mia Berg",
            "roles": ["executive", "complaints_contact"], "email": "mia@acme.example", "phone": "+493012345678",
            "language": "pt-BR", "reachable": "mornings", "external_id": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        owner.with("if-none-match", "\"1\"").get(made.header("location")).await.expect(304);
    }

    async fn a_person_needs_only_a_name(app: TestApp) {
        let owner = app.owner().await;
        let (people, _) = person(&owner).await;
        let made = owner.post(&people, json!({"name": "Jo"})).await.expect(201).body;
        assert_eq!((&made["roles"], &made["email"], &made["phone"]), (&json!([]), &json!(null), &json!(null)));
    }

    async fn everything_that_is_wrong_with_a_new_person_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let (people, _) = person(&owner).await;
        let wrong = json!({"roles": ["boss", "executive", "executive"], "email": "mia", "phone": "030 1",
            "language": "Deutsch", "reachable": "x".repeat(201), "age": 7});
        let refusal = owner.post(&people, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/age unknown_member", "#/email pattern", "#/language pattern", "#/name required", "#/phone pattern",
            "#/reachable too_long", "#/roles not_unique", "#/roles/0 not_in_enum",
        ]);
        let sent = Some(("text/csv", b"name".to_vec()));
        owner.send_raw(Method::POST, &people, sent).await.refused(415, "unsupported_media_type");
        let sent = Some(("application/json", b"[".to_vec()));
        owner.send_raw(Method::POST, &people, sent).await.refused(400, "malformed_json");
    }

    async fn a_person_is_changed_where_the_patch_says_so(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = person(&owner).await;
        let change = json!({"name": "Mia Bergmann", "roles": [], "email": null, "reachable": "evenings"});
        let changed = owner.patch(&path, change).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.body["revision"]), ("\"2\"", &json!(2)));
        let read = owner.get(&path).await.expect(200).body;
        assert_eq!(read, changed.body);
        assert_eq!((&read["name"], &read["roles"], &read["email"]), (&json!("Mia Bergmann"), &json!([]), &json!(null)));
        assert_eq!((&read["phone"], &read["language"]), (&json!("+493012345678"), &json!("pt-BR")));
        let cleared = owner.patch(&path, json!({"phone": null, "language": null, "reachable": null})).await.expect(200);
        assert_eq!((&cleared.body["phone"], &cleared.body["reachable"]), (&json!(null), &json!(null)));
    }

    async fn a_patch_of_a_person_that_changes_nothing_makes_no_new_revision(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = person(&owner).await;
        for nothing in [json!({}), json!({"name": "Mia Berg", "roles": ["executive"], "phone": "+493012345678"})] {
            assert_eq!(owner.patch(&path, nothing).await.expect(200).header("etag"), "\"1\"");
        }
    }

    async fn what_a_patch_of_a_person_may_not_hold_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = person(&owner).await;
        let wrong = json!({"id": NOWHERE, "supplier_id": NOWHERE, "name": null, "roles": null, "email": ""});
        let refusal = owner.patch(&path, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/email pattern", "#/id unknown_member", "#/name wrong_type", "#/roles wrong_type",
            "#/supplier_id unknown_member",
        ]);
    }

    async fn an_external_id_tells_nothing_about_the_people_of_others(app: TestApp) {
        let owner = app.owner().await;
        let (acme, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let (here, there) = (format!("/v1/suppliers/{acme}/people"), format!("/v1/suppliers/{other}/people"));
        let mia = json!({"name": "Mia", "external_id": "P-1"});
        let known = owner.post(&here, mia.clone()).await.expect(201);
        let refusal = owner.post(&here, mia.clone()).await.refused(409, "already_exists");
        assert_eq!(refusal.body["existing_id"], known.body["id"]);
        // Another supplier calls somebody by the same key, and is not told that somebody else does.
        let admin = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        let jo = admin.post(&there, json!({"name": "Jo"})).await.expect(201).header("location").to_owned();
        admin.patch(&jo, json!({"external_id": "P-1"})).await.expect(200);
        assert_eq!(admin.patch(&jo, json!({"external_id": "P-1"})).await.expect(200).header("etag"), "\"2\"");
        let second = admin.post(&there, json!({"name": "Al", "external_id": "P-2"})).await.expect(201);
        admin.patch(second.header("location"), json!({"external_id": "P-1"})).await.refused(409, "already_exists");
    }

    async fn a_person_is_removed(app: TestApp) {
        let owner = app.owner().await;
        let (people, path) = person(&owner).await;
        assert_eq!(owner.delete(&path).await.expect(204).text, "");
        owner.get(&path).await.refused(404, "not_found");
        owner.delete(&path).await.refused(404, "not_found");
        assert_eq!(owner.get(&people).await.expect(200).body["data"], json!([]));
    }

    async fn a_person_is_changed_and_removed_only_as_it_was_read(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = person(&owner).await;
        owner.with("if-match", "\"1\"").patch(&path, json!({"name": "Mia"})).await.expect(200);
        let stale = owner.with("if-match", "\"1\"");
        let changed = stale.patch(&path, json!({"name": "Lost"})).await.refused(412, "etag_mismatch");
        let removed = stale.delete(&path).await.refused(412, "etag_mismatch");
        assert_eq!((changed.header("etag"), removed.header("etag")), ("\"2\"", "\"2\""));
        owner.with("if-match", "\"2\"").delete(&path).await.expect(204);
    }

    async fn people_are_listed_in_the_order_they_were_added_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let people = format!("/v1/suppliers/{}/people", owner.supplier("Acme").await);
        let elsewhere = format!("/v1/suppliers/{}/people", owner.supplier("Other").await);
        for name in ["D", "B", "E", "A", "C"] {
            owner.post(&people, json!({"name": name})).await.expect(201);
            owner.post(&elsewhere, json!({"name": "X"})).await.expect(201);
        }
        for limit in [1, 2, 5, 25] {
            assert_eq!(owner.walk(&format!("{people}?limit={limit}"), "name").await, ["D", "B", "E", "A", "C"]);
        }
        let page = owner.get(&format!("{people}?limit=2&count=true")).await.expect(200);
        assert_eq!(page.body["total_count"], 5);
        let cursor = page.body["next_cursor"].as_str().expect("a cursor");
        owner.get(&format!("{elsewhere}?count=true&cursor={cursor}")).await.refused(400, "invalid_cursor");
        owner.get(&format!("{people}?q=a")).await.refused(400, "unknown_parameter");
    }

    async fn unknown_malformed_and_misplaced_people_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let (people, path) = person(&owner).await;
        let elsewhere = format!("/v1/suppliers/{}/people", owner.supplier("Other").await);
        let here = path.rsplit('/').next().expect("an id");
        let unknown = owner.get(&format!("{people}/{NOWHERE}")).await.refused(404, "not_found");
        for path in [format!("{people}/1"), format!("{elsewhere}/{here}"), format!("/v1/suppliers/{NOWHERE}/people")] {
            assert_eq!(owner.get(&path).await.refused(404, "not_found").lasting(), unknown.lasting());
        }
        let misplaced = format!("{elsewhere}/{here}");
        owner.patch(&misplaced, json!({"name": "X"})).await.refused(404, "not_found");
        owner.delete(&misplaced).await.refused(404, "not_found");
        let nowhere = format!("/v1/suppliers/{NOWHERE}/people");
        owner.post(&nowhere, json!({"name": "X"})).await.refused(404, "not_found");
        assert_eq!(owner.get(&path).await.expect(200).body["name"], "Mia Berg");
    }

    async fn a_suppliers_administrator_manages_its_own_people(app: TestApp) {
        let owner = app.owner().await;
        let (people, path) = person(&owner).await;
        let own = people.split('/').nth(3).expect("an id").to_owned();
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let made = admin.post(&people, json!({"name": "Jo"})).await.expect(201);
        admin.patch(made.header("location"), json!({"name": "Joe"})).await.expect(200);
        admin.delete(&path).await.expect(204);
        assert_eq!(admin.get(&people).await.expect(200).each("name"), ["Joe"]);
    }

    async fn a_supplier_sees_and_changes_no_people_of_another(app: TestApp) {
        let owner = app.owner().await;
        let (people, path) = person(&owner).await;
        let other = owner.supplier("Other").await;
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&other)).await;
            caller.get(&people).await.refused(404, "not_found");
            caller.get(&path).await.refused(404, "not_found");
        }
        let admin = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        admin.post(&people, json!({"name": "Spy"})).await.refused(404, "not_found");
        admin.patch(&path, json!({"name": "Spy"})).await.refused(404, "not_found");
        admin.delete(&path).await.refused(404, "not_found");
        assert_eq!(owner.get(&people).await.expect(200).each("name"), ["Mia Berg"]);
    }

    async fn those_who_only_read_people_change_none(app: TestApp) {
        let owner = app.owner().await;
        let (people, path) = person(&owner).await;
        let own = people.split('/').nth(3).expect("an id").to_owned();
        for (role, supplier) in [(Role::SupplierUser, Some(own.as_str())), (Role::Auditor, None), (Role::Agent, None)] {
            let caller = app.sign_in(role, supplier).await;
            caller.get(&path).await.expect(200);
            for refusal in [
                caller.post(&people, json!({"name": "X"})).await,
                caller.patch(&path, json!({"name": "X"})).await,
                caller.delete(&path).await,
            ] {
                assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "people.write");
            }
        }
        let nobody = app.nobody();
        nobody.get(&people).await.refused(401, "missing_credentials");
        nobody.post(&people, json!({"name": "X"})).await.refused(401, "missing_credentials");
        nobody.delete(&path).await.refused(401, "missing_credentials");
    }
}
