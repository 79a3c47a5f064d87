//! History: who did what to which thing. One row per accepted change, written in the change's
//! own transaction; it feeds the audit trail now and events later. Rows are never edited, with
//! one exception: erasure may drop `content` and `salt`, which the seal does not cover directly.

pub mod seal;
pub mod verify;

use crate::shared::auth::{By, Caller};
use crate::shared::clock::Clock;
use crate::shared::crypto::{random, sha256_parts};
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use poem_openapi::types::Any;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use serde::{Deserialize, Serialize};

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: Timestamp,
    pub actor_type: String,
    pub actor_id: Option<Uuid>,
    /// The supplier of whoever did it; its administrator sees the row.
    pub actor_supplier_id: Option<SupplierId>,
    pub action: String,
    pub resource_type: String,
    pub resource_id: Option<Uuid>,
    pub supplier_id: Option<SupplierId>,
    pub request_id: String,
    /// JSON of `Content`; dropped by erasure.
    pub content: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub content_digest: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The part of a history row that may hold personal data.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    pub actor_label: String,
    pub changes: Vec<FieldChange>,
    pub reason: Option<String>,
}

/// One member before and after a change.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct FieldChange {
    /// JSON Pointer of the member, for example `/status`.
    pub path: String,
    /// The value before; null when there was none.
    pub before: Option<Any<serde_json::Value>>,
    /// The value after; null when there is none.
    pub after: Option<Any<serde_json::Value>>,
}

/// One entry to be written.
#[derive(Clone)]
pub struct Entry {
    action: &'static str,
    resource_id: Option<Uuid>,
    supplier_id: Option<SupplierId>,
    changes: Vec<FieldChange>,
    reason: Option<String>,
}

impl Entry {
    /// `action` is `resource.verb`, for example `supplier.suspend`.
    pub fn new(action: &'static str, resource_id: Uuid) -> Self {
        Self { resource_id: Some(resource_id), ..Self::of_nothing(action) }
    }

    /// Something was tried and refused before it was about anything.
    pub fn of_nothing(action: &'static str) -> Self {
        Self { action, resource_id: None, supplier_id: None, changes: Vec::new(), reason: None }
    }

    pub fn about(self, supplier: SupplierId) -> Self {
        self.about_any(Some(supplier))
    }

    pub fn about_any(mut self, supplier: Option<SupplierId>) -> Self {
        self.supplier_id = supplier;
        self
    }

    /// What differs between the two read shapes; nothing stands for "not there".
    pub fn between<T: Serialize>(mut self, before: Option<&T>, after: Option<&T>) -> Self {
        self.changes = changes(before, after);
        self
    }

    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(str::to_owned);
        self
    }
}

/// Who is entered as having done it.
pub struct Author<'a> {
    kind: &'static str,
    id: Option<Uuid>,
    supplier_id: Option<SupplierId>,
    label: &'a str,
    request_id: &'a str,
}

impl<'a> Author<'a> {
    /// Whoever runs the program on its machine.
    pub fn command_line() -> Self {
        Self { kind: "command_line", id: None, supplier_id: None, label: "command line", request_id: "-" }
    }

    /// The program itself, when something happens because its time has come.
    pub fn program() -> Self {
        Self { kind: "program", id: None, supplier_id: None, label: "accord", request_id: "-" }
    }

    pub fn caller(caller: &'a Caller, request_id: &'a str) -> Self {
        let (id, supplier_id) = (Some(caller.id()).filter(|id| !id.is_nil()), caller.supplier_id);
        Self { kind: caller.kind(), id, supplier_id, label: &caller.name, request_id }
    }

    /// Somebody who has not shown who they are.
    pub fn nobody(request_id: &'a str) -> Self {
        Self { kind: "anonymous", id: None, supplier_id: None, label: "anonymous", request_id }
    }

    /// A customer who answers under a survey link.
    pub fn survey_link(id: Uuid, request_id: &'a str) -> Self {
        Self { kind: "survey_link", id: Some(id), supplier_id: None, label: "survey link", request_id }
    }

    /// The account that a sign-in, or a link sent to its address, belongs to.
    pub fn account(id: AccountId, supplier_id: Option<SupplierId>, name: &'a str, request_id: &'a str) -> Self {
        Self { kind: "account", id: Some(id.0), supplier_id, label: name, request_id }
    }
}

