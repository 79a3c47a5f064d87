//! Negotiating clause by clause, and looking after what is in force.

use crate::agreements::lifts;
use crate::both;
use crate::expectations::{arrival, words};
use crate::support::{Caller, TestApp};
use accord::shared::permission::Role;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A supplier, active or on the way to it.
async fn supplier(owner: &Caller<'_>, name: &str) -> String {
    let supplier = owner.supplier(name).await;
    for verb in ["nominate", "qualify", "activate"] {
        owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
    }
    supplier
}

/// An agreement proposed to its supplier, with one clause of ours and one for the customer that
/// depends on it.
struct Proposed {
    path: String,
    supplier: String,
    ours: String,
    served: String,
}

async fn proposed(owner: &Caller<'_>) -> Proposed {
    let supplier = supplier(owner, "Acme").await;
    let path = owner.post("/v1/agreements", lifts(&supplier)).await.expect(201).header("location").to_owned();
    let clauses = format!("{path}/expectations");
    let ours = owner.post(&clauses, words("us_to_supplier")).await.expect(201);
    let mut served = arrival();
    served["depends_on"] = json!([ours.id()]);
    let served = owner.post(&clauses, served).await.expect(201).header("location").to_owned();
    owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
    Proposed { path, supplier, ours: ours.header("location").to_owned(), served }
}

/// An agreement in force, started from a template: its address and its supplier.
pub async fn in_force(app: &TestApp, owner: &Caller<'_>, name: &str) -> (String, String) {
    let supplier = supplier(owner, name).await;
    let mut new = lifts(&supplier);
    new["template"] = json!("field-service");
    new["ends_on"] = json!("2030-12-31");
    let path = owner.post("/v1/agreements", new).await.expect(201).header("location").to_owned();
    let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
    owner.post(&format!("{path}/propose"), json!({})).await.expect(200);
    conclude(owner, &admin, &path).await;
    (path, supplier)
}

/// Agreed to by the second, signed by both, put in force.
async fn conclude(first: &Caller<'_>, second: &Caller<'_>, path: &str) {
    second.post(&format!("{path}/agree"), json!({"accept_all": true})).await.expect(200);
    for side in [first, second] {
        side.post(&format!("{path}/sign"), json!({})).await.expect(200);
    }
    first.post(&format!("{path}/activate"), json!({})).await.expect(200);
}

async fn first_clause(caller: &Caller<'_>, agreement: &str) -> (String, Value) {
    let page = caller.get(&format!("{agreement}/expectations?limit=1")).await.expect(200).body;
    let clause = page["data"][0].clone();
    (format!("{agreement}/expectations/{}", clause["id"].as_str().expect("an id")), clause)
}

