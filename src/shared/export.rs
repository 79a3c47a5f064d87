//! What a room registers so that one of its lists can be exported: the room `exports` reads the list
//! page by page, with the rights the caller has then, and writes a file.

use crate::shared::auth::By;
use crate::shared::contract::Contract;
use crate::shared::db::Db;
use crate::shared::error::{Code, Error, Result};
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::COLUMNS;
use futures_util::future::BoxFuture;
use poem_openapi::types::{ParseFromJSON, ToJSON};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A list that can be exported.
#[derive(Clone, Copy)]
pub struct Source {
    /// What is exported, as the plural the API uses: `suppliers`.
    pub kind: &'static str,
    /// The shape of one item, which gives the columns.
    pub item: fn() -> Cow<'static, str>,
    /// The shape of the filter.
    pub query: fn() -> Cow<'static, str>,
    /// What the caller needs besides `exports.create`: name and row of the policy table.
    pub needs: (&'static str, [bool; COLUMNS]),
    pub read: for<'a> fn(&'a Db, &'a By, Value) -> BoxFuture<'a, Result<Items>>,
}

/// One page as JSON.
pub struct Items {
    pub data: Vec<Value>,
    pub next_cursor: Option<String>,
}

/// `source!("suppliers", Read, SupplierQuery, Supplier, list_suppliers)`: kind, permission, shape of the
/// query, shape of an item, and the function behind the list: `list(db, by, query)`.
#[macro_export]
macro_rules! source {
    ($kind:literal, $permission:ty, $query:ty, $item:ty, $list:path) => {
        $crate::shared::export::Source {
            kind: $kind,
            item: <$item as poem_openapi::types::Type>::name,
            query: <$query as poem_openapi::types::Type>::name,
            needs: {
                use $crate::shared::permission::Permission;
                (<$permission>::NAME, <$permission>::CELLS)
            },
            read: |db, by, query| {
                Box::pin(async move {
                    let query = $crate::shared::export::params::<$query>(query)?;
                    $crate::shared::export::items($list(db.read(), by, &query).await?)
                })
            },
        }
    };
}

/// A query as a list takes it.
pub fn params<T: ParseFromJSON>(query: Value) -> Result<Params<T>> {
    let value = T::parse_from_json(Some(query))
        .map_err(|error| Error::rule(Code::RuleViolated, "/filter", error.into_message()))?;
    Ok(Params { value, filter: "export".to_owned() })
}

pub fn items<T: Serialize + ParseFromJSON + ToJSON + Send + Sync>(page: Page<T>) -> Result<Items> {
    let data = page.data.iter().map(serde_json::to_value).collect::<Result<_, _>>().map_err(Error::internal)?;
    Ok(Items { data, next_cursor: page.next_cursor })
}

/// The filter, if the list takes it: what it may hold is what the query string of the list may hold.
pub fn check(contract: &Contract, source: &Source, filter: &Map<String, Value>) -> Result<()> {
    let mut wrong = contract.check(&(source.query)(), &Value::Object(filter.clone()));
    for name in ["cursor", "limit", "count", "expand"].iter().filter(|name| filter.contains_key(**name)) {
        wrong.push(crate::shared::error::FieldError {
            pointer: Some(format!("#/{name}")),
            code: "unknown_member".to_owned(),
            detail: "An export is always whole.".to_owned(),
            ..Default::default()
        });
    }
    if wrong.is_empty() {
        return Ok(());
    }
    for field in &mut wrong {
        field.pointer = field.pointer.take().map(|at| at.replacen('#', "#/filter", 1));
    }
    Err(Error::new(Code::RuleViolated, format!("The list of {} takes no such filter.", source.kind)).fields(wrong))
}
