//! Users: who may make, change, disable and delete whom; the caller itself; passwords.

use crate::both;
use crate::support::{Answer, Caller, PASSWORD, TestApp};
use accord::shared::permission::{POLICY, Role};
use futures_util::future::join_all;
use serde_json::{Value, json};

const GOOD: &str = "seven yellow barges upstream";

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.nobody().post("/v1/auth/login", json!({"email": email, "password": password})).await
}

fn new(email: &str, role: &str, supplier: Option<&str>) -> Value {
    json!({"email": email, "name": "New User", "role": role, "supplier_id": supplier, "password": GOOD})
}

/// Without `supplier_id` where there is none: a request member may be left out, not be null.
async fn create(caller: &Caller<'_>, email: &str, role: &str, supplier: Option<&str>) -> Answer {
    let mut body = new(email, role, supplier);
    if supplier.is_none() {
        body.as_object_mut().expect("an object").remove("supplier_id");
    }
    caller.post("/v1/users", body).await
}

async fn id_of(caller: &Caller<'_>) -> String {
    caller.get("/v1/me").await.expect(200).id()
}

both! {
    async fn a_user_made_by_an_owner_signs_in_and_must_choose_a_password(app: TestApp) {
        let owner = app.owner().await;
        let made = create(&owner, "New@Accord.example", "manager", None).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/users/{}", made.id()));
        assert_eq!((&made.body["email"], &made.body["role"]), (&json!("new@accord.example"), &json!("manager")));
        assert!(made.body.get("password").is_none() && !made.text.contains("argon2"));
        let token = login(&app, "new@accord.example", GOOD).await.expect(200).body;
        assert_eq!(token["password_change_required"], true);
        let caller = app.with_token(token["access_token"].as_str().expect("a token"));
        caller.get("/v1/suppliers").await.refused(403, "password_change_required");
        assert_eq!(caller.get("/v1/me").await.expect(200).body["password_change_required"], true);
        let change = json!({"current_password": GOOD, "new_password": "another nine purple kettles"});
        caller.post("/v1/me/password", change).await.expect(204);
        caller.get("/v1/suppliers").await.expect(200);
        login(&app, "new@accord.example", GOOD).await.refused(401, "invalid_credentials");
    }

    async fn a_role_stands_where_it_belongs(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Own").await;
        for (role, place) in [("supplier_user", None), ("manager", Some(supplier.as_str()))] {
            let refusal = create(&owner, "a@accord.example", role, place).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), ["#/supplier_id rule_violated"]);
        }
        let nowhere = "01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10";
        let refusal = create(&owner, "a@accord.example", "supplier_user", Some(nowhere)).await;
        assert_eq!(refusal.refused(422, "invalid_reference").errors(), ["#/supplier_id invalid_reference"]);
        create(&owner, "a@accord.example", "supplier_user", Some(&supplier)).await.expect(201);
        create(&owner, "A@accord.example", "agent", None).await.refused(409, "already_exists");
    }

    async fn passwords_that_are_easily_guessed_are_refused(app: TestApp) {
        let owner = app.owner().await;
        for weak in [
            "password1234", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "new@accord.example", "NewUser12345",
            "accordaccord", "iloveyou1234",
        ] {
            let mut body = new("new@accord.example", "agent", None);
            body.as_object_mut().expect("an object").remove("supplier_id");
            body["password"] = json!(weak);
            let refusal = owner.post("/v1/users", body).await.refused(422, "weak_password");
            assert_eq!(refusal.errors(), ["#/password weak_password"], "{weak}");
        }
        for fine in ["\u{1f40e} \u{1f50b} \u{1f9f7} \u{1f9ed} \u{1f6a2} \u{26f5} \u{1f9e6}", " leading and trailing kept ", "ümläute sind völlig in ordnung"] {
            let mut body = new(&format!("{}@accord.example", fine.chars().count()), "agent", None);
            body.as_object_mut().expect("an object").remove("supplier_id");
            body["password"] = json!(fine);
            let made = owner.post("/v1/users", body).await.expect(201);
            login(&app, made.body["email"].as_str().expect("text"), fine).await.expect(200);
        }
    }

    async fn changing_the_password_needs_the_current_one_and_ends_other_sessions(app: TestApp) {
        let (desk, phone) = (app.owner().await, app.owner().await);
        let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
        let wrong = desk.post("/v1/me/password", change("wrong", GOOD)).await.refused(422, "rule_violated");
        assert_eq!(wrong.errors(), ["#/current_password rule_violated"]);
        let weak = desk.post("/v1/me/password", change(PASSWORD, "owner@accord.example")).await;
        assert_eq!(weak.refused(422, "weak_password").errors(), ["#/new_password weak_password"]);
        phone.get("/v1/me").await.expect(200);
        desk.post("/v1/me/password", change(PASSWORD, GOOD)).await.expect(204);
        desk.get("/v1/me").await.expect(200);
        phone.get("/v1/me").await.refused(401, "session_revoked");
        login(&app, "owner@accord.example", PASSWORD).await.refused(401, "invalid_credentials");
        login(&app, "owner@accord.example", GOOD).await.expect(200);
    }

    async fn the_last_owner_stays_one(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("/v1/users/{}", id_of(&owner).await);
        owner.patch(&path, json!({"role": "manager"})).await.refused(409, "last_owner");
        owner.act(&format!("{path}/disable")).await.refused(409, "last_owner");
        owner.delete(&path).await.refused(409, "last_owner");
        let other = create(&owner, "second@accord.example", "owner", None).await.expect(201);
        let other = format!("/v1/users/{}", other.id());
        owner.act(&format!("{other}/disable")).await.expect(200);
        owner.delete(&path).await.refused(409, "last_owner");
        owner.act(&format!("{other}/enable")).await.expect(200);
        owner.patch(&path, json!({"role": "manager"})).await.expect(200);
        owner.post("/v1/users", new("x@accord.example", "agent", None)).await.refused(403, "forbidden");
    }

    async fn two_owners_cannot_remove_each_other_at_once(app: TestApp) {
        let first = app.owner().await;
        let made = create(&first, "second@accord.example", "owner", None).await.expect(201);
        let token = login(&app, "second@accord.example", GOOD).await.expect(200).body;
        let second = app.with_token(token["access_token"].as_str().expect("a token"));
        let change = json!({"current_password": GOOD, "new_password": "another nine purple kettles"});
        second.post("/v1/me/password", change).await.expect(204);
        let (of_first, of_second) = (format!("/v1/users/{}", id_of(&first).await), format!("/v1/users/{}", made.id()));
        let (one, other) = tokio::join!(
            first.patch(&of_second, json!({"role": "agent"})), second.patch(&of_first, json!({"role": "agent"}))
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert!(matches!(statuses, [200, 403 | 409]), "{} {}", one.text, other.text);
    }

    async fn a_disabled_user_is_out_at_once_and_comes_back(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let path = format!("/v1/users/{}", id_of(&manager).await);
        let disabled = owner.act(&format!("{path}/disable")).await.expect(200);
        assert_eq!(disabled.body["disabled_at"], "2026-11-21T09:00:00.000Z");
        manager.get("/v1/suppliers").await.refused(401, "session_revoked");
        login(&app, "manager@accord.example", PASSWORD).await.refused(401, "invalid_credentials");
        let listed = owner.get("/v1/users?status=disabled").await.expect(200).body;
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
        owner.act(&format!("{path}/enable")).await.expect(200);
        manager.get("/v1/suppliers").await.refused(401, "session_revoked");
        login(&app, "manager@accord.example", PASSWORD).await.expect(200);
    }

    async fn a_role_that_changes_counts_at_once(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        let path = format!("/v1/users/{}", id_of(&manager).await);
        let read = owner.get(&path).await.expect(200);
        let stale = owner.with("if-match", "\"9\"").patch(&path, json!({"role": "auditor"})).await;
        assert_eq!(stale.refused(412, "etag_mismatch").header("etag"), read.header("etag"));
        owner.patch(&path, json!({"role": "auditor"})).await.expect(200);
        manager.post("/v1/suppliers", json!({"kind": "company", "name": "X"})).await.refused(403, "forbidden");
        owner.patch(&path, json!({"role": "supplier_user"})).await.refused(422, "rule_violated");
        owner.patch(&path, json!({"supplier_id": null})).await.refused(400, "validation_failed");
        owner.patch(&path, json!({"email": "b@accord.example"})).await.refused(400, "validation_failed");
    }

    async fn a_deleted_user_is_gone_but_its_deeds_stay(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        manager.supplier("Acme").await;
        let path = format!("/v1/users/{}", id_of(&manager).await);
        owner.delete(&path).await.expect(204);
        manager.get("/v1/suppliers").await.refused(401, "session_revoked");
        owner.get(&path).await.refused(404, "not_found");
        let events = owner.get("/v1/audit-events?action=supplier.create").await.expect(200).body;
        assert_eq!(events["data"][0]["actor"]["label"], "Test manager");
    }

    async fn a_user_who_forgot_a_password_once_can_be_deleted_and_the_link_is_void(app: TestApp) {
        let (owner, manager) = (app.owner().await, app.sign_in(Role::Manager, None).await);
        app.nobody().post("/v1/auth/password-reset", json!({"email": "manager@accord.example"})).await.expect(202);
        let token = app.mail_to("manager@accord.example").await.token("acc_pr_");
        owner.delete(&format!("/v1/users/{}", id_of(&manager).await)).await.expect(204);
        let reset = json!({"token": token, "password": GOOD});
        app.nobody().post("/v1/auth/password-reset/confirm", reset).await.refused(401, "invalid_token");
    }

    async fn a_changed_password_voids_the_links_that_were_mailed_before(app: TestApp) {
        let owner = app.owner().await;
        app.nobody().post("/v1/auth/password-reset", json!({"email": "owner@accord.example"})).await.expect(202);
        let token = app.mail_to("owner@accord.example").await.token("acc_pr_");
        let change = json!({"current_password": PASSWORD, "new_password": GOOD});
        owner.post("/v1/me/password", change).await.expect(204);
        let reset = json!({"token": token, "password": PASSWORD});
        app.nobody().post("/v1/auth/password-reset/confirm", reset).await.refused(401, "invalid_token");
        login(&app, "owner@accord.example", GOOD).await.expect(200);
    }

    async fn a_suppliers_administrator_does_not_lift_what_staff_did(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        let path = format!("/v1/users/{}", id_of(&user).await);
        admin.act(&format!("{path}/disable")).await.expect(200);
        admin.act(&format!("{path}/enable")).await.expect(200);
        owner.act(&format!("{path}/disable")).await.expect(200);
        admin.act(&format!("{path}/enable")).await.refused(403, "forbidden");
        owner.act(&format!("{path}/enable")).await.expect(200);
    }

    async fn a_password_that_somebody_else_chose_is_not_kept(app: TestApp) {
        let owner = app.owner().await;
        create(&owner, "new@accord.example", "agent", None).await.expect(201);
        let token = login(&app, "new@accord.example", GOOD).await.expect(200).body;
        let caller = app.with_token(token["access_token"].as_str().expect("a token"));
        let same = json!({"current_password": GOOD, "new_password": GOOD});
        caller.post("/v1/me/password", same).await.refused(422, "rule_violated");
        caller.get("/v1/suppliers").await.refused(403, "password_change_required");
    }

    async fn a_sign_in_with_the_old_password_does_not_outlive_its_change(app: TestApp) {
        let owner = app.owner().await;
        for round in 0..5 {
            let (old, new) = if round % 2 == 0 { (PASSWORD, GOOD) } else { (GOOD, PASSWORD) };
            let change = json!({"current_password": old, "new_password": new});
            let sign_ins = join_all((0..10).map(|_| login(&app, "owner@accord.example", old)));
            let (changed, answers) = tokio::join!(owner.post("/v1/me/password", change), sign_ins);
            changed.expect(204);
            for answer in answers.iter().filter(|answer| answer.status == 200) {
                let token = answer.body["access_token"].as_str().expect("a token");
                app.with_token(token).get("/v1/me").await.refused(401, "session_revoked");
            }
        }
    }

    async fn what_a_deleted_user_did_stays_in_its_suppliers_trail(app: TestApp) {
        let owner = app.owner().await;
        let own = owner.supplier("Own").await;
        let (admin, second) = (
            app.sign_in(Role::SupplierAdmin, Some(&own)).await, app.sign_in(Role::SupplierUser, Some(&own)).await,
        );
        second.patch("/v1/me", json!({"name": "Left soon"})).await.expect(200);
        admin.delete(&format!("/v1/users/{}", id_of(&second).await)).await.expect(204);
        let events = admin.get("/v1/audit-events?action=user.update").await.expect(200).body;
        assert_eq!(events["data"].as_array().map(Vec::len), Some(1));
    }

    async fn a_suppliers_administrator_manages_its_own_users_only(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Other").await);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let (user, foreign) = (
            app.sign_in(Role::SupplierUser, Some(&own)).await, app.sign_in(Role::SupplierUser, Some(&other)).await,
        );
        let (mine, theirs) = (id_of(&user).await, id_of(&foreign).await);
        let listed = admin.get("/v1/users?count=true").await.expect(200).body;
        assert_eq!(listed["total_count"], 2);
        let path = format!("/v1/users/{mine}");
        admin.patch(&path, json!({"name": "Renamed"})).await.expect(200);
        let role = admin.patch(&path, json!({"role": "supplier_admin"})).await.refused(403, "forbidden");
        assert_eq!(role.errors(), ["#/role forbidden"]);
        admin.act(&format!("{path}/disable")).await.expect(200);
        user.get("/v1/me").await.refused(401, "session_revoked");
        let unknown = admin.get("/v1/users/01946f1e-8c2a-7cc3-9f53-1f0f2b9b6a10").await.expect(404);
        for answer in [
            admin.get(&format!("/v1/users/{theirs}")).await,
            admin.patch(&format!("/v1/users/{theirs}"), json!({"name": "X"})).await,
            admin.act(&format!("/v1/users/{theirs}/disable")).await,
            admin.delete(&format!("/v1/users/{theirs}")).await,
        ] {
            assert_eq!(answer.lasting(), unknown.lasting());
        }
        admin.delete(&path).await.expect(204);
        owner.act(&format!("/v1/suppliers/{own}/nominate")).await.expect(200);
        owner.act(&format!("/v1/suppliers/{own}/qualify")).await.expect(200);
        owner.post(&format!("/v1/suppliers/{own}/suspend"), json!({"reason": "Unpaid"})).await.expect(200);
        let itself = format!("/v1/users/{}", id_of(&admin).await);
        admin.patch(&itself, json!({"name": "X"})).await.refused(403, "forbidden");
        admin.get(&itself).await.expect(200);
    }

    async fn everybody_knows_who_they_are_and_what_they_may_do(app: TestApp) {
        let own = app.owner().await.supplier("Own").await;
        for (column, role) in Role::ALL.into_iter().enumerate() {
            let supplier = role.is_supplier().then_some(own.as_str());
            let caller = app.sign_in(role, supplier).await;
            let me = caller.get("/v1/me").await.expect(200).body;
            assert_eq!((&me["kind"], &me["role"]), (&json!("account"), &json!(role.name())));
            assert_eq!(me["supplier_id"], json!(supplier));
            let mine = caller.get("/v1/me/permissions").await.expect(200).body;
            let table: Vec<_> = POLICY.iter().filter(|(_, cells)| cells[column]).map(|(name, _)| *name).collect();
            assert_eq!(mine["permissions"], json!(table), "{}", role.name());
        }
        let agent = app.sign_in(Role::Agent, None).await;
        let renamed = agent.with("if-match", "\"1\"").patch("/v1/me", json!({"name": "Renamed"})).await.expect(200);
        assert_eq!(renamed.header("etag"), "\"2\"");
        let me = agent.get("/v1/me").await.expect(200).body;
        assert_eq!((&me["name"], &me["revision"]), (&json!("Renamed"), &json!(2)));
        let stale = agent.with("if-match", "\"1\"").patch("/v1/me", json!({"name": "Again"})).await;
        assert_eq!(stale.refused(412, "etag_mismatch").header("etag"), "\"2\"");
        agent.patch("/v1/me", json!({"role": "owner"})).await.refused(400, "validation_failed");
    }

    async fn a_suppliers_administrator_changes_its_profile_and_nothing_else(app: TestApp) {
        let own = app.owner().await.supplier("Own").await;
        let path = format!("/v1/suppliers/{own}");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let address = json!({"lines": [], "city": "Bern", "country": "CH"});
        let change = json!({"address": address, "categories": ["airline"], "regions": ["CH"]});
        let changed = admin.patch(&path, change).await.expect(200);
        assert_eq!(changed.body["regions"], json!(["CH"]));
        let change = json!({"regions": ["DE"], "name": "Better", "legal_ids": [], "customer_facing": true});
        let refusal = admin.patch(&path, change).await.refused(403, "forbidden");
        assert_eq!(refusal.errors(), ["#/customer_facing forbidden", "#/legal_ids forbidden", "#/name forbidden"]);
        assert_eq!(admin.get(&path).await.expect(200).body["regions"], json!(["CH"]));
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        user.patch(&path, json!({"regions": ["DE"]})).await.refused(403, "forbidden");
    }

    async fn many_sign_ins_at_once_all_succeed(app: TestApp) {
        app.owner().await;
        let all = join_all((0..50).map(|_| login(&app, "owner@accord.example", PASSWORD))).await;
        assert!(all.iter().all(|answer| answer.status == 200));
    }
}
