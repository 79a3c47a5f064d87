//! Full-text search: an index of folded words, the same table and the same query on both
//! databases, so that both find the same. Every word of the question must begin some word of the
//! resource. (SQLite's FTS5 ties rows to row ids that VACUUM may change, and PostgreSQL's
//! dictionaries stem differently; neither is needed to find names and numbers.)

use crate::shared::auth::Scope;
use crate::shared::db::{Txn, insert_all};
use crate::shared::error::Result;
use crate::shared::text;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{Condition, Set};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_word")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub word: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const MOST_ASKED: usize = 8;

/// Replaces the words under which `resource` is found.
pub async fn index(txn: &Txn, kind: &str, resource: Uuid, texts: &str, is_new: bool) -> Result<()> {
    if !is_new {
        forget(txn, resource).await?;
    }
    index_new(txn, kind, vec![(resource, texts.to_owned())]).await
}

/// The words of resources that had none before.
pub async fn index_new(txn: &Txn, kind: &str, texts: Vec<(Uuid, String)>) -> Result<()> {
    let mut rows = Vec::new();
    for (resource, texts) in texts {
        rows.extend(text::words(&texts).into_iter().map(|word| ActiveModel {
            kind: Set(kind.to_owned()),
            word: Set(word.into_bytes()),
            resource_id: Set(resource),
        }));
    }
    insert_all(txn, rows).await
}

pub async fn forget(txn: &Txn, resource: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::ResourceId.eq(resource)).exec(txn).await?;
    Ok(())
}

/// The condition under which a row whose id stands in `id` matches the question. A supplier's
/// question looks at its own words only: how long it takes tells nothing about others.
pub fn matching(kind: &str, id: impl ColumnTrait, scope: Scope, question: &str) -> Condition {
    let mut words = text::words(question);
    words.truncate(MOST_ASKED);
    if words.is_empty() {
        return Condition::all().add(id.is_null());
    }
    words.into_iter().fold(Condition::all(), |all, word| all.add(id.in_subquery(having(kind, scope, word))))
}

fn having(kind: &str, scope: Scope, word: String) -> SelectStatement {
    let from = word.into_bytes();
    let mut to = from.clone();
    to.push(0xff);
    Query::select()
        .column(Column::ResourceId)
        .from(Entity)
        .and_where(Column::Kind.eq(kind))
        .and_where(Column::Word.gte(from))
        .and_where(Column::Word.lt(to))
        .cond_where(scope.on(Column::ResourceId))
        .to_owned()
}
