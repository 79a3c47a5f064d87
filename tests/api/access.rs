//! Who may do what: every operation, as every role, on its own supplier and on another's. The
//! result is a table a person can review, `access.txt`; `ACCORD_UPDATE=1` writes it anew.

mod asked;
mod assessed;
mod bodies;
mod hidden;
mod improved;
mod negotiated;
mod promised;
mod questioned;
mod reviewed;
mod world;
mod writable;

use crate::both;
use crate::contract::{Operation, document, operations, validator};
use crate::support::Answer;
use accord::shared::permission::{POLICY, Role, SCOPES, SERVICE, scope};
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use world::{Target, World};

/// One column of the table: who calls, and whose things it is about.
#[derive(Clone, Copy, PartialEq)]
pub enum Who {
    Staff(Role),
    /// A supplier role, on what is its own supplier's.
    Own(Role),
    /// A supplier role, on what is another supplier's.
    Other(Role),
    /// An API key of the organisation with every scope.
    Key,
    /// An API key of a supplier with every scope it can have, on its own supplier and on another.
    OwnKey,
    OtherKey,
    Nobody,
}

const COLUMNS: [(&str, Who); 13] = [
    ("owner", Who::Staff(Role::Owner)),
    ("manager", Who::Staff(Role::Manager)),
    ("reviewer", Who::Staff(Role::Reviewer)),
    ("agent", Who::Staff(Role::Agent)),
    ("auditor", Who::Staff(Role::Auditor)),
    ("admin", Who::Own(Role::SupplierAdmin)),
    ("user", Who::Own(Role::SupplierUser)),
    ("admin/other", Who::Other(Role::SupplierAdmin)),
    ("user/other", Who::Other(Role::SupplierUser)),
    ("key", Who::Key),
    ("key/own", Who::OwnKey),
    ("key/other", Who::OtherKey),
    ("nobody", Who::Nobody),
];

const HEAD: &str = "\
# Who may do what: the status every operation answers to every caller, with a valid body.
# admin, user: supplier roles, on what is their own supplier's; admin/other, user/other: on what is another's
# (`.`: the operation is not about one thing). key: an API key of the organisation with every scope; key/own,
# key/other: one of a supplier. Written by the test `access`; run it with ACCORD_UPDATE=1 after a change.
";

impl Who {
    pub fn role(self) -> Option<Role> {
        match self {
            Who::Staff(role) | Who::Own(role) | Who::Other(role) => Some(role),
            Who::OwnKey | Who::OtherKey => Some(Role::SupplierAdmin),
            Who::Key | Who::Nobody => None,
        }
    }

    pub fn is_key(self) -> bool {
        matches!(self, Who::Key | Who::OwnKey | Who::OtherKey)
    }

    pub fn is_own(self) -> bool {
        matches!(self, Who::Own(_) | Who::OwnKey)
    }

    pub fn is_other(self) -> bool {
        matches!(self, Who::Other(_) | Who::OtherKey)
    }
}

/// Whether the policy table gives the operation to the caller.
pub fn is_allowed(operation: &Operation, who: Who) -> bool {
    let Some(permission) = operation.is["x-required-permission"].as_str() else {
        return true;
    };
    let (_, row) = POLICY.iter().find(|(name, _)| *name == permission).expect("a permission of the table");
    let column = who.role().map(|role| Role::ALL.iter().position(|known| *known == role).expect("a role"));
    let in_scope = !who.is_key() || permission == "me.read" || SCOPES.contains(&scope(permission).as_str());
    who != Who::Nobody && row[column.unwrap_or(SERVICE)] && in_scope
}

/// Whether it is about one thing that belongs to somebody.
fn is_about_one(operation: &Operation) -> bool {
    operation.path.contains("_id}") && !operation.path.contains("{calendar_id}")
}

/// What must hold whatever the committed table says.
fn check(operation: &Operation, who: Who, answer: &Answer) {
    let (status, about) = (answer.status, format!("{}: {}", operation.id, answer.text));
    let is_public = operation.is["x-required-permission"].is_null();
    match (is_allowed(operation, who), who) {
        (false, Who::Nobody) => assert_eq!(status, 401, "{about}"),
        (false, _) => {
            assert_eq!(status, 403, "{about}");
            assert_eq!(answer.body["required_permission"], operation.is["x-required-permission"], "{about}");
        }
        (true, _) if who.is_other() && !is_public => assert_eq!(status, 404, "{about}"),
        (true, _) => assert!((200..300).contains(&status), "allowed, but {about}"),
    }
    assert!(operation.is["responses"][status.to_string()].is_object(), "{status} is not in the document: {about}");
}

