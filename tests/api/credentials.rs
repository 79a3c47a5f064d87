//! Credentials of a supplier: certificates, insurances, permits.

use crate::both;
use crate::support::{Answer, Caller};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::json;

const NOWHERE: &str = "01a1ff81-7540-74d8-bf1a-931cc1c79f06";

/// The addresses of a supplier's credentials and of one that was just submitted.
async fn credential(owner: &Caller<'_>) -> (String, String) {
    let all = format!("/v1/suppliers/{}/credentials", owner.supplier("Acme").await);
    let new = json!({"type": "iso-9001", "number": "Q-1", "issuer": "TÜV", "valid_to": "2027-11-30"});
    let made = owner.post(&all, new).await.expect(201);
    (all, made.header("location").to_owned())
}

/// Verifies, rejects or revokes.
async fn decide(caller: &Caller<'_>, path: &str, verb: &str) -> Answer {
    let path = format!("{path}/{verb}");
    match verb {
        "verify" => caller.act(&path).await,
        _ => caller.post(&path, json!({"reason": "Not readable"})).await,
    }
}

both! {
    async fn a_credential_is_submitted_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let all = format!("/v1/suppliers/{supplier}/credentials");
        let new = json!({"type": "liability-insurance", "number": "P 12/3", "issuer": "Allianz",
            "valid_from": "2026-01-01", "valid_to": "2027-12-31"});
        let made = owner.post(&all, new).await.expect(201);
        assert_eq!((made.header("location"), made.header("etag")), (format!("{all}/{}", made.id()).as_str(), "\"1\""));
        assert_eq!(made.body, json!({"id": made.id(), "supplier_id": supplier, "type": "liability-insurance",
            "number": "P 12/3", "issuer": "Allianz", "valid_from": "2026-01-01", "valid_to": "2027-12-31",
            "status": "submitted", "validity": "valid", "status_reason": null, "decided_by": null,
            "decided_at": null, "revision": 1,
            "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z"}));
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
    }

    async fn everything_that_is_wrong_with_a_new_credential_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        let wrong = json!({"type": "ISO 9001", "number": "", "valid_from": "2026-02-30", "valid_to": "2026-01-01T00:00:00Z",
            "status": "verified"});
        let refusal = owner.post(&all, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/issuer required", "#/number pattern", "#/status unknown_member", "#/type pattern",
            "#/valid_from format", "#/valid_to format",
        ]);
        let wrong = json!({"type": "iso-14001", "number": null, "status": "verified", "validity": "valid", "valid_to": "x"});
        let refusal = owner.patch(&path, wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), [
            "#/number wrong_type", "#/status unknown_member", "#/type unknown_member", "#/valid_to format",
            "#/validity unknown_member",
        ]);
    }

    async fn a_credential_does_not_end_before_it_begins(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        let wrong = json!({"type": "permit", "number": "1", "issuer": "X",
            "valid_from": "2026-02-02", "valid_to": "2026-02-01"});
        assert_eq!(owner.post(&all, wrong).await.refused(422, "date_order").errors(), ["#/valid_to date_order"]);
        let later = owner.patch(&path, json!({"valid_from": "2027-12-01"})).await.refused(422, "date_order");
        assert_eq!(later.errors(), ["#/valid_to date_order"]);
        owner.patch(&path, json!({"valid_from": "2027-12-01", "valid_to": "2027-12-01"})).await.expect(200);
    }

    async fn what_the_dates_mean_changes_with_the_day_without_a_new_revision(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        owner.patch(&path, json!({"valid_from": "2026-11-25", "valid_to": "2027-01-31"})).await.expect(200);
        let mut days = 0;
        for (day, validity) in [
            (0, "not_yet_valid"), (3, "not_yet_valid"), (4, "valid"), (40, "valid"), (41, "expiring"),
            (71, "expiring"), (72, "expired"),
        ] {
            app.clock.advance(TimeDelta::days(day - days));
            days = day;
            let owner = app.owner().await;
            let read = owner.get(&path).await.expect(200);
            assert_eq!((&read.body["validity"], read.header("etag")), (&json!(validity), "\"2\""), "day {day}");
            assert_eq!(owner.get(&all).await.expect(200).each("validity"), [validity]);
            // Not even to who has this revision is it "unchanged".
            owner.with("if-none-match", "\"2\"").get(&path).await.expect(200);
        }
    }

    async fn a_credential_without_dates_is_valid(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = credential(&owner).await;
        let changed = owner.patch(&path, json!({"valid_to": null})).await.expect(200);
        assert_eq!((&changed.body["valid_to"], &changed.body["validity"]), (&json!(null), &json!("valid")));
    }

    async fn a_submitted_credential_is_changed_where_the_patch_says_so(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = credential(&owner).await;
        let changed = owner.patch(&path, json!({"number": "Q-2", "issuer": "DEKRA"})).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.body["number"]), ("\"2\"", &json!("Q-2")));
        assert_eq!((&changed.body["issuer"], &changed.body["valid_to"]), (&json!("DEKRA"), &json!("2027-11-30")));
        for nothing in [json!({}), json!({"number": "Q-2", "valid_from": null, "valid_to": "2027-11-30"})] {
            assert_eq!(owner.patch(&path, nothing).await.expect(200).header("etag"), "\"2\"");
        }
    }

    async fn a_credential_is_verified_by_somebody_at_some_time(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = credential(&owner).await;
        app.clock.advance(TimeDelta::minutes(1));
        let verified = decide(&owner, &path, "verify").await.expect(200);
        let audit = owner.get("/v1/audit-events?action=credential.verify").await.expect(200);
        let event = &audit.body["data"][0];
        assert_eq!((&verified.body["status"], verified.header("etag")), (&json!("verified"), "\"2\""));
        assert_eq!(verified.body["decided_at"], "2026-11-21T09:01:00.000Z");
        assert_eq!(verified.body["decided_by"], event["actor"]["id"]);
        assert_eq!(verified.body["status_reason"], json!(null));
        assert_eq!(owner.get(&path).await.expect(200).body, verified.body);
    }

    async fn a_rejection_and_a_revocation_tell_the_supplier_why(app: TestApp) {
        let owner = app.owner().await;
        let (all, rejected) = credential(&owner).await;
        let (_, revoked) = credential(&owner).await;
        let answer = decide(&owner, &rejected, "reject").await.expect(200);
        assert_eq!((&answer.body["status"], &answer.body["status_reason"]), (&json!("rejected"), &json!("Not readable")));
        decide(&owner, &revoked, "verify").await.expect(200);
        let answer = decide(&owner, &revoked, "revoke").await.expect(200);
        assert_eq!((&answer.body["status"], &answer.body["revision"]), (&json!("revoked"), &json!(3)));
        let own = all.split('/').nth(3).expect("an id").to_owned();
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        assert_eq!(user.get(&rejected).await.expect(200).body["status_reason"], "Not readable");
    }

    async fn a_decision_that_is_not_possible_tells_which_are(app: TestApp) {
        let owner = app.owner().await;
        for (before, refused, current, allowed) in [
            (&[][..], "revoke", "submitted", json!(["verify", "reject"])),
            (&["verify"], "verify", "verified", json!(["revoke"])),
            (&["verify"], "reject", "verified", json!(["revoke"])),
            (&["verify", "revoke"], "verify", "revoked", json!([])),
            (&["reject"], "revoke", "rejected", json!([])),
        ] {
            let (_, path) = credential(&owner).await;
            for verb in before {
                decide(&owner, &path, verb).await.expect(200);
            }
            let refusal = decide(&owner, &path, refused).await.refused(409, "invalid_state");
            assert_eq!((&refusal.body["current_status"], &refusal.body["allowed"]), (&json!(current), &allowed));
            assert_eq!(owner.get(&path).await.expect(200).body["status"], current);
        }
    }

    async fn a_credential_that_was_decided_about_is_neither_changed_nor_removed(app: TestApp) {
        let owner = app.owner().await;
        for (verb, status) in [("verify", "verified"), ("reject", "rejected")] {
            let (_, path) = credential(&owner).await;
            decide(&owner, &path, verb).await.expect(200);
            for refusal in [owner.patch(&path, json!({"number": "X"})).await, owner.delete(&path).await] {
                assert_eq!(refusal.refused(409, "invalid_state").body["current_status"], status);
            }
            assert_eq!(owner.get(&path).await.expect(200).body["number"], "Q-1");
        }
    }

    async fn rejecting_and_revoking_need_a_reason(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = credential(&owner).await;
        for verb in ["reject", "revoke"] {
            let missing = owner.post(&format!("{path}/{verb}"), json!({})).await.refused(400, "validation_failed");
            assert_eq!(missing.errors(), ["#/reason required"]);
        }
    }

    async fn a_submitted_credential_is_removed(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        assert_eq!(owner.delete(&path).await.expect(204).text, "");
        owner.get(&path).await.refused(404, "not_found");
        assert_eq!(owner.get(&all).await.expect(200).body["data"], json!([]));
    }

    async fn whoever_read_something_older_changes_decides_and_removes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let (_, path) = credential(&owner).await;
        owner.patch(&path, json!({"number": "Q-2"})).await.expect(200);
        let stale = owner.with("if-match", "\"1\"");
        for refusal in [
            stale.patch(&path, json!({"number": "Q-3"})).await,
            stale.delete(&path).await,
            decide(&stale, &path, "verify").await,
            decide(&stale, &path, "reject").await,
            decide(&stale, &path, "revoke").await,
        ] {
            assert_eq!(refusal.refused(412, "etag_mismatch").header("etag"), "\"2\"");
        }
        decide(&owner.with("if-match", "\"2\""), &path, "verify").await.expect(200);
    }

    async fn credentials_are_listed_in_the_order_they_were_submitted_to_the_end(app: TestApp) {
        let owner = app.owner().await;
        let (all, _) = credential(&owner).await;
        credential(&owner).await;
        for number in ["B", "D", "A", "C"] {
            let new = json!({"type": "permit", "number": number, "issuer": "X"});
            owner.post(&all, new).await.expect(201);
        }
        for limit in [1, 2, 5] {
            let walked = owner.walk(&format!("{all}?limit={limit}"), "number").await;
            assert_eq!(walked, ["Q-1", "B", "D", "A", "C"]);
        }
        assert_eq!(owner.get(&format!("{all}?limit=1&count=true")).await.expect(200).body["total_count"], 5);
        owner.get(&format!("{all}?status=verified")).await.refused(400, "unknown_parameter");
    }

    async fn a_suppliers_administrator_submits_but_never_decides(app: TestApp) {
        let owner = app.owner().await;
        let (all, _) = credential(&owner).await;
        let own = all.split('/').nth(3).expect("an id").to_owned();
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let new = json!({"type": "permit", "number": "1", "issuer": "X"});
        let path = admin.post(&all, new).await.expect(201).header("location").to_owned();
        admin.patch(&path, json!({"number": "2"})).await.expect(200);
        for verb in ["verify", "reject", "revoke"] {
            let refusal = decide(&admin, &path, verb).await.refused(403, "forbidden");
            assert_eq!(refusal.body["required_permission"], "credentials.verify");
        }
        admin.delete(&path).await.expect(204);
    }

    async fn those_who_only_read_credentials_change_none(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        let own = all.split('/').nth(3).expect("an id").to_owned();
        let new = json!({"type": "permit", "number": "1", "issuer": "X"});
        for (role, supplier) in [(Role::SupplierUser, Some(own.as_str())), (Role::Reviewer, None), (Role::Auditor, None)] {
            let caller = app.sign_in(role, supplier).await;
            caller.get(&path).await.expect(200);
            for refusal in [
                caller.post(&all, new.clone()).await,
                caller.patch(&path, json!({"number": "2"})).await,
                caller.delete(&path).await,
            ] {
                assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "credentials.write");
            }
            decide(&caller, &path, "verify").await.refused(403, "forbidden");
        }
        app.nobody().get(&all).await.refused(401, "missing_credentials");
        decide(&app.nobody(), &path, "verify").await.refused(401, "missing_credentials");
    }

    async fn credentials_that_are_unknown_or_of_another_supplier_are_not_found(app: TestApp) {
        let owner = app.owner().await;
        let (all, path) = credential(&owner).await;
        let other = owner.supplier("Other").await;
        let misplaced = format!("/v1/suppliers/{other}/credentials/{}", path.rsplit('/').next().expect("an id"));
        let unknown = owner.get(&format!("{all}/{NOWHERE}")).await.refused(404, "not_found");
        for path in [&misplaced, &format!("{all}/x"), &format!("/v1/suppliers/{NOWHERE}/credentials")] {
            assert_eq!(owner.get(path).await.refused(404, "not_found").lasting(), unknown.lasting());
        }
        decide(&owner, &misplaced, "verify").await.refused(404, "not_found");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        for path in [&all, &path, &misplaced] {
            assert_eq!(admin.get(path).await.refused(404, "not_found").lasting(), unknown.lasting());
        }
        let new = json!({"type": "permit", "number": "1", "issuer": "X"});
        admin.post(&all, new).await.refused(404, "not_found");
        admin.patch(&path, json!({"number": "2"})).await.refused(404, "not_found");
        admin.delete(&path).await.refused(404, "not_found");
    }

    async fn an_unknown_supplier_is_not_found_even_if_the_dates_are_wrong(app: TestApp) {
        let wrong = json!({"type": "permit", "number": "1", "issuer": "X",
            "valid_from": "2026-02-02", "valid_to": "2026-02-01"});
        let owner = app.owner().await;
        owner.post(&format!("/v1/suppliers/{NOWHERE}/credentials"), wrong).await.refused(404, "not_found");
    }
}
