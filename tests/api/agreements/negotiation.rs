//! The story of a negotiation, and who may make which move.

use super::{candidate, field, lifts};
use crate::both;
use crate::support::{Answer, Caller, TestApp};
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// An active supplier, its administrator, and a draft from a template: its address.
pub struct Story<'a> {
    pub owner: Caller<'a>,
    pub admin: Caller<'a>,
    pub supplier: String,
    pub agreement: String,
}

pub async fn story(app: &TestApp) -> Story<'_> {
    let owner = app.owner().await;
    let supplier = field(&owner, "Acme").await;
    let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
    let mut new = lifts(&supplier);
    new["template"] = json!("field-service");
    let agreement = owner.post("/v1/agreements", new).await.expect(201).header("location").to_owned();
    Story { owner, admin, supplier, agreement }
}

/// The same story after a while: everybody has signed in again.
pub async fn again<'a>(app: &'a TestApp, story: &Story<'_>) -> Story<'a> {
    let admin = app.sign_in(Role::SupplierAdmin, Some(&story.supplier)).await;
    let (supplier, agreement) = (story.supplier.clone(), story.agreement.clone());
    Story { owner: app.owner().await, admin, supplier, agreement }
}

impl Story<'_> {
    pub async fn us(&self, verb: &str, body: Value) -> Answer {
        self.owner.post(&format!("{}/{verb}", self.agreement), body).await
    }

    pub async fn they(&self, verb: &str, body: Value) -> Answer {
        self.admin.post(&format!("{}/{verb}", self.agreement), body).await
    }

    pub async fn read(&self) -> Value {
        self.owner.get(&self.agreement).await.expect(200).body
    }

    pub async fn version(&self, number: i64) -> Value {
        self.owner.get(&format!("{}/versions/{number}", self.agreement)).await.expect(200).body
    }

    pub async fn agreed(self) -> Self {
        self.us("propose", json!({})).await.expect(200);
        self.they("agree", json!({"accept_all": true})).await.expect(200);
        self
    }

    pub async fn signed(self) -> Self {
        let story = self.agreed().await;
        story.us("sign", json!({})).await.expect(200);
        story.they("sign", json!({"title": "Managing director"})).await.expect(200);
        story
    }

    pub async fn active(self) -> Self {
        let story = self.signed().await;
        story.us("activate", json!({})).await.expect(200);
        story
    }
}

fn clauses(version: &Value) -> &Vec<Value> {
    version["clauses"].as_array().expect("clauses")
}