/// Drops what was entered about some things: who did what when stays, and the seal still fits.
pub async fn forget(txn: &Txn, resource_type: &str, ids: Vec<Uuid>) -> Result<()> {
    for ids in ids.chunks(AT_ONCE) {
        Entity::update_many()
            .col_expr(Column::Content, Expr::value(None::<String>))
            .col_expr(Column::Salt, Expr::value(None::<Vec<u8>>))
            .filter(Column::ResourceType.eq(resource_type))
            .filter(Column::ResourceId.is_in(ids.iter().copied()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Who has done one of these things to something.
pub async fn doers(db: &impl ConnectionTrait, resource: Uuid, actions: &[&'static str]) -> Result<Vec<Uuid>> {
    let rows = Entity::find().filter(Column::ResourceId.eq(resource)).filter(Column::Action.is_in(actions.to_vec()));
    Ok(rows.all(db).await?.into_iter().filter_map(|row| row.actor_id).collect())
}

/// Writes the entry as done by the caller of the request.
pub async fn record(txn: &Txn, by: &By, entry: Entry) -> Result<()> {
    record_as(txn, &by.clock, Author::caller(&by.caller, &by.request_id), entry).await
}

pub async fn record_as(txn: &Txn, clock: &Clock, author: Author<'_>, entry: Entry) -> Result<()> {
    record_all(txn, clock, author, vec![entry]).await
}

/// Writes what happened to many things at once, with a handful of statements.
pub async fn record_all(txn: &Txn, clock: &Clock, author: Author<'_>, entries: Vec<Entry>) -> Result<()> {
    let rows = entries.into_iter().map(|entry| row(clock, &author, entry)).collect::<Result<Vec<_>>>()?;
    for rows in rows.chunks(AT_ONCE) {
        let waiting = rows.iter().map(|row| seal::pending::ActiveModel { event_id: row.id.clone() });
        Entity::insert_many(rows.to_vec()).exec_without_returning(txn).await?;
        seal::pending::Entity::insert_many(waiting).exec_without_returning(txn).await?;
    }
    Ok(())
}

fn row(clock: &Clock, author: &Author<'_>, entry: Entry) -> Result<ActiveModel> {
    let content = Content { actor_label: author.label.to_owned(), changes: entry.changes, reason: entry.reason };
    let content = serde_json::to_string(&content).map_err(Error::internal)?;
    let salt = random::<16>().to_vec();
    Ok(ActiveModel {
        id: Set(clock.uuid()),
        at: Set(clock.now()),
        actor_type: Set(author.kind.to_owned()),
        actor_id: Set(author.id),
        actor_supplier_id: Set(author.supplier_id),
        action: Set(entry.action.to_owned()),
        resource_type: Set(entry.action.split('.').next().unwrap_or_default().to_owned()),
        resource_id: Set(entry.resource_id),
        supplier_id: Set(entry.supplier_id),
        request_id: Set(author.request_id.to_owned()),
        content_digest: Set(sha256_parts(&[&salt, content.as_bytes()])),
        content: Set(Some(content)),
        salt: Set(Some(salt)),
    })
}

/// The members that differ, without those that always do.
fn changes<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Vec<FieldChange> {
    let object = |value: Option<&T>| match value.map(serde_json::to_value) {
        Some(Ok(serde_json::Value::Object(object))) => object,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (object(before), object(after));
    let names = after.keys().chain(before.keys().filter(|name| !after.contains_key(*name)));
    names
        .filter(|name| !matches!(name.as_str(), "id" | "revision" | "created_at" | "updated_at"))
        .filter_map(|name| {
            let given = |object: &serde_json::Map<_, _>| {
                object.get(name).filter(|value: &&serde_json::Value| !value.is_null()).cloned()
            };
            let (before, after) = (given(&before), given(&after));
            (before != after).then(|| FieldChange {
                path: format!("/{name}"),
                before: before.map(Any),
                after: after.map(Any),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_members_that_differ_are_recorded() {
        let (before, after) = (
            json!({"name": "A", "notes": "x", "revision": 1, "same": [1]}),
            json!({"name": "B", "notes": null, "revision": 2, "same": [1]}),
        );
        let found = changes(Some(&before), Some(&after));
        let paths: Vec<_> = found.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["/name", "/notes"]);
        assert_eq!(found[1].after, None);
    }
}
