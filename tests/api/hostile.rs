//! Bodies, headers and paths that somebody made to do harm.

use crate::both;
use accord::shared::permission::Role;
use serde_json::json;

both! {
    async fn what_is_wrong_with_a_large_body_is_told_in_short(app: TestApp) {
        let owner = app.owner().await;
        let people = format!("/v1/suppliers/{}/people", owner.supplier("Acme").await);
        let wrong = json!({"name": "x", "roles": vec![1; 15_000]});
        let answer = owner.post(&people, wrong).await.refused(400, "validation_failed");
        assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(50));
        let unknown: serde_json::Map<_, _> = (0..15_000).map(|number| (format!("m{number}"), json!(1))).collect();
        let answer = app.nobody().post("/v1/auth/login", unknown.into()).await.refused(400, "validation_failed");
        assert!(answer.text.len() < 20_000, "{} bytes", answer.text.len());
        let endless = json!({"name": "x", "roles": vec![1; 100_000]});
        owner.post(&people, endless).await.refused(400, "malformed_json");
    }

    async fn two_authorization_headers_are_one_too_many(app: TestApp) {
        let owner = app.owner().await;
        owner.with("authorization", "Bearer another").get("/v1/suppliers").await.refused(401, "invalid_token");
    }

    async fn a_path_that_is_no_text_is_not_found(app: TestApp) {
        let owner = app.owner().await;
        for path in ["/v1/suppliers/%ff", "/v1/jobs/%ff"] {
            owner.get(path).await.refused(404, "not_found");
        }
    }

    async fn a_supplier_does_not_learn_who_of_the_staff_decided(app: TestApp) {
        let owner = app.owner().await;
        let id = owner.supplier("Acme").await;
        let credentials = format!("/v1/suppliers/{id}/credentials");
        let new = json!({"type": "iso-9001", "number": "1", "issuer": "A certifier"});
        let credential = format!("{credentials}/{}", owner.post(&credentials, new).await.expect(201).id());
        let decided = owner.act(&format!("{credential}/verify")).await.expect(200);
        assert!(decided.body["decided_by"].is_string());
        let own = app.sign_in(Role::SupplierUser, Some(&id)).await;
        assert!(own.get(&credential).await.expect(200).body["decided_by"].is_null());
        let listed = own.get(&credentials).await.expect(200);
        assert!(listed.body["data"][0]["decided_by"].is_null());
    }
}
