//! Files: upload, types, digests, changes, and who sees what.

mod attached;
mod content;
mod keeping;
mod scanner;

use crate::both;
use crate::support::files::{PDF, PNG, Packed, docx, objects, pdf, zip};
use crate::support::{Caller, TestApp};
use accord::shared::crypto::{hex, sha256};
use accord::shared::permission::Role;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use poem::http::Method;
use serde_json::json;

const NOWHERE: &str = "/v1/files/01a1ff81-7540-74d8-bf1a-931cc1c79f06";
const ANY: &str = "application/octet-stream";

async fn supplier_with_admin<'a>(app: &'a TestApp, name: &str) -> (String, Caller<'a>) {
    let supplier = app.owner().await.supplier(name).await;
    let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
    (supplier, admin)
}

both! {
    async fn a_file_is_uploaded_and_told_of(app: TestApp) {
        let (supplier, admin) = supplier_with_admin(&app, "Acme").await;
        let query = "filename=iso%20%C3%BC.pdf&effective_from=2026-01-01&effective_to=2028-12-31";
        let made = admin.upload(query, "application/pdf", PDF).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/files/{}", made.id()));
        let me = admin.get("/v1/me").await.expect(200).id();
        let expected = json!({
            "id": made.id(), "supplier_id": supplier, "filename": "iso \u{fc}.pdf", "media_type": "application/pdf",
            "size": PDF.len(), "sha256": hex(&sha256(PDF)), "status": "available", "effective_from": "2026-01-01",
            "effective_to": "2028-12-31", "uploaded_by": me, "parent": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z",
        });
        assert_eq!(made.body, expected);
        let read = admin.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&expected, "\"1\""));
        admin.with("If-None-Match", "\"1\"").get(made.header("location")).await.expect(304);
        let own = app.owner().await.upload("filename=rules.txt", ANY, b"Be kind.\n").await.expect(201);
        assert_eq!((&own.body["supplier_id"], &own.body["media_type"]), (&json!(null), &json!("text/plain")));
        let events = app.owner().await.get("/v1/audit-events?action=file.create").await.expect(200);
        assert_eq!(events.body["data"].as_array().expect("events").len(), 2);
        assert!(!events.text.contains("object_key"));
    }

    async fn every_type_on_the_list_is_taken_by_its_content(app: TestApp) {
        let owner = app.owner().await;
        let odt = b"application/vnd.oasis.opendocument.text";
        let odt = zip(&[Packed("mimetype", odt, 39), Packed("content.xml", b"<x/>", 4)]);
        let ods = b"application/vnd.oasis.opendocument.spreadsheet";
        let ods = zip(&[Packed("mimetype", ods, 46), Packed("content.xml", b"<x/>", 4)]);
        let office = |part| zip(&[Packed("[Content_Types].xml", b"<x/>", 4), Packed(part, b"<x/>", 4)]);
        for (name, bytes, media_type) in [
            ("a.pdf", PDF.to_vec(), "application/pdf"),
            ("a.PNG", PNG.to_vec(), "image/png"),
            ("a.jpeg", b"\xff\xd8\xff\xe0".to_vec(), "image/jpeg"),
            ("a.webp", b"RIFF\x1a\0\0\0WEBPVP8 ".to_vec(), "image/webp"),
            ("a.docx", docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("a.xlsx", office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ("a.pptx", office("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            ("a.odt", odt, "application/vnd.oasis.opendocument.text"),
            ("a.ods", ods, "application/vnd.oasis.opendocument.spreadsheet"),
            ("a.csv", b"BM,1\r\n".to_vec(), "text/csv"),
            ("a.txt", "\u{feff}Gr\u{fc}\u{df}e".as_bytes().to_vec(), "text/plain"),
        ] {
            for declared in [ANY, media_type] {
                let made = owner.upload(&format!("filename={name}"), declared, &bytes).await.expect(201);
                assert_eq!(made.body["media_type"], media_type, "{name}");
            }
        }
    }

    async fn what_is_not_what_it_claims_to_be_is_refused_and_leaves_nothing(app: TestApp) {
        let owner = app.owner().await;
        let bomb = zip(&[
            Packed("[Content_Types].xml", b"<x/>", 4),
            Packed("word/document.xml", b"<x/>", 4),
            Packed("word/zeros.xml", b"<x/>", 300 << 20),
        ]);
        let plain = zip(&[Packed("readme.txt", b"x", 1)]);
        let macros = zip(&[Packed("[Content_Types].xml", b"x", 1), Packed("word/document.xml", b"x", 1), Packed("word/vbaProject.bin", b"x", 1)]);
        let cut = docx()[..docx().len() - 10].to_vec();
        for (name, declared, bytes) in [
            ("a.pdf", ANY, PNG.to_vec()),
            ("a.png", ANY, PDF.to_vec()),
            ("a.txt", ANY, PDF.to_vec()),
            ("a.pdf", "image/png", PDF.to_vec()),
            ("a.exe", ANY, b"MZ".to_vec()),
            ("pdf", ANY, PDF.to_vec()),
            ("a.zip", ANY, plain.clone()),
            ("a.docx", ANY, plain),
            ("a.docx", ANY, bomb),
            ("a.docx", ANY, macros),
            ("a.docx", ANY, cut),
            ("a.xlsx", ANY, docx()),
            ("a.txt", ANY, b"a\0b".to_vec()),
            ("a.csv", ANY, b"\xff\xfe".to_vec()),
            ("a.txt", ANY, Vec::new()),
        ] {
            let refused = owner.upload(&format!("filename={name}"), declared, &bytes).await;
            let refused = refused.refused(422, "file_type_not_allowed");
            assert_eq!(refused.body["allowed"][0], "pdf", "{name}");
        }
        owner.upload("filename=a.pdf", "text/html", PDF).await.refused(415, "unsupported_media_type");
        for name in ["a%2Fb.pdf", "a%5Cb.pdf", "a%00.pdf", "a%E2%80%AEfdp.pdf", ""] {
            owner.upload(&format!("filename={name}"), ANY, PDF).await.refused(400, "invalid_parameter");
        }
        owner.upload("", ANY, PDF).await.refused(400, "invalid_parameter");
        let backwards = "filename=a.pdf&effective_from=2026-02-01&effective_to=2026-01-31";
        owner.upload(backwards, ANY, PDF).await.refused(422, "date_order");
        assert_eq!(objects(&app.files()), Vec::<std::path::PathBuf>::new());
        assert_eq!(owner.get("/v1/files").await.expect(200).body["data"], json!([]));
    }

    async fn a_file_that_is_too_large_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let largest = pdf(25 * 1024 * 1024, b'x');
        owner.upload("filename=a.pdf", ANY, &largest).await.expect(201);
        let more = pdf(25 * 1024 * 1024 + 1, b'x');
        let refused = owner.upload("filename=a.pdf", ANY, &more).await.refused(413, "payload_too_large");
        assert_eq!(refused.body["max_bytes"], 25 * 1024 * 1024);
        let told = owner.with("Content-Length", "26214401").upload("filename=a.pdf", ANY, PDF).await;
        told.refused(413, "payload_too_large");
        assert_eq!(objects(&app.files()).len(), 1);
    }

    async fn what_arrives_is_what_was_announced(app: TestApp) {
        let owner = app.owner().await;
        let digest = |bytes| format!("sha-256=:{}:", BASE64.encode(sha256(bytes)));
        owner.with("Repr-Digest", &digest(PDF)).upload("filename=a.pdf", ANY, PDF).await.expect(201);
        let other = owner.with("Repr-Digest", &digest(PNG)).upload("filename=a.pdf", ANY, PDF).await;
        other.refused(422, "file_digest_mismatch");
        let archive = owner.with("Repr-Digest", &digest(PNG)).upload("filename=a.docx", ANY, &docx()).await;
        archive.refused(422, "file_digest_mismatch");
        for wrong in ["sha-256=:x:", "md5=:AAAA:", "sha-256"] {
            owner.with("Repr-Digest", wrong).upload("filename=a.pdf", ANY, PDF).await.refused(400, "invalid_parameter");
        }
        assert_eq!(objects(&app.files()).len(), 1);
    }

    async fn a_repeated_upload_is_one_file(app: TestApp) {
        let owner = app.owner().await.with("Idempotency-Key", "k-1");
        let first = owner.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        let again = owner.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        assert_eq!((again.body, again.headers.contains_key("idempotency-replayed")), (first.body, true));
        owner.upload("filename=a.pdf", ANY, &pdf(100, b'x')).await.refused(422, "idempotency_key_reused");
        assert_eq!(objects(&app.files()).len(), 1, "what was sent in vain is gone");
    }

    async fn the_days_it_speaks_of_are_changed_and_nothing_else(app: TestApp) {
        let (_, admin) = supplier_with_admin(&app, "Acme").await;
        let made = admin.upload("filename=a.pdf&effective_from=2026-01-01", ANY, PDF).await.expect(201);
        let path = made.header("location");
        let changed = admin.patch(path, json!({"effective_to": "2027-01-01"})).await.expect(200);
        assert_eq!((&changed.body["effective_to"], &changed.body["revision"]), (&json!("2027-01-01"), &json!(2)));
        admin.with("If-Match", "\"1\"").patch(path, json!({"effective_to": null})).await.refused(412, "etag_mismatch");
        let refused = admin.patch(path, json!({"effective_to": "2025-01-01"})).await.refused(422, "date_order");
        assert_eq!(refused.errors(), ["#/effective_to date_order"]);
        admin.patch(path, json!({"filename": "b.pdf"})).await.refused(400, "validation_failed");
        let cleared = admin.patch(path, json!({"effective_from": null, "effective_to": "2025-01-01"})).await.expect(200);
        assert_eq!(cleared.body["effective_from"], json!(null));
        admin.with("If-Match", "\"1\"").delete(path).await.refused(412, "etag_mismatch");
        admin.delete(path).await.expect(204);
        admin.get(path).await.refused(404, "not_found");
        assert!(objects(&app.files()).is_empty());
        for action in ["create", "update", "delete"] {
            let events = app.owner().await.get(&format!("/v1/audit-events?action=file.{action}")).await.expect(200);
            assert!(!events.body["data"].as_array().expect("events").is_empty(), "{action}");
        }
    }

    async fn nobody_reaches_a_file_of_another_supplier(app: TestApp) {
        let (acme, admin) = supplier_with_admin(&app, "Acme").await;
        let (other, stranger) = supplier_with_admin(&app, "Other").await;
        let made = admin.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        let own = app.owner().await.upload("filename=own.pdf", ANY, PDF).await.expect(201);
        for path in [made.header("location"), own.header("location"), NOWHERE, "/v1/files/x"] {
            stranger.get(path).await.refused(404, "not_found");
            stranger.get(&format!("{path}/content")).await.refused(404, "not_found");
            stranger.patch(path, json!({"effective_to": null})).await.refused(404, "not_found");
            stranger.delete(path).await.refused(404, "not_found");
        }
        assert_eq!(stranger.get("/v1/files?count=true").await.expect(200).body["total_count"], 0);
        assert_eq!(stranger.get(&format!("/v1/files?supplier_id={acme}")).await.expect(200).body["data"], json!([]));
        let nowhere = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";
        for supplier in [&*acme, nowhere] {
            let query = format!("filename=a.pdf&supplier_id={supplier}");
            let refused = stranger.upload(&query, ANY, PDF).await.refused(422, "invalid_reference");
            assert_eq!(refused.errors(), ["supplier_id invalid_reference"]);
        }
        let query = format!("filename=a.pdf&supplier_id={nowhere}");
        let owner = app.owner().await;
        assert_eq!(owner.upload(&query, ANY, PDF).await.refused(422, "invalid_reference").errors(), ["supplier_id invalid_reference"]);
        stranger.upload(&format!("filename=a.pdf&supplier_id={other}"), ANY, PDF).await.expect(201);
        assert_eq!(objects(&app.files()).len(), 3);
    }

    async fn staff_sees_what_the_policy_says(app: TestApp) {
        let (acme, admin) = supplier_with_admin(&app, "Acme").await;
        let theirs = admin.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        for role in [Role::Manager, Role::Auditor] {
            app.sign_in(role, None).await.get(theirs.header("location")).await.expect(200);
        }
        for role in [Role::Reviewer, Role::Agent] {
            let caller = app.sign_in(role, None).await;
            caller.get(theirs.header("location")).await.refused(404, "not_found");
            let query = format!("filename={}.pdf&supplier_id={acme}", role.name());
            let made = caller.upload(&query, ANY, PDF).await.expect(201);
            caller.get(made.header("location")).await.expect(200);
            assert_eq!(caller.get("/v1/files").await.expect(200).each("id"), [made.id()]);
            caller.delete(made.header("location")).await.refused(403, "forbidden");
            let seen = admin.get(made.header("location")).await.expect(200);
            assert_eq!(seen.body["uploaded_by"], json!(null), "who of the staff did it is staff's own matter");
        }
        app.sign_in(Role::Auditor, None).await.upload("filename=a.pdf", ANY, PDF).await.refused(403, "forbidden");
        let names = app.owner().await.get(&format!("/v1/files?supplier_id={acme}&status=available")).await.expect(200);
        assert_eq!(names.each("filename"), ["agent.pdf", "reviewer.pdf", "a.pdf"]);
        assert_eq!(app.owner().await.walk("/v1/files?limit=1", "filename").await.len(), 3);
    }

    async fn users_of_a_suspended_supplier_only_read(app: TestApp) {
        let (acme, admin) = supplier_with_admin(&app, "Acme").await;
        let made = admin.upload("filename=a.pdf", ANY, PDF).await.expect(201);
        let owner = app.owner().await;
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{acme}/{verb}")).await.expect(200);
        }
        owner.post(&format!("/v1/suppliers/{acme}/suspend"), json!({"reason": "Lapsed."})).await.expect(200);
        admin.get(&format!("{}/content", made.header("location"))).await.expect(200);
        admin.upload("filename=a.pdf", ANY, PDF).await.refused(403, "forbidden");
        admin.delete(made.header("location")).await.refused(403, "forbidden");
        assert_eq!(objects(&app.files()).len(), 1);
        let body = Some(("application/pdf", PDF.to_vec()));
        owner.send_raw(Method::PUT, "/v1/files", body).await.refused(405, "method_not_allowed");
    }
}
