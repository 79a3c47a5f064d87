//! Who may not invite whom, what cannot be accepted, and what a supplier does not learn.

use super::{INVITATIONS, JO, NOWHERE, accept, admin, invite, token};
use crate::both;
use crate::support::{TestApp, Wishes};
use accord::shared::permission::Role;
use accord::shared::rate::Quotas;
use serde_json::{Value, json};

both! {
    async fn managers_invite_people_of_suppliers_only(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let supplier = owner.supplier("Acme").await;
        for role in ["owner", "manager", "reviewer", "agent", "auditor"] {
            let refusal = invite(&manager, JO, role, None).await.refused(403, "forbidden");
            assert_eq!(refusal.errors(), ["#/role forbidden"]);
        }
        let own = invite(&manager, JO, "supplier_admin", Some(&supplier)).await.expect(201);
        let staff = invite(&owner, "agent@accord.example", "agent", None).await.expect(201);
        assert_eq!(manager.get(INVITATIONS).await.expect(200).each("id"), [own.id()]);
        manager.get(staff.header("location")).await.refused(404, "not_found");
        manager.delete(staff.header("location")).await.refused(404, "not_found");
        manager.act(&format!("{}/resend", staff.header("location"))).await.refused(404, "not_found");
    }

    async fn auditors_read_all_and_others_nothing(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let made = invite(&owner, JO, "agent", None).await.expect(201);
        let auditor = app.sign_in(Role::Auditor, None).await;
        assert_eq!(auditor.get(INVITATIONS).await.expect(200).each("id"), [made.id()]);
        invite(&auditor, "x@accord.example", "agent", None).await.refused(403, "forbidden");
        for (role, place) in [(Role::Agent, None), (Role::SupplierUser, Some(supplier.as_str()))] {
            let caller = app.sign_in(role, place).await;
            caller.get(INVITATIONS).await.refused(403, "forbidden");
            invite(&caller, "x@accord.example", "supplier_user", None).await.refused(403, "forbidden");
        }
        app.nobody().get(INVITATIONS).await.refused(401, "missing_credentials");
    }

    async fn supplier_roles_need_a_supplier_and_staff_has_none(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let homeless = invite(&owner, JO, "supplier_user", None).await.refused(422, "rule_violated");
        let staff = invite(&owner, JO, "agent", Some(&supplier)).await.refused(422, "rule_violated");
        assert_eq!([homeless.errors(), staff.errors()].concat(), ["#/supplier_id rule_violated"; 2]);
        let unknown = invite(&owner, JO, "supplier_user", Some(NOWHERE)).await.refused(422, "invalid_reference");
        assert_eq!(unknown.errors(), ["#/supplier_id invalid_reference"]);
        let unreachable = invite(&owner, "a..b@accord.example", "agent", None).await.refused(422, "rule_violated");
        assert_eq!(unreachable.errors(), ["#/email rule_violated"]);
        let wrong = owner.post(INVITATIONS, json!({"email": "jo", "role": "king"})).await;
        assert_eq!(wrong.refused(400, "validation_failed").errors(), ["#/email pattern", "#/role not_in_enum"]);
    }

    async fn a_suppliers_administrator_invites_into_its_own_supplier_only(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let admin = admin(&app, &own).await;
        let made = invite(&admin, JO, "supplier_user", None).await.expect(201);
        assert_eq!(made.body["supplier_id"], json!(own));
        invite(&admin, "second@accord.example", "supplier_admin", Some(&own)).await.expect(201);
        let staff = invite(&admin, "x@accord.example", "agent", None).await.refused(403, "forbidden");
        assert_eq!(staff.errors(), ["#/role forbidden"]);
        let unknown = invite(&admin, "x@accord.example", "supplier_user", Some(NOWHERE)).await;
        let foreign = invite(&admin, "x@accord.example", "supplier_user", Some(&other)).await;
        assert_eq!(unknown.refused(422, "invalid_reference").lasting(), foreign.lasting());
    }

    async fn a_supplier_sees_no_invitation_of_another(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let hidden = invite(&owner, JO, "supplier_user", Some(&other)).await.expect(201);
        let staff = invite(&owner, "agent@accord.example", "agent", None).await.expect(201);
        let admin = admin(&app, &own).await;
        for path in [hidden.header("location"), staff.header("location")] {
            admin.get(path).await.refused(404, "not_found");
            admin.delete(path).await.refused(404, "not_found");
            admin.act(&format!("{path}/resend")).await.refused(404, "not_found");
        }
        for query in ["", &format!("?supplier_id={other}"), "?email=jo@accord.example"] {
            assert_eq!(admin.get(&format!("{INVITATIONS}{query}")).await.expect(200).body["data"], json!([]));
        }
        accept(&app, &token(&hidden)).await.expect(201);
    }

    async fn an_address_with_an_account_or_a_pending_invitation_is_named(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let me = owner.get("/v1/me").await.expect(200).id();
        let taken = invite(&owner, "OWNER@accord.example", "agent", None).await.refused(409, "already_exists");
        assert_eq!(taken.body["existing_id"], json!(me));
        let pending = invite(&owner, JO, "supplier_user", Some(&supplier)).await.expect(201);
        let admin = admin(&app, &supplier).await;
        for caller in [&owner, &admin] {
            let twice = invite(caller, JO, "supplier_admin", Some(&supplier)).await.refused(409, "already_exists");
            assert_eq!(twice.body["existing_id"], json!(pending.id()));
        }
        let elsewhere = invite(&owner, JO, "agent", None).await.expect(201);
        accept(&app, &token(&elsewhere)).await.expect(201);
        accept(&app, &token(&pending)).await.refused(410, "invitation_expired");
        let resend = format!("{}/resend", pending.header("location"));
        owner.act(&resend).await.refused(409, "already_exists");
    }

    async fn a_supplier_does_not_learn_who_has_an_account_elsewhere(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Acme").await, owner.supplier("Other").await);
        let admin = admin(&app, &own).await;
        app.sign_in(Role::SupplierUser, Some(&other)).await;
        let elsewhere = format!("supplier_user{other}@accord.example");
        let free = invite(&admin, JO, "supplier_user", None).await.expect(201);
        for email in [elsewhere.as_str(), "owner@accord.example"] {
            let made = invite(&admin, email, "supplier_user", None).await.expect(201);
            let alike = |answer: &crate::support::Answer| {
                let mut body = answer.body.clone();
                assert_eq!(body["accept_token"], serde_json::Value::Null, "it could be tried");
                for member in ["id", "email", "created_at", "updated_at", "expires_at"] {
                    assert!(body[member].take().is_string(), "{member}");
                }
                body
            };
            assert_eq!(alike(&made), alike(&free));
            app.clock.advance(chrono::TimeDelta::minutes(1));
            let again = admin.act(&format!("{}/resend", made.header("location"))).await.expect(200);
            assert_eq!(again.body["accept_token"], serde_json::Value::Null);
            let by_staff = owner.act(&format!("{}/resend", made.header("location"))).await.refused(409, "already_exists");
            assert!(by_staff.body["existing_id"].is_string());
        }
        let sent: Vec<_> = app.mails().await.into_iter().map(|mail| mail.to).collect();
        assert_eq!(sent, [JO], "nothing goes to those who have an account");
        let colleague = format!("supplier_admin{own}@accord.example");
        invite(&admin, &colleague, "supplier_user", None).await.refused(409, "already_exists");
    }

    async fn the_administrator_of_a_suspended_supplier_only_reads(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Acme").await;
        let admin = admin(&app, &own).await;
        let made = invite(&admin, JO, "supplier_user", None).await.expect(201);
        app.sql("UPDATE supplier SET status = 'suspended'").await;
        invite(&admin, "x@accord.example", "supplier_user", None).await.refused(403, "forbidden");
        admin.delete(made.header("location")).await.refused(403, "forbidden");
        admin.act(&format!("{}/resend", made.header("location"))).await.refused(403, "forbidden");
        admin.get(made.header("location")).await.expect(200);
        owner.delete(made.header("location")).await.expect(204);
    }

    async fn what_cannot_be_accepted_is_refused_with_the_reason(app: TestApp) {
        let made = invite(&app.owner().await, JO, "agent", None).await.expect(201);
        let nobody = app.nobody();
        let accept_path = "/v1/invitations/accept";
        let token = token(&made);
        let (cut, reset) = (&token[..token.len() - 1], token.replace("acc_inv_", "acc_pr_"));
        for given in ["x", cut, &reset] {
            let refusal = accept(&app, given).await.refused(401, "invalid_token");
            assert!(!refusal.text.contains("acc_"), "{}", refusal.text);
        }
        let with = |password: &str| json!({"token": token, "name": "Jo Example", "password": password});
        let weak = nobody.post(accept_path, with("jo@accord.example")).await.refused(422, "weak_password");
        assert_eq!(weak.errors(), ["#/password weak_password"]);
        let short = nobody.post(accept_path, with("short")).await.refused(400, "validation_failed");
        assert_eq!(short.errors(), ["#/password too_short"]);
        let empty: Value = json!({"name": " ", "role": "owner"});
        let refusal = nobody.post(accept_path, empty).await.refused(400, "validation_failed");
        let expected = ["#/name pattern", "#/password required", "#/role unknown_member", "#/token required"];
        assert_eq!(refusal.errors(), expected);
        accept(&app, &token).await.expect(201);
        accept(&app, &token).await.refused(410, "invitation_expired");
    }

    async fn unknown_and_malformed_invitations_answer_alike(app: TestApp) {
        let owner = app.owner().await;
        let unknown = owner.get(&format!("{INVITATIONS}/{NOWHERE}")).await.refused(404, "not_found");
        let malformed = owner.get(&format!("{INVITATIONS}/1")).await.refused(404, "not_found");
        assert_eq!(unknown.lasting(), malformed.lasting());
    }
}

#[tokio::test]
async fn accepting_is_limited_per_address() {
    let limits = Quotas::parse("login=2").expect("limits");
    let app = TestApp::sqlite_with(Wishes { rate_limits: Some(limits), ..Wishes::default() }).await;
    for _ in 0..2 {
        accept(&app, "x").await.refused(401, "invalid_token");
    }
    accept(&app, "x").await.refused(429, "rate_limited");
}
