//! A database in which every resource exists, for one supplier and for others it must not see.

use super::Who;
use crate::contract::{Operation, document, operations};
use crate::support::{Answer, Caller, TestApp};
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::jobs::{self, NewJob};
use accord::shared::permission::Role;
use serde_json::{Value, json};
use std::sync::Mutex;

/// The name of every supplier that the supplier roles do not belong to.
pub const HIDDEN: &str = "Hidden Rail";

pub struct World<'a> {
    app: &'a TestApp,
    callers: Vec<(Role, Caller<'a>)>,
    pub own: String,
    /// The one that `own` belongs to.
    pub parent: String,
    /// Ids of suppliers and of what belongs to them that supplier roles must not learn.
    hidden: Mutex<Vec<String>>,
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
        let mut callers = Vec::new();
        for role in Role::ALL {
            callers.push((role, app.sign_in(role, role.is_supplier().then_some(&*own)).await));
        }
        // The account in the document's example of signing in.
        let operations = operations(&document().await.v31);
        let login = operations.iter().find(|operation| operation.id == "login").expect("login");
        let (_, example) = login.example_body().expect("an example");
        let given = |member: &str| example[member].as_str().expect("text").to_owned();
        let password_hash = password::hash(given("password"), Cost::Trivial).await.expect("a hash");
        let (email, name) = (given("email"), "Example".to_owned());
        let new = NewAccount {
            email,
            name,
            password_hash,
            role: Role::Auditor,
            supplier_id: None,
            must_change_password: false,
        };
        let input = (app.clock.clone(), new);
        let made = app.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await;
        made.expect("an account");
        let hidden = Mutex::new(vec![HIDDEN.to_owned(), parent.clone()]);
        World { app, callers, own, parent, hidden }
    }

    pub fn caller(&self, who: Who) -> Caller<'a> {
        let known = |role| self.callers.iter().find(|(known, _)| *known == role).expect("a role").1.clone();
        who.role().map_or_else(|| self.app.nobody(), known)
    }

    fn owner(&self) -> &Caller<'a> {
        &self.callers[0].1
    }

    async fn job(&self) -> String {
        let clock = self.app.clock.clone();
        let made = self.app.app.db.write(clock, |txn, clock| {
            Box::pin(jobs::enqueue(txn, clock, NewJob { kind: "nothing", payload: json!({}), dedupe_key: None }))
        });
        made.await.expect("a job").expect("a new one").to_string()
    }

    /// What the operation is called on, in the state in which it is possible.
    pub async fn target(&self, operation: &Operation, who: Who) -> Target {
        let (owner, mut ids) = (self.owner(), Vec::new());
        let is_own = matches!(who, Who::Own(_));
        let names: Vec<_> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let mut path = String::new();
        for name in names {
            let (name, id) = match name {
                "supplier_id" => ("supplier_id", if is_own { self.own.clone() } else { owner.supplier(HIDDEN).await }),
                "person_id" => ("person_id", self.make(&path, "people", json!({"name": "Somebody"})).await),
                "note_id" => ("note_id", self.make(&path, "notes", json!({"text": "A note"})).await),
                "credential_id" => ("credential_id", self.make(&path, "credentials", credential()).await),
                "job_id" => ("job_id", self.job().await),
                "code" => ("code", "rate_limited".to_owned()),
                other => panic!("{}: teach `World::target` to make what {{{other}}} stands for", operation.id),
            };
            let room = if name == "supplier_id" { "suppliers" } else { "credentials" };
            path = format!("{path}/{room}/{id}").replacen("/suppliers", "/v1/suppliers", usize::from(path.is_empty()));
            if !is_own && name != "code" {
                self.hidden.lock().expect("the ids").push(id.clone());
            }
            ids.push((name, id));
        }
        if !is_own {
            for verb in before(&operation.id) {
                let body = json!({"reason": "To get there."});
                let takes_reason = ["suspend", "reject"].contains(verb);
                let done = if takes_reason {
                    owner.post(&format!("{path}/{verb}"), body).await
                } else {
                    owner.act(&format!("{path}/{verb}")).await
                };
                done.expect(200);
            }
        }
        Target { ids, is_fresh: !is_own }
    }

    async fn make(&self, supplier: &str, what: &str, body: Value) -> String {
        self.owner().post(&format!("{supplier}/{what}"), body).await.expect(201).id()
    }

    pub async fn call(&self, operation: &Operation, who: Who, target: &Target) -> Answer {
        let path =
            target.ids.iter().fold(operation.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        let body = operation.example_body().map(|(media_type, body)| (media_type, body.to_string().into_bytes()));
        self.caller(who).send_raw(operation.method.clone(), &path, body).await
    }

    /// Removes what the call made, so that the next caller finds the same.
    pub async fn undo(&self, target: &Target, answer: &Answer) {
        if answer.status == 201 {
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

fn credential() -> Value {
    json!({"type": "iso-9001", "number": "Q-1", "issuer": "Somebody"})
}

/// The transitions that lead to the state in which an operation is possible.
fn before(operation: &str) -> &'static [&'static str] {
    match operation {
        "qualifySupplier" | "rejectSupplier" => &["nominate"],
        "activateSupplier" | "suspendSupplier" => &["nominate", "qualify"],
        "reinstateSupplier" => &["nominate", "qualify", "suspend"],
        "exitSupplier" => &["nominate", "qualify", "activate"],
        "completeSupplierExit" => &["nominate", "qualify", "activate", "exit"],
        "revokeCredential" => &["verify"],
        _ => &[],
    }
}
