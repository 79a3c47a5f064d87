//! Lists by keyset. A cursor holds the sort key of the last row; it is signed, bound to the
//! filters it was made with, and valid for a day.

use crate::shared::auth::By;
use crate::shared::crypto::{mac, same, sha256_parts};
use crate::shared::db::Db;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{FromQueryResult, PartialModelTrait, QueryOrder, QuerySelect, Select, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What every list takes.
#[derive(Debug, Clone, Default, Object)]
pub struct Paging {
    /// How many items a page holds at most.
    #[oai(default = "default_limit", validator(minimum(value = "1"), maximum(value = "100")))]
    pub limit: u64,
    /// `next_cursor` of the page before. It works for 24 hours and only with the same filters.
    #[oai(validator(max_length = 512))]
    pub cursor: Option<String>,
    /// Whether to count all items that match; costs a second query.
    #[oai(default)]
    pub count: bool,
}

fn default_limit() -> u64 {
    25
}

/// One page of a list.
#[derive(Debug, Clone, Object, Serialize)]
pub struct Page<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// The items, in the order asked for.
    pub data: Vec<T>,
    /// Whether more items follow.
    pub has_more: bool,
    /// Pass it as `cursor` to read on; null on the last page.
    pub next_cursor: Option<String>,
    /// How many items match in all; null unless `count=true` was asked.
    pub total_count: Option<u64>,
}

impl<T: ParseFromJSON + ToJSON + Send + Sync> Page<T> {
    /// A page of rows as it is shown.
    pub fn of<M>(rows: Rows<M>, item: impl FnMut(M) -> T) -> Self {
        let Rows { data, next_cursor, total_count } = rows;
        Self { data: data.into_iter().map(item).collect(), has_more: next_cursor.is_some(), next_cursor, total_count }
    }

    pub fn map<U: ParseFromJSON + ToJSON + Send + Sync>(self, item: impl FnMut(T) -> U) -> Page<U> {
        let Self { data, has_more, next_cursor, total_count } = self;
        Page { data: data.into_iter().map(item).collect(), has_more, next_cursor, total_count }
    }

    /// A page whose items, in the same order, are made of more than the rows.
    pub fn with<M>(rows: Rows<M>, data: Vec<T>) -> Self {
        let Rows { next_cursor, total_count, .. } = rows;
        Self { data, has_more: next_cursor.is_some(), next_cursor, total_count }
    }

    /// A list that is never longer than a page.
    pub fn whole(data: Vec<T>) -> Self {
        Self { data, has_more: false, next_cursor: None, total_count: None }
    }
}

/// The rows of one page, as they were read.
pub struct Rows<M> {
    pub data: Vec<M>,
    next_cursor: Option<String>,
    total_count: Option<u64>,
}

/// Where a row stands in the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Folded(String),
    At(Timestamp),
    Id(Uuid),
    Number(i64),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Folded(text) => text.into_bytes().into(),
            Key::At(at) => at.into(),
            Key::Id(id) => id.into(),
            Key::Number(number) => number.into(),
        }
    }
}

/// An order: the column, its direction, and where a read row stands in it. The id always breaks
/// ties.
pub struct Order<C, M> {
    pub column: C,
    pub id: C,
    pub descending: bool,
    pub key: fn(&M) -> (Key, Uuid),
}

/// Sort key and id of the last row, and when the cursor was made.
#[derive(Serialize, Deserialize)]
struct Cursor {
    k: Key,
    i: Uuid,
    t: Timestamp,
}

/// Reads one page of `select` in the given order.
pub async fn rows<E, M>(
    db: &impl ConnectionTrait,
    by: &By,
    select: Select<E>,
    order: Order<E::Column, M>,
    paging: &Paging,
    filter: &str,
) -> Result<Rows<M>>
where
    E: EntityTrait<Model: FromQueryResult + Sized + Send + Sync>,
    M: PartialModelTrait,
{
    let total_count = count(db, &select, paging).await?;
    let select = on_page(by, select, &order, paging, filter)?;
    let data = select.into_partial_model::<M>().all(db).await?;
    Ok(cut(by, data, |row| (order.key)(row), total_count, paging, filter))
}

/// The same, with rows from memory as far as they were read before; `read` reads the others by their ids. `None` when
/// they have to be read as a whole.
pub async fn hot_rows<E, M, F>(
    db: &Db,
    by: &By,
    select: Select<E>,
    order: Order<E::Column, M>,
    (paging, filter): (&Paging, &str),
    read: impl FnOnce(Vec<Uuid>) -> F,
) -> Result<Option<Rows<Arc<M>>>>
where
    E: EntityTrait<Model: FromQueryResult + Sized + Send + Sync>,
    M: Send + Sync + 'static,
    F: Future<Output = Result<Vec<M>>>,
{
    let total_count = count(db.read(), &select, paging).await?;
    let ids = on_page(by, select, &order, paging, filter)?.select_only().column(order.id);
    let find = async { Ok(ids.into_tuple::<Uuid>().all(db.read()).await?) };
    let found = db.hot_rows((E::default(), by.scope), find, read, |row| (order.key)(row).1).await?;
    Ok(found.map(|data| cut(by, data, |row| (order.key)(row), total_count, paging, filter)))
}