both! {
    async fn two_sides_come_to_terms_sign_and_amend(app: TestApp) {
        let story = story(&app).await;
        story.admin.get(&story.agreement).await.refused(404, "not_found");
        let proposed = story.us("propose", json!({"note": "Please have a look."})).await.expect(200);
        assert_eq!((&proposed.body["status"], &proposed.body["turn"]), (&json!("proposed"), &json!("supplier")));
        assert_eq!(story.admin.get(&story.agreement).await.expect(200).body, proposed.body);

        // The supplier changes a clause and the end, and hands it back.
        let offered = story.version(1).await;
        assert_eq!(offered["note"], "Please have a look.");
        let clause = clauses(&offered)[0]["id"].as_str().expect("an id").to_owned();
        let path = format!("{}/expectations/{clause}", story.agreement);
        story.admin.patch(&path, json!({"text": "In writing, on the same day."})).await.expect(200);
        let version = format!("{}/versions/1", story.agreement);
        story.admin.patch(&version, json!({"ends_on": "2028-06-30"})).await.expect(200);
        story.they("agree", json!({"accept_all": true})).await.refused(409, "invalid_state");
        let countered = story.they("counter", json!({"note": "Longer."})).await.expect(200).body;
        assert_eq!((&countered["status"], &countered["turn"]), (&json!("countered"), &json!("us")));
        assert_eq!(countered["ends_on"], "2028-06-30");

        // One clause is left to accept: the one that changed.
        let refusal = story.us("agree", json!({})).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), [format!("#/clauses/{clause} not_accepted")]);
        story.owner.act(&format!("{path}/accept")).await.expect(200);
        let agreed = story.us("agree", json!({})).await.expect(200).body;
        assert_eq!((&agreed["status"], &agreed["turn"]), (&json!("agreed"), &json!(null)));
        let frozen = story.version(1).await;
        assert_eq!(frozen["content_hash"].as_str().map(str::len), Some(64));
        story.owner.patch(&path, json!({"text": "Later."})).await.refused(409, "invalid_state");
        story.owner.patch(&version, json!({"title": "Other"})).await.refused(409, "invalid_state");

        let signed = story.us("sign", json!({})).await.expect(200);
        assert_eq!(signed.body["signatures"][0]["name"], "Test owner");
        assert_eq!(signed.body["signatures"][0]["signed_on"], "2026-11-21");
        story.us("activate", json!({})).await.refused(422, "rule_violated");
        let hash = signed.body["content_hash"].as_str().expect("a hash").to_owned();
        let other = story.they("sign", json!({"content_hash": "0".repeat(64)})).await.refused(422, "rule_violated");
        assert_eq!(other.errors(), ["#/content_hash rule_violated"]);
        let title = json!({"title": "Managing director", "content_hash": hash});
        let signed = story.they("sign", title).await.expect(200).body;
        let names: Vec<_> = signed["signatures"].as_array().expect("both").iter().map(|one| &one["side"]).collect();
        assert_eq!(names, ["us", "supplier"]);
        let active = story.us("activate", json!({})).await.expect(200).body;
        assert_eq!((&active["status"], &active["version_in_force"], &active["open_version"]),
            (&json!("active"), &json!(1), &json!(null)));
        assert_eq!(story.version(1).await["effective_from"], "2027-01-01");

        // The supplier asks for another title; the signed version stays in force meanwhile.
        let amending = story.they("amend", json!({})).await.expect(200).body;
        assert_eq!((&amending["status"], &amending["version"], &amending["open_version"], &amending["turn"]),
            (&json!("amending"), &json!(1), &json!(2), &json!("supplier")));
        story.admin.patch(&format!("{}/versions/2", story.agreement), json!({"title": "Lifts"})).await.expect(200);
        story.they("counter", json!({})).await.expect(200);
        story.us("agree", json!({})).await.expect(200);
        assert_eq!(story.read().await["title"], "Lift maintenance");
        assert_ne!(story.version(2).await["content_hash"], frozen["content_hash"]);
        story.us("sign", json!({})).await.expect(200);
        story.they("sign", json!({})).await.expect(200);
        let active = story.us("activate", json!({})).await.expect(200).body;
        assert_eq!((&active["status"], &active["title"], &active["version_in_force"]),
            (&json!("active"), &json!("Lifts"), &json!(2)));
        assert_eq!(story.version(1).await["status"], "superseded");
        assert_eq!(story.version(1).await["content_hash"], frozen["content_hash"]);
        let said: Vec<_> = story.owner.get("/v1/audit-events?limit=100").await.expect(200).each("action");
        for action in ["propose", "counter", "agree", "sign", "activate", "amend", "update-terms"] {
            assert!(said.contains(&format!("agreement.{action}")), "{action}: {said:?}");
        }
    }

    async fn a_supplier_without_accounts_agrees_and_signs_on_paper(app: TestApp) {
        let story = story(&app).await;
        let paper = json!({"on_paper": true, "note": "Letter of 20 November."});
        story.us("agree", paper.clone()).await.refused(409, "invalid_state");
        story.us("propose", json!({})).await.expect(200);
        story.us("agree", json!({"accept_all": true})).await.refused(409, "invalid_state");
        story.they("agree", paper.clone()).await.refused(403, "forbidden");
        let agreed = story.us("agree", paper.clone()).await.expect(200).body;
        assert_eq!((&agreed["status"], &agreed["turn"]), (&json!("agreed"), &json!(null)));
        let version = story.version(1).await;
        assert_eq!(version["is_agreed_on_paper"], true);
        assert!(clauses(&version).iter().all(|clause| clause["accepted_by_supplier_at"].is_string()));
        let events = story.owner.get("/v1/audit-events?action=agreement.agree-on-paper").await.expect(200);
        assert_eq!(events.each("reason"), ["Letter of 20 November."]);
        let signed = json!({"on_paper": {"side": "supplier", "name": "A. Cme", "signed_on": "2026-11-20"}});
        story.us("sign", signed).await.expect(200);
        story.us("sign", json!({})).await.expect(200);
        assert_eq!(story.us("activate", json!({})).await.expect(200).body["status"], "active");
        // What the supplier itself agrees to is not on paper; on our turn there is nothing of its to record.
        story.they("amend", json!({})).await.expect(200);
        story.us("agree", paper.clone()).await.refused(409, "invalid_state");
        story.they("counter", json!({})).await.expect(200);
        story.us("agree", paper).await.refused(409, "invalid_state");
        story.us("agree", json!({"accept_all": true})).await.expect(200);
        assert_eq!(story.version(2).await["is_agreed_on_paper"], false);
    }

    async fn nobody_moves_on_the_other_sides_turn(app: TestApp) {
        let story = story(&app).await;
        for verb in ["counter", "agree"] {
            let refusal = story.us(verb, json!({})).await.refused(409, "invalid_state");
            assert_eq!(refusal.body["current_status"], "draft");
            assert_eq!(refusal.body["allowed"], json!(["propose", "withdraw", "delete"]));
            story.they(verb, json!({})).await.refused(404, "not_found");
        }
        story.us("propose", json!({})).await.expect(200);
        for verb in ["propose", "counter", "agree"] {
            story.us(verb, json!({})).await.refused(409, "invalid_state");
        }
        let version = format!("{}/versions/1", story.agreement);
        story.owner.patch(&version, json!({"title": "Mine"})).await.refused(409, "invalid_state");
        story.they("propose", json!({})).await.refused(403, "forbidden");
        story.they("counter", json!({})).await.expect(200);
        story.they("counter", json!({})).await.refused(409, "invalid_state");
        story.us("counter", json!({})).await.expect(200);
        assert_eq!(story.read().await["status"], "proposed");
        story.us("sign", json!({})).await.refused(409, "invalid_state");
        story.us("amend", json!({})).await.refused(409, "invalid_state");
    }

    async fn either_side_leaves_before_it_is_in_force(app: TestApp) {
        let story = story(&app).await.agreed().await;
        story.they("withdraw", json!({})).await.refused(400, "validation_failed");
        let gone = story.they("withdraw", json!({"reason": "Too much to do."})).await.expect(200).body;
        assert_eq!((&gone["status"], &gone["status_reason"], &gone["open_version"]),
            (&json!("withdrawn"), &json!("Too much to do."), &json!(null)));
        assert_eq!(story.version(1).await["status"], "withdrawn");
        story.us("propose", json!({})).await.refused(409, "invalid_state");
        story.us("withdraw", json!({"reason": "Again."})).await.refused(409, "invalid_state");
    }

    async fn an_amendment_is_given_up_and_the_signed_version_goes_on(app: TestApp) {
        let story = story(&app).await.active().await;
        story.us("amend", json!({})).await.expect(200);
        let hidden = story.admin.get(&story.agreement).await.expect(200).body;
        assert_eq!((&hidden["status"], &hidden["open_version"], &hidden["turn"]),
            (&json!("active"), &json!(null), &json!(null)));
        story.admin.get(&format!("{}/versions/2", story.agreement)).await.refused(404, "not_found");
        let versions = story.admin.get(&format!("{}/versions", story.agreement)).await.expect(200).body;
        assert_eq!(versions["data"].as_array().map(Vec::len), Some(1));
        story.they("withdraw", json!({"reason": "No."})).await.refused(409, "invalid_state");
        story.us("terminate", json!({"reason": "No.", "effective_on": "2027-10-01"})).await.refused(409, "invalid_state");
        let back = story.us("withdraw", json!({"reason": "Not now."})).await.expect(200).body;
        assert_eq!((&back["status"], &back["status_reason"]), (&json!("active"), &json!(null)));
        assert_eq!(story.us("amend", json!({})).await.expect(200).body["open_version"], 3);
    }

    async fn the_hash_is_of_what_is_agreed_and_of_nothing_else(app: TestApp) {
        let story = story(&app).await.agreed().await;
        let version = story.version(1).await;
        let members = ["id", "position", "direction", "dimension", "text", "metric", "comparison", "target",
            "target_duration", "unit", "reliability", "is_gate", "depends_on"];
        let kept = clauses(&version).iter().map(|clause| {
            Value::Object(members.iter().map(|name| ((*name).to_owned(), clause[*name].clone())).collect())
        });
        let signed = json!({"agreement_id": version["agreement_id"], "version": 1, "terms": version["terms"],
            "clauses": kept.collect::<Vec<_>>()});
        // RFC 8785 writes whole numbers without a fraction.
        let text = signed.to_string().replace("1.0,", "1,").replace("1.0}", "1}");
        let canonical = accord::shared::json::canonical(&serde_json::from_str(&text).expect("JSON"));
        let hash = accord::shared::crypto::hex(&accord::shared::crypto::sha256(&canonical));
        assert_eq!(version["content_hash"], hash);
        story.us("sign", json!({})).await.expect(200);
        story.owner.patch(&story.agreement, json!({"external_id": "A-1"})).await.expect(200);
        assert_eq!(story.version(1).await["content_hash"], hash);
    }

    async fn a_move_is_made_once_and_only_on_what_was_read(app: TestApp) {
        let story = story(&app).await;
        let path = format!("{}/propose", story.agreement);
        story.owner.with("if-match", "\"7\"").post(&path, json!({})).await.refused(412, "etag_mismatch");
        let keyed = story.owner.with("idempotency-key", "once");
        let first = keyed.post(&path, json!({})).await.expect(200);
        let again = keyed.post(&path, json!({})).await.expect(200);
        assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, "true"));
    }

    async fn users_of_a_suspended_supplier_negotiate_nothing(app: TestApp) {
        let story = story(&app).await;
        story.us("propose", json!({})).await.expect(200);
        let path = format!("/v1/suppliers/{}/suspend", story.supplier);
        story.owner.post(&path, json!({"reason": "Lapsed."})).await.expect(200);
        for verb in ["counter", "agree"] {
            story.they(verb, json!({})).await.refused(403, "forbidden");
        }
        story.they("withdraw", json!({"reason": "No."})).await.refused(403, "forbidden");
        story.admin.get(&story.agreement).await.expect(200);
        let refusal = story.owner.post("/v1/agreements", lifts(&story.supplier)).await;
        assert_eq!(refusal.refused(422, "rule_violated").errors(), ["#/supplier_id rule_violated"]);
    }

    async fn another_supplier_and_a_plain_user_make_no_move(app: TestApp) {
        let story = story(&app).await.active().await;
        let other = candidate(&story.owner, "Other").await;
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        let user = app.sign_in(Role::SupplierUser, Some(&story.supplier)).await;
        for verb in ["counter", "agree", "amend", "sign"] {
            let path = format!("{}/{verb}", story.agreement);
            stranger.post(&path, json!({})).await.refused(404, "not_found");
            user.post(&path, json!({})).await.refused(403, "forbidden");
        }
        stranger.get(&story.agreement).await.refused(404, "not_found");
        for below in ["versions", "versions/1", "expectations"] {
            stranger.get(&format!("{}/{below}", story.agreement)).await.refused(404, "not_found");
            user.get(&format!("{}/{below}", story.agreement)).await.expect(200);
        }
        assert_eq!(stranger.get("/v1/agreements").await.expect(200).body["data"], json!([]));
        assert_eq!(stranger.get("/v1/agreements?q=lift").await.expect(200).body["data"], json!([]));
    }
}
