//! Agreements as pages to print.

use crate::agreements::{candidate, field, lifts};
use crate::both;
use crate::negotiation::in_force;
use crate::support::seed::Terms;
use accord::shared::permission::Role;
use serde_json::json;

fn page(agreement: &str) -> String {
    format!("{agreement}/document.html")
}

both! {
    async fn an_agreement_in_force_is_printed_whole(app: TestApp) {
        let owner = app.owner().await;
        let (path, _) = in_force(&app, &owner, "Acme & Sons").await;
        let us = owner.get("/v1/organization").await.expect(200).body["name"].as_str().expect("a name").to_owned();
        let version = owner.get(&format!("{path}/versions/1")).await.expect(200).body;
        let found = owner.get(&page(&path)).await.expect(200);
        assert_eq!(found.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(found.header("cache-control"), "private, no-cache");
        let text = found.text;
        let theirs = format!("What Acme &amp; Sons owes {us}</h2>");
        let ours = format!("What {us} owes Acme &amp; Sons</h2>");
        let hash = version["content_hash"].as_str().expect("a hash");
        for part in [&*theirs, &ours, "What customers are promised</h2>", "1 Jan 2027 to 31 Dec 2030", "90 days",
            "<strong>Test owner</strong>", "<strong>Test supplier_admin</strong>", "Version 1 · In force", hash] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        for clause in version["clauses"].as_array().expect("clauses") {
            let number = format!("<b>{}</b>", clause["position"]);
            assert!(text.contains(&number), "{number} is missing in {text}");
        }
        assert_eq!(text.matches("class=\"clause\"").count(), version["clauses"].as_array().map_or(0, Vec::len));
        let items = version["terms"]["service_code"].as_array().expect("items").len();
        assert_eq!(text.matches("<li><b>✓</b>").count() + text.matches("<li><b>✗</b>").count(), items);
        assert!(!text.contains("class=\"stamp\"") && !text.contains("signature open"), "{text}");
    }

    async fn what_is_not_in_force_is_stamped_and_seen_by_whom_it_was_shared_with(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "Acme").await;
        let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let other = app.sign_in(Role::SupplierAdmin, Some(&owner.supplier("Other").await)).await;
        let draft = owner.get(&page(&path)).await.expect(200).text;
        assert!(draft.contains("<div class=\"stamp\">DRAFT</div>") && draft.contains("Being negotiated"), "{draft}");
        assert_eq!(draft.matches("signature open").count(), 2);
        admin.get(&page(&path)).await.refused(404, "not_found");
        owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
        admin.get(&page(&path)).await.expect(200);
        other.get(&page(&path)).await.refused(404, "not_found");
        owner.get(&page("/v1/agreements/unknown")).await.refused(404, "not_found");
        owner.get(&format!("{}?version=2", page(&path))).await.refused(404, "not_found");
        let wrong = owner.get(&format!("{}?version=0", page(&path))).await.refused(400, "invalid_parameter");
        assert!(wrong.errors()[0].starts_with("version"), "{}", wrong.text);
    }

    async fn the_version_in_force_is_shown_until_another_one_is_asked_for(app: TestApp) {
        let owner = app.owner().await;
        let (path, supplier) = in_force(&app, &owner, "Acme").await;
        owner.post(&format!("{path}/amend"), json!({})).await.expect(200);
        assert!(owner.get(&page(&path)).await.expect(200).text.contains("Version 1 · In force"));
        let second = format!("{}?version=2", page(&path));
        assert!(owner.get(&second).await.expect(200).text.contains(">DRAFT</div>"));
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        admin.get(&second).await.refused(404, "not_found");
        admin.get(&page(&path)).await.expect(200);
    }

    async fn a_signature_on_paper_says_so(app: TestApp) {
        let owner = app.owner().await;
        let supplier = field(&owner, "Acme").await;
        let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
        owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        admin.post(&format!("{path}/agree"), json!({"accept_all": true})).await.expect(200);
        let paper = json!({"on_paper": {"side": "supplier", "name": "Jens", "signed_on": "2026-11-20"}});
        owner.post(&format!("{path}/sign"), paper).await.expect(200);
        let text = owner.get(&page(&path)).await.expect(200).text;
        assert!(text.contains("<strong>Jens</strong>") && text.contains("for Acme, 20 Nov 2026 (signed on paper)"), "{text}");
        assert!(text.contains(">FOR SIGNATURE</div>"), "{text}");
        assert_eq!(text.matches("signature open").count(), 1, "ours is missing");
    }

    async fn promises_stand_below_their_clauses_as_long_as_they_are_made(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let of = |direction, status| Terms { direction, status, ..Terms::default() };
        app.seed_promise(&on, of("supplier_to_customer", "published")).await;
        app.seed_promise(&on, of("us_to_supplier", "paused")).await;
        app.seed_promise(&on, of("supplier_to_us", "draft")).await;
        let text = owner.get(&page(&format!("/v1/agreements/{}", on.agreement))).await.expect(200).text;
        let made = "<p>Everything comes within two days.</p><p class=\"measure\">within 48 hours, 95 of 100 times</p>";
        assert_eq!(text.matches(made).count(), 2, "{text}");
        assert!(text.contains("Promise · published") && text.contains("Promise · paused"), "{text}");
    }

    async fn nothing_that_was_written_runs(app: TestApp) {
        let owner = app.owner().await;
        let supplier = candidate(&owner, "<script>alert(1)</script>").await;
        let mut new = lifts(&supplier);
        new["title"] = json!("<script>alert(1)</script>");
        let path = owner.post("/v1/agreements", new).await.expect(201).header("location").to_owned();
        let clause = json!({"direction": "us_to_supplier", "dimension": "empathy", "text": "<script>alert(1)</script>"});
        owner.post(&format!("{path}/expectations"), clause).await.expect(201);
        let found = owner.get(&page(&path)).await.expect(200);
        assert!(!found.text.contains("<script"), "{}", found.text);
        let policy = found.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.ends_with("sandbox"), "{policy}");
    }
}