async fn count<E>(db: &impl ConnectionTrait, select: &Select<E>, paging: &Paging) -> Result<Option<u64>>
where
    E: EntityTrait<Model: FromQueryResult + Sized + Send + Sync>,
{
    Ok(match paging.count {
        true => Some(select.clone().count(db).await?),
        false => None,
    })
}

/// What is on the page, and one row more, which tells whether others follow.
fn on_page<E: EntityTrait, M>(
    by: &By,
    mut select: Select<E>,
    order: &Order<E::Column, M>,
    paging: &Paging,
    filter: &str,
) -> Result<Select<E>> {
    if let Some(cursor) = &paging.cursor {
        let after = read(by, cursor, filter)?;
        let row = Expr::tuple([order.column.into_expr(), order.id.into_expr()]);
        let last = Expr::tuple([Expr::value(after.k), Expr::value(after.i)]);
        select = select.filter(if order.descending { row.lt(last) } else { row.gt(last) });
    }
    let direction = if order.descending { sea_orm::Order::Desc } else { sea_orm::Order::Asc };
    let select = select.order_by(order.column, direction.clone()).order_by(order.id, direction);
    Ok(select.limit(paging.limit + 1))
}

fn cut<M>(
    by: &By,
    mut data: Vec<M>,
    key: impl Fn(&M) -> (Key, Uuid),
    total_count: Option<u64>,
    paging: &Paging,
    filter: &str,
) -> Rows<M> {
    let has_more = data.len() as u64 > paging.limit;
    data.truncate(usize::try_from(paging.limit).unwrap_or(100));
    let next_cursor = data.last().filter(|_| has_more).map(|last| write(by, key(last), filter));
    Rows { data, next_cursor, total_count }
}

/// One page of a list that was made here as a whole: in the order of its keys, lowest first.
pub fn page_of<T: ParseFromJSON + ToJSON + Send + Sync>(
    by: &By,
    mut items: Vec<T>,
    key: impl Fn(&T) -> (i64, Uuid),
    paging: &Paging,
    filter: &str,
) -> Result<Page<T>> {
    let total_count = paging.count.then_some(items.len() as u64);
    items.sort_by_key(&key);
    if let Some(cursor) = &paging.cursor {
        let after = read(by, cursor, filter)?;
        let Key::Number(number) = after.k else {
            return Err(not_usable());
        };
        items.retain(|item| key(item) > (number, after.i));
    }
    let has_more = items.len() as u64 > paging.limit;
    items.truncate(usize::try_from(paging.limit).unwrap_or(100));
    let place = |item: &T| (Key::Number(key(item).0), key(item).1);
    let next_cursor = items.last().filter(|_| has_more).map(|last| write(by, place(last), filter));
    Ok(Page { data: items, has_more, next_cursor, total_count })
}

fn write(by: &By, (k, i): (Key, Uuid), filter: &str) -> String {
    let cursor = Cursor { k, i, t: by.clock.now() };
    let content = BASE64.encode(serde_json::to_vec(&cursor).expect("a cursor is plain JSON"));
    let signature = BASE64.encode(signature(by, &content, filter));
    format!("{content}.{signature}")
}

fn read(by: &By, cursor: &str, filter: &str) -> Result<Cursor> {
    let known = || -> Option<Cursor> {
        let (content, given) = cursor.split_once('.')?;
        if !same(&signature(by, content, filter), &BASE64.decode(given).ok()?) {
            return None;
        }
        let cursor: Cursor = serde_json::from_slice(&BASE64.decode(content).ok()?).ok()?;
        (by.clock.now() < cursor.t.plus(TimeDelta::hours(24))).then_some(cursor)
    };
    known().ok_or_else(not_usable)
}

fn not_usable() -> Error {
    let detail = "It is edited, older than 24 hours, or from a list with other filters.".to_owned();
    let field = FieldError {
        parameter: Some("cursor".to_owned()),
        code: "invalid".to_owned(),
        detail: detail.clone(),
        ..FieldError::default()
    };
    Error::new(Code::InvalidCursor, detail).fields(vec![field])
}

fn signature(by: &By, content: &str, filter: &str) -> Vec<u8> {
    let bound = sha256_parts(&[content.as_bytes(), filter.as_bytes(), by.scope.as_bytes()]);
    mac(by.gate.keys().cursor_key(), &bound)[..16].to_vec()
}
