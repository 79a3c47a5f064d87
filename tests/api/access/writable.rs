//! Which members of a body a caller may write: every member of every body, alone, as every role that may call the
//! operation. The result is a table a person can review, `writable.txt`; `ACCORD_UPDATE=1` writes it anew.

use super::world::World;
use super::{COLUMNS, Who, is_allowed};
use crate::both;
use crate::contract::{Operation, document, operations};
use accord::shared::permission::Role;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "\
# Which members callers may write: the status an operation answers to a body of its required members and this one.
# `-`: the caller may not call the operation at all. Members that are only read, or that belong to another
# resource, are refused as unknown (400) for everybody. Written by the test `writable`; run it with ACCORD_UPDATE=1.
";

/// What somebody would like to smuggle in.
const SMUGGLED: [&str; 12] = [
    "id",
    "status",
    "revision",
    "created_at",
    "updated_at",
    "account_id",
    "password_hash",
    "must_change_password",
    "disabled_at",
    "is_owner",
    "accepted_at",
    "digest",
];

/// The schema of the body.
fn schema<'a>(document: &'a Value, operation: &'a Operation) -> Option<&'a Value> {
    let media = operation.is["requestBody"]["content"].as_object()?.values().next()?;
    let reference = media["schema"]["$ref"].as_str()?;
    document.pointer(&reference[1..])
}

fn names(schema: &Value, member: &str) -> BTreeSet<String> {
    match &schema[member] {
        Value::Array(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        Value::Object(members) => members.keys().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

/// The required members of the example, and one more.
fn body(example: &Value, required: &BTreeSet<String>, member: &str) -> Value {
    let all = example.as_object().expect("an object");
    let kept = all.iter().filter(|(name, _)| required.contains(*name) || *name == member);
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

/// `created` is the example of the operation that makes the resource: changes take their values from there.
async fn line(
    world: &World<'_>,
    operation: &Operation,
    created: Option<&Value>,
    required: &BTreeSet<String>,
    member: &str,
) -> Option<String> {
    let mut line = format!("{:<22}{member:<20}", operation.id);
    let mut is_known = false;
    for (name, who) in COLUMNS.into_iter().filter(|(_, who)| !who.is_other()) {
        let width = name.len() + 2;
        if !is_allowed(operation, who) || (who == Who::Nobody && operation.is["x-required-permission"].is_string()) {
            write!(line, "{:>width$}", "-").expect("a line");
            continue;
        }
        let (media_type, mut example) = world.body(operation, who).await?;
        if example.get(member).is_none() {
            let written = operation.example_body()?.1.get(member).cloned();
            let value = written.or_else(|| created.and_then(|created| created.get(member).cloned()));
            let Some(value) = value else { continue };
            example[member] = value;
        }
        is_known |= example.get(member).is_some();
        let target = world.target(operation, who).await;
        let sent = body(&example, required, member);
        let answer = world.call_with(operation, who, &target, Some((media_type, sent))).await;
        assert_ne!(answer.status, 500, "{} {member}: {}", operation.id, answer.text);
        write!(line, "{:>width$}", answer.status).expect("a line");
        world.undo(&target, &answer).await;
    }
    is_known.then_some(line)
}

both! {
    async fn every_member_is_written_by_whom_the_committed_table_says(app: TestApp) {
        let world = World::new(&app).await;
        let mut table = HEAD.to_owned();
        let columns = COLUMNS.iter().filter(|(_, who)| !who.is_other());
        let titles: Vec<_> = columns.map(|(name, _)| format!("{:>1$}", name, name.len() + 2)).collect();
        writeln!(table, "{:<22}{:<20}{}", "operation", "member", titles.concat()).expect("a line");
        let document = document().await.v31;
        let operations = operations(&document);
        for operation in &operations {
            let Some(schema) = schema(&document, operation) else { continue };
            let maker = operation.id.replacen("update", "create", 1);
            let maker = operations.iter().find(|other| other.id == maker);
            let mut created = maker.and_then(|maker| Some(maker.example_body()?.1));
            if let Some(created) = created.as_mut().filter(|_| operation.id == "updateSupplier") {
                created["parent_id"] = json!(world.parent);
            }
            let required = names(schema, "required");
            for member in names(schema, "properties") {
                if let Some(line) = line(&world, operation, created.as_ref(), &required, &member).await {
                    writeln!(table, "{line}").expect("a line");
                }
            }
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/writable.txt");
        if std::env::var_os("ACCORD_UPDATE").is_some() {
            std::fs::write(&file, &table).expect("the table is written");
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        let differs: Vec<_> = table.lines().filter(|line| !committed.lines().any(|known| known == *line)).collect();
        assert!(committed == table, "tests/api/writable.txt says otherwise. Now:\n{differs:#?}");
    }

    async fn nobody_smuggles_a_member_in(app: TestApp) {
        let world = World::new(&app).await;
        let document = document().await.v31;
        let mut tried = 0;
        let link = world.survey_link(Who::Own(Role::SupplierAdmin)).await;
        let customer = app.with_token(link.body["token"].as_str().expect("a token"));
        for operation in operations(&document) {
            let Some(schema) = schema(&document, &operation) else { continue };
            let known = names(schema, "properties");
            for (_, who) in COLUMNS.into_iter().filter(|(_, who)| !who.is_other() && is_allowed(&operation, *who)) {
                for member in SMUGGLED.iter().filter(|member| !known.contains(**member)) {
                    let (media_type, mut body) = operation.example_body().expect("an example");
                    body[*member] = json!("x");
                    let path = operation.example_path();
                    let bytes = body.to_string().into_bytes();
                    let is_public = operation.path.starts_with("/v1/public/");
                    let caller = if is_public { customer.clone() } else { world.caller(who) };
                    let sent = caller.send_raw(operation.method.clone(), &path, Some((media_type, bytes))).await;
                    let answer = sent.refused(400, "validation_failed");
                    assert!(answer.errors().contains(&format!("#/{member} unknown_member")), "{}", answer.text);
                    tried += 1;
                }
            }
        }
        assert!(tried > 500, "{tried}");
    }
}