both! {
    async fn a_supplier_negotiates_clause_by_clause(app: TestApp) {
        let owner = app.owner().await;
        let at = proposed(&owner).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&at.supplier)).await;
        // It accepts one clause as it stands, and cannot agree before it has accepted the other.
        let accepted = admin.act(&format!("{}/accept", at.ours)).await.expect(200);
        assert!(accepted.body["accepted_by_supplier_at"].is_string() && accepted.body["accepted_by_us_at"].is_string());
        assert_eq!(accepted.header("etag"), "\"2\"");
        assert_eq!(admin.act(&format!("{}/accept", at.ours)).await.expect(200).header("etag"), "\"2\"");
        let refusal = admin.post(&format!("{}/agree", at.path), json!({})).await.refused(422, "rule_violated");
        let open = at.served.rsplit('/').next().expect("an id");
        assert_eq!(refusal.errors(), [format!("#/clauses/{open} not_accepted")]);
        // It asks for more time: our acceptance of that clause is gone, the other one's stays.
        let longer = admin.patch(&at.served, json!({"target_duration": "PT72H"})).await.expect(200).body;
        assert_eq!(longer["target_duration"], "P3D");
        assert!(longer["accepted_by_us_at"].is_null() && longer["accepted_by_supplier_at"].is_string());
        let wish = json!({"direction": "us_to_supplier", "dimension": "empathy", "text": "A place to park."});
        let wish = admin.post(&format!("{}/expectations", at.path), wish).await.expect(201);
        assert!(wish.body["accepted_by_us_at"].is_null() && wish.body["accepted_by_supplier_at"].is_string());
        admin.post(&format!("{}/agree", at.path), json!({"accept_all": true})).await.refused(409, "invalid_state");
        admin.post(&format!("{}/counter", at.path), json!({"note": "We need three days."})).await.expect(200);
        // Ours again: one clause is accepted, the wish is not granted.
        owner.act(&format!("{}/accept", at.served)).await.expect(200);
        owner.delete(wish.header("location")).await.expect(204);
        owner.post(&format!("{}/propose", at.path), json!({})).await.expect(200);
        let agreed = admin.post(&format!("{}/agree", at.path), json!({})).await.expect(200).body;
        assert_eq!(agreed["status"], "agreed");
        admin.patch(&at.served, json!({"text": "X"})).await.refused(409, "invalid_state");
        owner.patch(&at.served, json!({"text": "X"})).await.refused(409, "invalid_state");
    }

    async fn whoevers_turn_it_is_not_changes_no_clause(app: TestApp) {
        let owner = app.owner().await;
        let at = proposed(&owner).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&at.supplier)).await;
        let list = format!("{}/expectations", at.path);
        for wrong in [&owner, &admin] {
            for answer in [
                wrong.post(&list, words("us_to_supplier")).await,
                wrong.patch(&at.ours, json!({"text": "X"})).await,
                wrong.delete(&at.served).await,
                wrong.act(&format!("{}/accept", at.served)).await,
            ] {
                assert!(answer.refused(409, "invalid_state").body["current_status"].is_string());
            }
            if wrong.token == owner.token {
                admin.post(&format!("{}/counter", at.path), json!({})).await.expect(200);
            }
        }
        assert_eq!(owner.get(&at.ours).await.expect(200).body["text"], words("us_to_supplier")["text"]);
    }

    async fn those_who_only_read_agreements_change_no_clause(app: TestApp) {
        let owner = app.owner().await;
        let at = proposed(&owner).await;
        let list = format!("{}/expectations", at.path);
        for (role, supplier) in [(Role::SupplierUser, Some(at.supplier.as_str())), (Role::Auditor, None), (Role::Agent, None)] {
            let caller = app.sign_in(role, supplier).await;
            caller.get(&at.served).await.expect(200);
            assert_eq!(caller.get(&list).await.expect(200).body["data"].as_array().map(Vec::len), Some(2));
            for refusal in [
                caller.post(&list, words("us_to_supplier")).await,
                caller.patch(&at.served, json!({"text": "X"})).await,
                caller.delete(&at.served).await,
                caller.act(&format!("{}/accept", at.served)).await,
                caller.post(&format!("{}/confirm", at.served), json!({})).await,
            ] {
                assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "negotiations.write");
            }
        }
        app.nobody().get(&list).await.refused(401, "missing_credentials");
    }

    async fn a_supplier_sees_no_clause_of_another(app: TestApp) {
        let owner = app.owner().await;
        let at = proposed(&owner).await;
        let other = supplier(&owner, "Other").await;
        let list = format!("{}/expectations", at.path);
        for role in [Role::SupplierAdmin, Role::SupplierUser] {
            let caller = app.sign_in(role, Some(&other)).await;
            caller.get(&list).await.refused(404, "not_found");
            caller.get(&at.served).await.refused(404, "not_found");
            caller.get(&format!("{}/versions/1/diff", at.path)).await.refused(404, "not_found");
        }
        let admin = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        admin.post(&list, words("us_to_supplier")).await.refused(404, "not_found");
        admin.patch(&at.served, json!({"text": "X"})).await.refused(404, "not_found");
        admin.delete(&at.served).await.refused(404, "not_found");
        admin.act(&format!("{}/accept", at.served)).await.refused(404, "not_found");
        admin.post(&format!("{}/confirm", at.served), json!({})).await.refused(404, "not_found");
    }

    async fn users_of_a_suspended_supplier_only_read_clauses(app: TestApp) {
        let owner = app.owner().await;
        let at = proposed(&owner).await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&at.supplier)).await;
        owner.post(&format!("/v1/suppliers/{}/suspend", at.supplier), json!({"reason": "Fraud."})).await.expect(200);
        admin.get(&at.served).await.expect(200);
        admin.patch(&at.served, json!({"text": "X"})).await.refused(403, "forbidden");
        admin.act(&format!("{}/accept", at.served)).await.refused(403, "forbidden");
    }

    async fn a_clause_in_force_is_confirmed_by_both_sides(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, supplier) = in_force(&app, &owner, "Acme").await;
        let (path, before) = first_clause(&owner, &agreement).await;
        app.clock.advance(TimeDelta::days(1));
        // Tokens are short: everybody signs in again.
        let owner = app.owner().await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        let confirm = format!("{path}/confirm");
        let version = format!("{agreement}/versions/1");
        let known = owner.get(&version).await.expect(200).header("etag").to_owned();
        owner.with("if-none-match", &known).get(&version).await.expect(304);
        let ours = owner.post(&confirm, json!({"review_by": "2027-01-31"})).await.expect(200).body;
        assert_eq!((&ours["review_by"], &ours["confirmed_by_supplier_at"]), (&json!("2027-01-31"), &json!(null)));
        assert!(ours["confirmed_by_us_at"].is_string());
        owner.with("if-none-match", &known).get(&version).await.expect(200);
        let theirs = admin.post(&confirm, json!({})).await.expect(200).body;
        assert!(theirs["confirmed_by_supplier_at"].is_string());
        assert_eq!((&theirs["review_by"], &theirs["text"]), (&ours["review_by"], &before["text"]));
        let refusal = admin.post(&confirm, json!({"review_by": "2028-01-31"})).await.refused(403, "forbidden");
        assert_eq!(refusal.errors(), ["#/review_by forbidden"]);
        let refusal = owner.post(&confirm, json!({"review_by": "2026-11-22"})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/review_by rule_violated"]);
        owner.with("if-match", "\"1\"").post(&confirm, json!({})).await.refused(412, "etag_mismatch");
        // Nothing else of it changes while it is in force.
        owner.patch(&path, json!({"text": "X"})).await.refused(409, "invalid_state");
    }

    async fn the_days_of_clauses_are_those_of_the_organisation(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, _) = in_force(&app, &owner, "Acme").await;
        let (path, _) = first_clause(&owner, &agreement).await;
        // Still 21 November in UTC, already 22 November on Kiritimati (UTC+14).
        app.clock.advance(TimeDelta::hours(2));
        let owner = app.owner().await;
        let confirm = format!("{path}/confirm");
        owner.patch("/v1/organization", json!({"time_zone": "Pacific/Kiritimati"})).await.expect(200);
        owner.post(&confirm, json!({"review_by": "2026-11-22"})).await.refused(422, "rule_violated");
        owner.post(&confirm, json!({"review_by": "2026-11-23"})).await.expect(200);
        // 23 November there until 10:00 in UTC.
        app.clock.advance(TimeDelta::hours(46));
        let owner = app.owner().await;
        assert_eq!(owner.get("/v1/expectations/stale").await.expect(200).body["data"], json!([]));
        app.clock.advance(TimeDelta::hours(2));
        let owner = app.owner().await;
        let stale = owner.get("/v1/expectations/stale").await.expect(200).body;
        assert_eq!((&stale["data"][0]["reasons"], &stale["data"][0]["overdue_days"]), (&json!(["review_overdue"]), &json!(1)));
        owner.patch("/v1/organization", json!({"time_zone": "UTC"})).await.expect(200);
        assert_eq!(owner.get("/v1/expectations/stale").await.expect(200).body["data"], json!([]));
    }

    async fn stale_clauses_are_listed_with_the_reason(app: TestApp) {
        let owner = app.owner().await;
        let (agreement, supplier) = in_force(&app, &owner, "Acme").await;
        in_force(&app, &owner, "Other").await;
        let stale = "/v1/expectations/stale";
        assert_eq!(owner.get(stale).await.expect(200).body["data"], json!([]));
        let (path, clause) = first_clause(&owner, &agreement).await;
        app.clock.advance(TimeDelta::days(10));
        // Tokens are short: everybody signs in again.
        let owner = app.owner().await;
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        owner.post(&format!("{path}/confirm"), json!({"review_by": "2026-12-31"})).await.expect(200);
        let found = owner.get(&format!("{stale}?older_than=P5D&count=true")).await.expect(200).body;
        assert_eq!(found["total_count"], 28);
        let first = &found["data"][0];
        assert_eq!(first["expectation"]["id"], clause["id"]);
        assert_eq!((&first["reasons"], &first["overdue_days"]), (&json!(["not_confirmed_by_supplier"]), &json!(5)));
        assert_eq!((&first["supplier_id"], &first["agreement_title"]), (&json!(supplier), &json!("Lift maintenance")));
        let both = json!(["not_confirmed_by_us", "not_confirmed_by_supplier"]);
        assert_eq!(found["data"][1]["reasons"], both);
        let own = admin.get(&format!("{stale}?older_than=P5D&count=true")).await.expect(200).body;
        assert_eq!(own["total_count"], 14);
        admin.post(&format!("{path}/confirm"), json!({})).await.expect(200);
        let own = admin.get(&format!("{stale}?older_than=P5D&count=true")).await.expect(200).body;
        assert_eq!(own["total_count"], 13);
        app.clock.advance(TimeDelta::days(40));
        let owner = app.owner().await;
        let overdue = owner.get(stale).await.expect(200).body;
        assert_eq!((&overdue["data"][0]["reasons"], &overdue["data"][0]["overdue_days"]), (&json!(["review_overdue"]), &json!(10)));
        assert_eq!(overdue["data"].as_array().map(Vec::len), Some(1));
        owner.get(&format!("{stale}?older_than=P1M")).await.refused(400, "invalid_parameter");
    }
}
