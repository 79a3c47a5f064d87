//! What a room registers so that its things can be imported from files. The room `imports` takes the
//! file, checks every row against the published schema, and calls `write` with a batch of rows in
//! one transaction; the importer only looks up, decides and writes.
//!
//! An importer keeps these promises:
//! - One outcome per row, in the order of the rows. A row that cannot be written is `Failed`; an error of the
//!   whole batch is for what may pass (a busy database): the batch is tried again.
//! - Everything is checked before it is written: a refused insert would end the transaction on PostgreSQL.
//! - No SQL per row: what rows refer to is looked up for the batch at once.
//! - What is written carries `import_id`. History is written by `imports`, one entry per batch.
//! - Only what `by` may see and do: the rights are those the caller has while the import runs.
//!
//! Within one file an `external_id` stands only once, or once within what else is in the key; `imports` sees to
//! that.

use crate::shared::auth::By;
use crate::shared::db::{Txn, Writing};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::ImportId;
use crate::shared::permission::{COLUMNS, Permission};
use poem_openapi::Enum;
use poem_openapi::registry::Registry;
use poem_openapi::types::{ParseFromJSON, Type};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// How rows of one kind are written.
#[derive(Clone, Copy)]
pub struct Importer {
    /// What is imported, as the plural the API uses: `suppliers`.
    pub kind: &'static str,
    /// The component of the document that every row is checked against.
    pub schema: fn() -> Cow<'static, str>,
    pub register: fn(&mut Registry),
    /// What the caller needs besides `imports.create`: name and row of the policy table.
    pub needs: (&'static str, [bool; COLUMNS]),
    /// The members that tell one thing from the others. Rows without an `external_id` have no key.
    pub key: &'static [&'static str],
    pub write: Write,
}

pub type Write = for<'a> fn(&'a Txn, &'a Batch) -> Writing<'a, Vec<Outcome>>;

impl Importer {
    /// Rows have the shape `T`; whoever imports them needs the permission `P`.
    pub const fn of<T: Type, P: Permission>(kind: &'static str, write: Write) -> Self {
        let (schema, register, needs) = (T::name, T::register, (P::NAME, P::CELLS));
        Self { kind, schema, register, needs, key: &["external_id"], write }
    }

    pub const fn with_key(self, key: &'static [&'static str]) -> Self {
        Self { key, ..self }
    }
}

/// What happens to a row whose `external_id` is known already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ImportMode {
    /// It fails.
    #[default]
    Create,
    /// It changes what is there: the members the row has, and no others.
    Upsert,
}

/// Some rows of an import, to be written in one transaction.
#[derive(Clone)]
pub struct Batch {
    pub by: By,
    pub import_id: ImportId,
    pub mode: ImportMode,
    pub rows: Vec<Row>,
}

/// One row; it matches the schema of its importer.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its place in the file, from 1, without the header.
    pub number: i64,
    pub value: Value,
}

impl Row {
    /// The row as `T`: the new shape, or, for an upsert, the change of the same members.
    pub fn read<T: ParseFromJSON>(&self) -> Result<T> {
        T::parse_from_json(Some(self.value.clone()))
            .map_err(|error| Error::new(Code::ValidationFailed, error.into_message()))
    }

    pub fn external_id(&self) -> Option<&str> {
        self.value["external_id"].as_str()
    }
}

/// What became of a row.
#[derive(Clone, Debug)]
pub enum Outcome {
    Created(Uuid),
    Updated(Uuid),
    Unchanged(Uuid),
    /// Nothing was written for it; the error has pointers into the row.
    Failed(Error),
}

/// A refusal is about its row; anything else is about the whole batch.
pub fn failed(outcome: Result<Outcome>) -> Result<Outcome> {
    match outcome {
        Err(error) if matches!(error.code.status(), 400..500) && error.code != Code::Conflict => {
            Ok(Outcome::Failed(error))
        }
        outcome => outcome,
    }
}
