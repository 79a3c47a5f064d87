//! Which answers are kept and do not count.

use super::{answer, csat, numbers, recount};
use crate::both;
use accord::shared::permission::Role;
use serde_json::json;

both! {
    async fn a_suppliers_own_people_do_not_count(app: TestApp) {
        let owner = app.owner().await;
        let survey = csat(&owner).await;
        let (supplier, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let path = format!("/v1/suppliers/{supplier}/people");
        owner.post(&path, json!({"name": "Kim", "email": "kim@works.example", "phone": "+493012345678"})).await.expect(201);
        owner.post(&path, json!({"name": "Sam", "email": "sam@gmail.com"})).await.expect(201);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let account = admin.get("/v1/me").await.expect(200).body["email"].as_str().expect("an address").to_owned();
        for (contact, status) in [
            (json!({"email": "KIM@works.example"}), "quarantined"),
            (json!({"email": "boss@works.example"}), "quarantined"),
            (json!({"phone": "+493012345678"}), "quarantined"),
            (json!({"email": account}), "quarantined"),
            (json!({"email": "sam@gmail.com"}), "quarantined"),
            (json!({"email": "pat@gmail.com", "phone": "+493012345679"}), "counted"),
        ] {
            let mut new = answer(&survey, &supplier, 5);
            new["contact"] = contact.clone();
            let made = owner.post("/v1/feedback", new.clone()).await.expect(201).body;
            let reason = if status == "quarantined" { json!("own_people") } else { json!(null) };
            assert_eq!((&made["status"], &made["quarantine_reason"]), (&json!(status), &reason), "{contact}");
            new["supplier_id"] = json!(other);
            assert_eq!(owner.post("/v1/feedback", new).await.expect(201).body["status"], "counted", "{contact}");
        }
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 1);
        assert_eq!(owner.get("/v1/feedback?status=quarantined").await.expect(200).each("id").len(), 5);
        recount(&app).await;
    }

    async fn a_second_answer_about_the_same_job_does_not_count(app: TestApp) {
        let owner = app.owner().await;
        let (survey, second) = (csat(&owner).await, csat(&owner).await);
        let supplier = owner.supplier("Acme").await;
        let about = |survey: &str, job: Option<&str>, customer: &str| {
            let mut new = answer(survey, &supplier, 4);
            (new["job_ref"], new["customer_ref"]) = (json!(job), json!(customer));
            new.as_object_mut().expect("members").retain(|_, value| !value.is_null());
            new
        };
        let mut ids = Vec::new();
        for (new, status) in [
            (about(&survey, Some("J-1"), "C-1"), "counted"),
            (about(&survey, Some("J-1"), "C-1"), "quarantined"),
            (about(&survey, Some("J-2"), "C-1"), "counted"),
            (about(&survey, Some("J-1"), "C-2"), "counted"),
            (about(&second, Some("J-1"), "C-1"), "counted"),
            (about(&survey, None, "C-1"), "counted"),
            (about(&survey, None, "C-1"), "counted"),
        ] {
            let made = owner.post("/v1/feedback", new.clone()).await.expect(201);
            assert_eq!(made.body["status"], status, "{new}");
            ids.push(made.id());
        }
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 6);
        // The first one counts, so the second cannot, until somebody says otherwise of the first.
        let reason = json!({"reason": "Checked."});
        owner.post(&format!("/v1/feedback/{}/release", ids[1]), reason.clone()).await.refused(409, "in_use");
        let quarantined = owner.post(&format!("/v1/feedback/{}/quarantine", ids[0]), reason.clone()).await.expect(200);
        assert_eq!(quarantined.body["quarantine_reason"], "by_staff");
        owner.post(&format!("/v1/feedback/{}/quarantine", ids[0]), reason.clone()).await.refused(409, "invalid_state");
        assert_eq!(owner.post(&format!("/v1/feedback/{}/release", ids[1]), reason).await.expect(200).body["status"], "counted");
        assert_eq!(numbers(&owner, &format!("supplier_id={supplier}")).await["answers"], 6);
        recount(&app).await;
    }
}