/// The answer without what differs between two equal refusals.
fn anonymous(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    body
}

/// A caller who may not see a thing gets what it gets for a thing that does not exist.
async fn check_invisible(world: &World<'_>, operation: &Operation, who: Who, target: &Target, answer: &Answer) {
    for unknown in target.unknown() {
        let other = world.call(operation, who, &unknown).await;
        assert_eq!(other.status, answer.status, "{}: {}", operation.id, other.text);
        assert_eq!(anonymous(&other), anonymous(answer), "{}", operation.id);
    }
}

/// Every body is what the document says of its status.
struct Bodies<'a> {
    document: &'a Value,
    operation: &'a Operation,
    validators: BTreeMap<u16, Option<Validator>>,
}

impl Bodies<'_> {
    fn validator(&self, status: u16) -> Option<Validator> {
        let response = &self.operation.is["responses"][status.to_string()];
        let shared = response["$ref"].as_str().and_then(|reference| self.document.pointer(&reference[1..]));
        let (_, media) = shared.unwrap_or(response)["content"].as_object()?.iter().next()?;
        Some(validator(self.document, &media["schema"]))
    }

    fn check(&mut self, answer: &Answer) {
        if !self.validators.contains_key(&answer.status) {
            self.validators.insert(answer.status, self.validator(answer.status));
        }
        let (id, text) = (&self.operation.id, &answer.text);
        match &self.validators[&answer.status] {
            Some(validator) => {
                // What is no JSON is a text.
                let body = if answer.body.is_null() { &text.as_str().into() } else { &answer.body };
                let wrong: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{id}: {text} is not what the document says: {wrong:#?}");
            }
            None => assert!(text.is_empty(), "{id}: the document knows no body of a {}: {text}", answer.status),
        }
    }
}

async fn row(world: &World<'_>, document: &Value, operation: &Operation, line: &mut String) {
    let mut bodies = Bodies { document, operation, validators: BTreeMap::new() };
    for (name, who) in COLUMNS {
        let width = name.len() + 2;
        if who.is_other() && !is_about_one(operation) {
            write!(line, "{:>width$}", ".").expect("a line");
            continue;
        }
        let target = world.target(operation, who).await;
        let answer = world.call(operation, who, &target).await;
        check(operation, who, &answer);
        bodies.check(&answer);
        if who.is_other() && answer.status == 404 {
            check_invisible(world, operation, who, &target, &answer).await;
        }
        if who.role().is_some_and(Role::is_supplier) {
            world.assert_nothing_hidden(&operation.id, &answer);
        }
        write!(line, "{:>width$}", answer.status).expect("a line");
        world.undo(&target, &answer).await;
    }
}

both! {
    async fn every_operation_answers_every_role_as_the_committed_table_says(app: TestApp) {
        let world = World::new(&app).await;
        let mut table = HEAD.to_owned();
        let names: Vec<_> = COLUMNS.iter().map(|(name, _)| format!("{:>1$}", name, name.len() + 2)).collect();
        writeln!(table, "{:<22}{:<68}{}", "operation", "method and path", names.concat()).expect("a line");
        let document = document().await.v31;
        for operation in operations(&document) {
            let address = format!("{} {}", operation.method, operation.path);
            let mut line = format!("{:<22}{address:<68}", operation.id);
            row(&world, &document, &operation, &mut line).await;
            writeln!(table, "{line}").expect("a line");
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/access.txt");
        if std::env::var_os("ACCORD_UPDATE").is_some() {
            std::fs::write(&file, &table).expect("the table is written");
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        let differs: Vec<_> = table.lines().filter(|line| !committed.lines().any(|known| known == *line)).collect();
        let gone: Vec<_> = committed.lines().filter(|line| !table.lines().any(|known| known == *line)).collect();
        assert!(committed == table, "tests/api/access.txt says otherwise. Now:\n{differs:#?}\ncommitted:\n{gone:#?}");
    }
}
