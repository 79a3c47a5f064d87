//! The transitions of a supplier.

use super::UNKNOWN;
use crate::both;
use crate::support::{Answer, Caller};
use accord::shared::permission::Role;
use serde_json::json;

/// A supplier after these transitions, as the address of it.
async fn after(owner: &Caller<'_>, verbs: &[&str]) -> String {
    let path = format!("/v1/suppliers/{}", owner.supplier("Acme").await);
    for verb in verbs {
        act(owner, &path, verb).await.expect(200);
    }
    path
}

/// The transition, with a reason where one is asked for.
async fn act(caller: &Caller<'_>, path: &str, verb: &str) -> Answer {
    let path = format!("{path}/{verb}");
    match verb {
        "reject" | "suspend" => caller.post(&path, json!({"reason": "Late again"})).await,
        _ => caller.act(&path).await,
    }
}

both! {
    async fn a_supplier_walks_through_its_whole_life(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &[]).await;
        let steps = [
            ("nominate", "candidate"), ("qualify", "qualified"), ("activate", "active"), ("suspend", "suspended"),
            ("reinstate", "active"), ("exit", "exiting"), ("complete-exit", "exited"), ("nominate", "candidate"),
        ];
        for (step, (verb, status)) in steps.into_iter().enumerate() {
            let moved = act(&owner, &path, verb).await.expect(200);
            assert_eq!((&moved.body["status"], &moved.body["revision"]), (&json!(status), &json!(step + 2)));
            assert_eq!(moved.header("etag"), format!("\"{}\"", step + 2));
            assert_eq!(owner.get(&path).await.expect(200).body, moved.body);
        }
    }

    async fn a_rejected_supplier_can_be_nominated_again(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &["nominate", "reject"]).await;
        assert_eq!(owner.get(&path).await.expect(200).body["status"], "rejected");
        assert_eq!(act(&owner, &path, "nominate").await.expect(200).body["status"], "candidate");
    }

    async fn a_qualified_supplier_can_be_suspended_and_a_suspended_one_can_exit(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &["nominate", "qualify", "suspend"]).await;
        assert_eq!(act(&owner, &path, "exit").await.expect(200).body["status"], "exiting");
    }

    async fn a_step_that_is_not_possible_tells_which_are(app: TestApp) {
        let owner = app.owner().await;
        for (verbs, refused, current, allowed) in [
            (&[][..], "activate", "prospect", json!(["nominate"])),
            (&["nominate"], "nominate", "candidate", json!(["qualify", "reject"])),
            (&["nominate", "qualify"], "reject", "qualified", json!(["activate", "suspend"])),
            (&["nominate", "qualify", "activate"], "qualify", "active", json!(["suspend", "exit"])),
            (&["nominate", "qualify", "suspend"], "suspend", "suspended", json!(["reinstate", "exit"])),
            (&["nominate", "qualify", "activate", "exit"], "exit", "exiting", json!(["complete-exit"])),
            (&["nominate", "reject"], "reinstate", "rejected", json!(["nominate"])),
        ] {
            let path = after(&owner, verbs).await;
            let refusal = act(&owner, &path, refused).await.refused(409, "invalid_state");
            assert_eq!((&refusal.body["current_status"], &refusal.body["allowed"]), (&json!(current), &allowed));
            assert_eq!(owner.get(&path).await.expect(200).body["status"], current);
        }
    }

    async fn rejecting_and_suspending_need_a_reason(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &["nominate"]).await;
        for verb in ["reject", "suspend"] {
            let path = format!("{path}/{verb}");
            let missing = owner.post(&path, json!({})).await.refused(400, "validation_failed");
            assert_eq!(missing.errors(), ["#/reason required"]);
            let wrong = owner.post(&path, json!({"reason": "", "by": "me"})).await.refused(400, "validation_failed");
            assert_eq!(wrong.errors(), ["#/by unknown_member", "#/reason pattern"]);
        }
        assert_eq!(owner.get(&path).await.expect(200).body["status"], "candidate");
    }

    async fn a_step_on_something_older_is_refused_before_its_state_is_looked_at(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &["nominate"]).await;
        let stale = owner.with("if-match", "\"1\"");
        for verb in ["qualify", "activate"] {
            let refusal = act(&stale, &path, verb).await.refused(412, "etag_mismatch");
            assert_eq!(refusal.header("etag"), "\"2\"");
        }
        act(&owner.with("if-match", "\"2\""), &path, "qualify").await.expect(200);
    }

    async fn only_managers_and_owners_move_a_supplier(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &[]).await;
        let own = path.rsplit('/').next().expect("an id").to_owned();
        let staff = [(Role::Reviewer, None), (Role::Agent, None), (Role::Auditor, None)];
        let theirs = [(Role::SupplierAdmin, Some(own.as_str())), (Role::SupplierUser, Some(own.as_str()))];
        for (role, supplier) in staff.into_iter().chain(theirs) {
            let refusal = act(&app.sign_in(role, supplier).await, &path, "nominate").await.refused(403, "forbidden");
            assert_eq!(refusal.body["required_permission"], "suppliers.transition");
        }
        act(&app.nobody(), &path, "nominate").await.refused(401, "missing_credentials");
        let manager = app.sign_in(Role::Manager, None).await;
        act(&manager, &path, "nominate").await.expect(200);
    }

    async fn an_unknown_supplier_is_not_moved(app: TestApp) {
        let owner = app.owner().await;
        let unknown = act(&owner, UNKNOWN, "nominate").await.refused(404, "not_found");
        let malformed = act(&owner, "/v1/suppliers/x", "suspend").await.refused(404, "not_found");
        assert_eq!(malformed.lasting(), unknown.lasting());
    }

    async fn of_two_equal_steps_at_once_one_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let path = after(&owner, &[]).await;
        let (one, other) = tokio::join!(act(&owner, &path, "nominate"), act(&owner, &path, "nominate"));
        let mut statuses = [one.status, other.status];
        statuses.sort();
        assert_eq!(statuses, [200, 409], "{} {}", one.text, other.text);
        assert_eq!(owner.get(&path).await.expect(200).body["revision"], 2);
    }
}

both! {
    async fn users_of_a_suspended_supplier_may_only_read(app: TestApp) {
        let owner = app.owner().await;
        let id = owner.supplier("Nordlicht GmbH").await;
        let own = app.sign_in(Role::SupplierAdmin, Some(&id)).await;
        let people = format!("/v1/suppliers/{id}/people");
        let person = own.post(&people, json!({"name": "A person"})).await.expect(201).id();
        for verb in ["nominate", "qualify"] {
            owner.act(&format!("/v1/suppliers/{id}/{verb}")).await.expect(200);
        }
        owner.post(&format!("/v1/suppliers/{id}/suspend"), json!({"reason": "No insurance."})).await.expect(200);

        own.get(&format!("{people}/{person}")).await.expect(200);
        own.post(&people, json!({"name": "Another"})).await.refused(403, "forbidden");
        own.patch(&format!("{people}/{person}"), json!({"name": "Changed"})).await.refused(403, "forbidden");
        own.delete(&format!("{people}/{person}")).await.refused(403, "forbidden");
        let credential = json!({"type": "iso-9001", "number": "1", "issuer": "A certifier"});
        own.post(&format!("/v1/suppliers/{id}/credentials"), credential).await.refused(403, "forbidden");
        owner.post(&people, json!({"name": "Another"})).await.expect(201);

        owner.act(&format!("/v1/suppliers/{id}/reinstate")).await.expect(200);
        own.delete(&format!("{people}/{person}")).await.expect(204);
    }
}
