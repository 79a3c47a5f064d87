//! What staff notes about suppliers.

use crate::both;
use crate::support::Caller;
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::json;

const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// The addresses of the notes about a supplier and of one of them.
async fn note(owner: &Caller<'_>) -> (String, String) {
    let notes = format!("/v1/suppliers/{}/notes", owner.supplier("Acme").await);
    let made = owner.post(&notes, json!({"text": "Friendly, but late."})).await.expect(201);
    (notes, made.header("location").to_owned())
}

both! {
    async fn a_note_is_written_and_read_back_with_its_author(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let notes = format!("/v1/suppliers/{supplier}/notes");
        let made = owner.post(&notes, json!({"text": "Late.\n\"Twice\" ☂"})).await.expect(201);
        assert_eq!(made.header("location"), format!("{notes}/{}", made.id()));
        assert_eq!(made.header("etag"), "\"1\"");
        let audit = owner.get("/v1/audit-events?action=supplier_note.create").await.expect(200);
        let author = &audit.body["data"][0]["actor"];
        assert_eq!(author["label"], "Test owner");
        assert_eq!(made.body, json!({"id": made.id(), "supplier_id": supplier, "text": "Late.\n\"Twice\" ☂",
            "author_id": author["id"], "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        owner.with("if-none-match", "\"1\"").get(made.header("location")).await.expect(304);
    }

    async fn a_note_without_text_or_with_more_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let (notes, path) = note(&owner).await;
        let missing = owner.post(&notes, json!({"author_id": NOWHERE})).await.refused(400, "validation_failed");
        assert_eq!(missing.errors(), ["#/author_id unknown_member", "#/text required"]);
        for (text, error) in [(json!(""), "pattern"), (json!("  "), "pattern"), (json!("x".repeat(10_001)), "too_long"), (json!(1), "wrong_type")] {
            let refusal = owner.post(&notes, json!({"text": text})).await.refused(400, "validation_failed");
            assert_eq!(refusal.errors(), [format!("#/text {error}")]);
        }
        let wrong = json!({"text": null, "revision": 2, "author_id": NOWHERE});
        let refusal = owner.patch(&path, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/author_id unknown_member", "#/revision unknown_member", "#/text wrong_type"]);
        let sent = Some(("text/plain", b"Late".to_vec()));
        owner.send_raw(Method::POST, &notes, sent).await.refused(415, "unsupported_media_type");
    }

    async fn the_longest_note_counts_characters_not_bytes(app: TestApp) {
        let owner = app.owner().await;
        let (notes, _) = note(&owner).await;
        let text = "ß".repeat(10_000);
        assert_eq!(owner.post(&notes, json!({"text": text})).await.expect(201).body["text"], text);
    }

    async fn a_note_is_changed_by_others_but_stays_its_authors(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = note(&owner).await;
        let author = owner.get(&path).await.expect(200).body["author_id"].clone();
        let manager = app.sign_in(Role::Manager, None).await;
        let changed = manager.patch(&path, json!({"text": "On time now."})).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.body["text"]), ("\"2\"", &json!("On time now.")));
        assert_eq!(changed.body["author_id"], author);
        for nothing in [json!({}), json!({"text": "On time now."})] {
            assert_eq!(owner.patch(&path, nothing).await.expect(200).header("etag"), "\"2\"");
        }
    }

    async fn a_note_is_changed_and_deleted_only_as_it_was_read(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = note(&owner).await;
        owner.patch(&path, json!({"text": "New"})).await.expect(200);
        let stale = owner.with("if-match", "\"1\"");
        let changed = stale.patch(&path, json!({"text": "Lost"})).await.refused(412, "etag_mismatch");
        let deleted = stale.delete(&path).await.refused(412, "etag_mismatch");
        assert_eq!((changed.header("etag"), deleted.header("etag")), ("\"2\"", "\"2\""));
        assert_eq!(owner.with("if-match", "\"2\"").delete(&path).await.expect(204).text, "");
        owner.get(&path).await.refused(404, "not_found");
        owner.delete(&path).await.refused(404, "not_found");
    }

    async fn notes_are_listed_oldest_first_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let (notes, _) = note(&owner).await;
        let (elsewhere, _) = note(&owner).await;
        for text in ["2", "3", "4", "5"] {
            owner.post(&notes, json!({"text": text})).await.expect(201);
        }
        for limit in [1, 2, 5] {
            let walked = owner.walk(&format!("{notes}?limit={limit}"), "text").await;
            assert_eq!(walked, ["Friendly, but late.", "2", "3", "4", "5"]);
        }
        let page = owner.get(&format!("{notes}?limit=1&count=true")).await.expect(200);
        assert_eq!(page.body["total_count"], 5);
        let cursor = page.body["next_cursor"].as_str().expect("a cursor");
        owner.get(&format!("{elsewhere}?count=true&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }

    async fn unknown_malformed_and_misplaced_notes_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let (notes, path) = note(&owner).await;
        let here = path.rsplit('/').next().expect("an id");
        let elsewhere = format!("/v1/suppliers/{}/notes", owner.supplier("Other").await);
        let unknown = owner.get(&format!("{notes}/{NOWHERE}")).await.refused(404, "not_found");
        for path in [format!("{notes}/x"), format!("{elsewhere}/{here}"), format!("/v1/suppliers/{NOWHERE}/notes")] {
            assert_eq!(owner.get(&path).await.refused(404, "not_found").lasting(), unknown.lasting());
        }
        owner.delete(&format!("{elsewhere}/{here}")).await.refused(404, "not_found");
        owner.patch(&format!("{elsewhere}/{here}"), json!({"text": "x"})).await.refused(404, "not_found");
        let nowhere = format!("/v1/suppliers/{NOWHERE}/notes");
        owner.post(&nowhere, json!({"text": "x"})).await.refused(404, "not_found");
    }

    async fn no_supplier_role_learns_whether_there_are_notes_about_it(app: TestApp) {
        let owner = app.owner().await;
        let (notes, path) = note(&owner).await;
        let own = notes.split('/').nth(3).expect("an id").to_owned();
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&own)).await;
            let list = caller.get(&notes).await.refused(403, "forbidden");
            assert_eq!(list.body["required_permission"], "supplier_notes.read");
            let there = caller.get(&path).await.refused(403, "forbidden");
            let not_there = caller.get(&format!("{notes}/{NOWHERE}")).await.refused(403, "forbidden");
            assert_eq!(there.lasting(), not_there.lasting());
            let write = caller.post(&notes, json!({"text": "We are great."})).await.refused(403, "forbidden");
            assert_eq!(write.body["required_permission"], "supplier_notes.write");
        }
    }

    async fn staff_that_may_only_read_notes_writes_none(app: TestApp) {
        let owner = app.owner().await;
        let (notes, path) = note(&owner).await;
        for role in [Role::Reviewer, Role::Agent, Role::Auditor] {
            let caller = app.sign_in(role, None).await;
            assert_eq!(caller.get(&notes).await.expect(200).each("text"), ["Friendly, but late."]);
            for refusal in [
                caller.post(&notes, json!({"text": "x"})).await,
                caller.patch(&path, json!({"text": "x"})).await,
                caller.delete(&path).await,
            ] {
                assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "supplier_notes.write");
            }
        }
        app.nobody().get(&notes).await.refused(401, "missing_credentials");
        app.nobody().patch(&path, json!({"text": "x"})).await.refused(401, "missing_credentials");
    }
}
