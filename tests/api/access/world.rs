//! A database in which every resource exists, for one supplier and for others it must not see.

use super::Who;
use super::asked::NAMES;
use super::assessed::QUESTION;
use super::bodies;
use super::negotiated::{self, SIGNER, Sides};
use crate::contract::{Operation, bytes, document, operations};
use crate::support::{Answer, Caller, PASSWORD, TestApp};
use accord::app;
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::id::{AccountId, SupplierId};
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{self, ATTEMPTS, NewJob};
use accord::shared::permission::{POLICY, Role, SCOPES, SERVICE, scope};
use chrono::TimeDelta;
use poem::http::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// The name of every supplier that the supplier roles do not belong to.
pub const HIDDEN: &str = "Hidden Rail";

pub struct World<'a> {
    pub app: &'a TestApp,
    callers: Vec<(Role, Caller<'a>)>,
    /// One of the organisation and one of `own`, each with every scope it can have.
    keys: [Caller<'a>; 2],
    pub own: String,
    pub other: String,
    /// The one that `own` belongs to.
    pub parent: String,
    /// Ids of suppliers and of what belongs to them that supplier roles must not learn.
    hidden: Mutex<Vec<String>>,
    made: AtomicU32,
}

/// What names nothing that belongs to anybody.
const PUBLIC: [&str; 6] = ["question", "version", "template_key", "code", "calendar_id", "template"];

/// An API key with every scope it can have.
async fn key<'a>(app: &'a TestApp, owner: &Caller<'a>, supplier: Option<&str>) -> Caller<'a> {
    let admin = Role::ALL.iter().position(|role| *role == Role::SupplierAdmin).expect("a role");
    let column = if supplier.is_some() { admin } else { SERVICE };
    let possible = |name: &&&str| POLICY.iter().any(|(permission, row)| row[column] && scope(permission) == ***name);
    let scopes: Vec<_> = SCOPES.iter().filter(possible).collect();
    let mut new = json!({"name": "A key", "scopes": scopes});
    if let Some(supplier) = supplier {
        new["supplier_id"] = json!(supplier);
    }
    let made = owner.post("/v1/api-keys", new).await.expect(201);
    app.with_token(made.body["key"].as_str().expect("the key"))
}

/// The values of path parameters.
#[derive(Clone)]
pub struct Target {
    ids: Vec<(&'static str, String)>,
    /// The supplier was made for this one call.
    is_fresh: bool,
}

impl Target {
    /// The same with one id after the other replaced by one that nobody has.
    pub fn unknown(&self) -> Vec<Target> {
        let each = (0..self.ids.len()).map(|place| {
            let mut target = self.clone();
            target.ids[place].1 = accord::shared::clock::Clock::system().uuid().to_string();
            target
        });
        each.collect()
    }

    /// The same, asked for below the caller's own supplier.
    pub fn below(&self, supplier: &str) -> Target {
        let mut target = self.clone();
        target.ids[0].1 = supplier.to_owned();
        target
    }
}

impl<'a> World<'a> {
    pub async fn new(app: &'a TestApp) -> World<'a> {
        let owner = app.owner().await;
        let parent = owner.supplier(HIDDEN).await;
        let new = json!({"kind": "company", "name": "Own Air", "parent_id": parent});
        let own = owner.post("/v1/suppliers", new).await.expect(201).id();
        let other = owner.supplier(HIDDEN).await;
        let mut callers = Vec::new();
        for role in Role::ALL {
            callers.push((role, app.sign_in(role, role.is_supplier().then_some(&*own)).await));
        }
        for supplier in [&own, &other] {
            for verb in ["nominate", "qualify", "activate"] {
                owner.act(&format!("/v1/suppliers/{supplier}/{verb}")).await.expect(200);
            }
        }
        let keys = [key(app, &owner, None).await, key(app, &owner, Some(&own)).await];
        let hidden = Mutex::new(vec![HIDDEN.to_owned(), parent.clone(), other.clone()]);
        let world = World { app, callers, keys, own, other, parent, hidden, made: AtomicU32::new(0) };
        let (email, password) = world.example_login().await;
        let password_hash = password::hash(password, Cost::Trivial).await.expect("a hash");
        let new = NewAccount {
            email,
            name: "Example".to_owned(),
            password_hash,
            role: Role::Auditor,
            supplier_id: None,
            must_change_password: false,
        };
        let input = (app.clock.clone(), new);
        let made = app.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await;
        made.expect("an account");
        world
    }

    /// The account in the document's example of signing in.
    pub async fn example_login(&self) -> (String, String) {
        let operations = operations(&document().await.v31);
        let login = operations.iter().find(|operation| operation.id == "login").expect("login");
        let (_, example) = login.example_body().expect("an example");
        let given = |member: &str| example[member].as_str().expect("text").to_owned();
        (given("email"), given("password"))
    }

    pub fn caller(&self, who: Who) -> Caller<'a> {
        let known = |role| self.callers.iter().find(|(known, _)| *known == role).expect("a role").1.clone();
        match who {
            Who::Key => self.keys[0].clone(),
            Who::OwnKey | Who::OtherKey => self.keys[1].clone(),
            _ => who.role().map_or_else(|| self.app.nobody(), known),
        }
    }

    pub fn owner(&self) -> &Caller<'a> {
        &self.callers[0].1
    }

    /// An address that nobody has yet.
    pub fn email(&self) -> String {
        format!("made{}@accord.example", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// A job ordered by the account or key, for its supplier if it has one.
    async fn job(&self, by: Option<String>, supplier: Option<&str>) -> String {
        let supplier = supplier.and_then(accord::shared::id::parse).map(SupplierId);
        let input = (self.app.clock.clone(), by, supplier);
        let made = self.app.app.db.write(input, |txn, (clock, by, supplier)| {
            Box::pin(async move {
                let new = NewJob { kind: "nothing", payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
                let id = jobs::enqueue(txn, clock, new).await?.expect("a new one");
                if let Some(by) = by {
                    let by = accord::shared::id::parse(by).map(AccountId);
                    let (created_by, supplier_id) = (Set(by), Set(*supplier));
                    let row = jobs::ActiveModel { id: Set(id), created_by, supplier_id, ..Default::default() };
                    jobs::Entity::update(row).exec_without_returning(txn).await?;
                }
                Ok(id)
            })
        });
        made.await.expect("a job").to_string()
    }

    /// An agreement in the state in which the operation is possible, and a clause of it.
    async fn agreement(&self, operation: &Operation, who: Who) -> (String, String) {
        let (supplier, title) = if who.is_own() { (&self.own, "Own terms") } else { (&self.other, HIDDEN) };
        let sides =
            Sides { us: self.owner().clone(), supplier: self.app.sign_in(SIGNER, Some(supplier.as_str())).await };
        let reviewer = self.caller(Who::Staff(Role::Reviewer)).get("/v1/me").await.expect(200).id();
        sides.draft(supplier, title, &reviewer, negotiated::stage(&operation.id, who)).await
    }

    /// Somebody who signs in for the supplier.
    async fn user(&self, supplier: &str) -> (String, String) {
        let email = self.email();
        let name = if *supplier == self.own { "Somebody" } else { HIDDEN };
        let new = json!({
            "email": email, "name": name, "role": "supplier_user", "supplier_id": supplier, "password": PASSWORD,
        });
        (self.owner().post("/v1/users", new).await.expect(201).id(), email)
    }

    /// A session other than the one the caller calls with: its own, or somebody else's.
    async fn session(&self, who: Who, supplier: &str) -> String {
        let email = match who {
            Who::Staff(role) => format!("{}@accord.example", role.name()),
            Who::Own(role) => format!("{}{supplier}@accord.example", role.name()),
            _ => self.user(supplier).await.1,
        };
        let answer = self.app.nobody().post("/v1/auth/login", json!({"email": email, "password": PASSWORD})).await;
        answer.expect(200).body["session_id"].as_str().expect("an id").to_owned()
    }

    /// Makes what a path parameter stands for.
    async fn one(&self, name: &'static str, path: &str, who: Who) -> String {
        let (owner, supplier) = (self.owner(), if who.is_own() { &self.own } else { &self.other });
        match name {
            "supplier_id" if who.is_own() => self.own.clone(),
            "supplier_id" => owner.supplier(HIDDEN).await,
            "person_id" => self.make(path, "people", json!({"name": "Somebody"})).await,
            "note_id" => self.make(path, "notes", json!({"text": "A note"})).await,
            "credential_id" => self.make(path, "credentials", credential()).await,
            "calendar_id" => owner.post("/v1/calendars", calendar()).await.expect(201).id(),
            "job_id" if who.is_other() || who == Who::Nobody => self.job(None, None).await,
            "job_id" => {
                let me = self.caller(who).get("/v1/me").await.expect(200).id();
                self.job(Some(me), who.is_own().then_some(&*self.own)).await
            }
            "user_id" => self.user(supplier).await.0,
            "session_id" => self.session(who, supplier).await,
            "invitation_id" => {
                let new = json!({"email": self.email(), "role": "supplier_user", "supplier_id": supplier});
                owner.post("/v1/invitations", new).await.expect(201).id()
            }
            "api_key_id" => {
                let name = if who.is_own() { "Somebody" } else { HIDDEN };
                let new = json!({"name": name, "scopes": ["suppliers:read"], "supplier_id": supplier});
                owner.post("/v1/api-keys", new).await.expect(201).id()
            }
            "version" => "1".to_owned(),
            "template_key" => "field-service".to_owned(),
            "import_id" => {
                let by_itself = matches!(who, Who::Staff(Role::Manager) | Who::Key);
                let caller = if by_itself { &self.caller(who) } else { owner };
                let body = Some(("text/csv", b"kind,name".to_vec()));
                let made = caller.send_raw(Method::POST, "/v1/imports?kind=suppliers", body).await.expect(202);
                while run_one(&self.app.app, &app::long_work()).await.expect("the worker works") {}
                made.body["import_id"].as_str().expect("an id").to_owned()
            }
            "export_id" => {
                let by_itself = matches!(who, Who::Staff(_) | Who::Own(Role::SupplierAdmin) | Who::Key | Who::OwnKey);
                let caller = if by_itself { &self.caller(who) } else { owner };
                let made = caller.post("/v1/exports", json!({"kind": "suppliers", "format": "csv"})).await.expect(202);
                while run_one(&self.app.app, &app::long_work()).await.expect("the worker works") {}
                made.body["export_id"].as_str().expect("an id").to_owned()
            }
            "file_id" => self.file(who).await,
            "template" => "suppliers.csv".to_owned(),
            "code" => "rate_limited".to_owned(),
            other => panic!("teach `World::one` to make what {{{other}}} stands for"),
        }
    }

    /// What the operation is called on, in the state in which it is possible.
    pub async fn target(&self, operation: &Operation, who: Who) -> Target {
        let mut ids = Vec::new();
        let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut path = String::new();
        let mut agreement = (String::new(), String::new());
        for name in names {
            let name: &'static str = NAMES.iter().find(|known| **known == name).unwrap_or(&"unknown");
            let id = match name {
                "agreement_id" => {
                    agreement = self.agreement(operation, who).await;
                    agreement.0.clone()
                }
                "expectation_id" => agreement.1.clone(),
                "commitment_id" => self.commitment(&operation.id, who).await,
                "promise_id" => self.promise_for(&operation.id, who).await,
                "survey_id" => self.survey(&operation.id).await,
                "survey_link_id" => self.survey_link(who).await.id(),
                "questionnaire_id" => self.questionnaire(&operation.id).await,
                "feedback_id" => self.feedback(&operation.id, who).await,
                "follow_up_id" => self.follow_up(&operation.id, who).await,
                "assessment_id" => self.assessment(&operation.id, who).await,
                "review_id" => {
                    let (review, clause) = self.review(&operation.id, who).await;
                    agreement.1 = clause;
                    review
                }
                "early_warning_id" => self.early_warning(who).await,
                "question" => QUESTION.to_owned(),
                _ => self.one(name, &path, who).await,
            };
            let room = if name == "supplier_id" { "suppliers" } else { "credentials" };
            path = format!("{path}/{room}/{id}").replacen("/suppliers", "/v1/suppliers", usize::from(path.is_empty()));
            if !who.is_own() && !PUBLIC.contains(&name) {
                self.hidden.lock().expect("the ids").push(id.clone());
            }
            ids.push((name, id));
        }
        if operation.id == "resendInvitation" && who.is_own() {
            // A supplier's administrator sends it again once a minute at most.
            self.app.clock.advance(TimeDelta::minutes(1));
        }
        if !who.is_own() {
            for verb in bodies::before(&operation.id) {
                let body = json!({"reason": "To get there."});
                let takes_reason = ["suspend", "reject"].contains(verb);
                let done = if takes_reason {
                    self.owner().post(&format!("{path}/{verb}"), body).await
                } else {
                    self.owner().act(&format!("{path}/{verb}")).await
                };
                done.expect(200);
            }
        }
        Target { ids, is_fresh: !who.is_own() }
    }

    async fn make(&self, supplier: &str, what: &str, body: Value) -> String {
        self.owner().post(&format!("{supplier}/{what}"), body).await.expect(201).id()
    }

    pub async fn call(&self, operation: &Operation, who: Who, target: &Target) -> Answer {
        let body = self.body(operation, who).await;
        self.call_with(operation, who, target, body).await
    }

    pub async fn call_with(
        &self,
        operation: &Operation,
        who: Who,
        target: &Target,
        body: Option<(String, Value)>,
    ) -> Answer {
        let path =
            target.ids.iter().fold(operation.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        // Numbers are always of something.
        let query = match &*operation.id {
            "getKeptRate" | "getFeedbackNumbers" | "getGapChart" | "getNpsChart" => {
                "?service_line=Deliveries".to_owned()
            }
            "getReviewCalendar" => self.calendar().await,
            "getDistributionChart" => "?service_line=Deliveries&item=satisfaction".to_owned(),
            _ => operation.example_query(),
        };
        let path = format!("{path}{query}");
        let body = body.as_ref().map(|(media_type, body)| (media_type.as_str(), bytes(body)));
        let caller = match (&*operation.id, who) {
            // Whoever holds the link, whatever else they are.
            _ if operation.path.starts_with("/v1/public/") => {
                self.app.with_token(self.survey_link(who).await.body["token"].as_str().expect("a token"))
            }
            // Signing out ends the session: not the one of the next calls.
            ("logout", Who::Staff(role)) => self.app.sign_in(role, None).await,
            ("logout", Who::Own(role)) => self.app.sign_in(role, Some(&self.own)).await,
            _ => self.caller(who),
        };
        // Some changes say which revision they are of.
        let mut parameters = operation.is["parameters"].as_array().into_iter().flatten();
        let must_match = parameters.any(|one| one["x-must-match"] == true);
        let caller = if must_match { caller.with("If-Match", r#""0", "1", "2", "3""#) } else { caller };
        caller.send_raw(operation.method.clone(), &path, body).await
    }

    /// Removes what the call made, so that the next caller finds the same.
    pub async fn undo(&self, target: &Target, answer: &Answer) {
        // Facts, and links that may be out, are never deleted.
        let stays = ["/v1/commitments/", "/v1/survey-links/", "/v1/feedback/", "/v1/reviews/", "/v1/early-warnings/"];
        if answer.status == 201
            && (answer.header("location").is_empty()
                || stays.iter().any(|path| answer.header("location").starts_with(path)))
        {
            return;
        }
        // What was made within an agreement stays there: each call has an agreement of its own.
        if answer.status == 201 && !answer.header("location").contains("/expectations/") {
            self.owner().delete(answer.header("location")).await.expect(204);
        } else if let [("supplier_id", id)] = &*target.ids
            && target.is_fresh
        {
            // It stays if it is no prospect any more; then its keys were not changed either.
            self.owner().delete(&format!("/v1/suppliers/{id}")).await;
        }
    }

    /// A supplier role has learnt nothing about other suppliers.
    pub fn assert_nothing_hidden(&self, about: &str, answer: &Answer) {
        let headers: Vec<_> = answer.headers.values().filter_map(|value| value.to_str().ok()).collect();
        let said = format!("{}\n{}", answer.text, headers.join("\n"));
        for secret in self.hidden.lock().expect("the ids").iter() {
            assert!(!said.contains(&**secret), "{about} tells a supplier about another one ({secret}): {said}");
        }
    }
}

fn calendar() -> Value {
    json!({"name": "Office", "time_zone": "UTC", "hours": [{"weekday": "monday", "from": "09:00", "to": "17:00"}]})
}

fn credential() -> Value {
    json!({"type": "iso-9001", "number": "Q-1", "issuer": "Somebody"})
}
