//! What higher rooms do with files.

use super::entity::{Column, Entity, Model};
use super::types::{FileFacts, FileStatus};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{FileId, SupplierId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Attaches files to a thing of a kind that was registered (`shared::owner`): the caller sees them, they belong to
/// the same supplier (`None`: to the organisation), hang on nothing else and are not infected. What is wrong is told
/// of `/file_ids/0` and so on. In the order of `files`.
pub async fn attach(
    txn: &Txn,
    by: &By,
    parent_kind: &str,
    parent_id: Uuid,
    supplier: impl Into<Option<SupplierId>>,
    files: &[FileId],
) -> Result<Vec<FileFacts>> {
    let supplier = supplier.into();
    let of_these = Entity::visible(by).filter(Column::Id.is_in(files.iter().copied()));
    let rows = of_these.order_by_asc(Column::Id).lock_exclusive().all(txn).await?;
    let is_here =
        |row: &Model| row.parent().is_some_and(|parent| (&*parent.kind, parent.id) == (parent_kind, parent_id));
    let mut found = Vec::new();
    for (place, id) in files.iter().enumerate() {
        let refuse = |code, detail| Err(Error::rule(code, &format!("/file_ids/{place}"), detail));
        match rows.iter().find(|row| row.id == *id && row.supplier_id == supplier) {
            None => return refuse(Code::InvalidReference, "There is no such file of this supplier."),
            Some(row) if row.parent_id.is_some() && !is_here(row) => {
                return refuse(Code::InvalidReference, "It is attached to something else.");
            }
            Some(row) if row.status == FileStatus::Rejected => {
                return refuse(Code::FileInfected, "The scanner found something in it.");
            }
            Some(row) => found.push(row.clone().into()),
        }
    }
    let loose = rows.iter().filter(|row| row.parent_id.is_none()).map(|row| row.id);
    Entity::update_many()
        .col_expr(Column::ParentKind, Expr::value(parent_kind))
        .col_expr(Column::ParentId, Expr::value(parent_id))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(by.clock.now()))
        .filter(Column::Id.is_in(loose))
        .exec(txn)
        .await?;
    Ok(found)
}

/// Lets go of files: from now on they hang on nothing, and are gone after seven days. Those that were not attached
/// there stay as they are.
pub async fn detach(txn: &Txn, by: &By, parent_kind: &str, parent_id: Uuid, files: &[FileId]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ParentKind, Expr::value(None::<String>))
        .col_expr(Column::ParentId, Expr::value(None::<Uuid>))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(by.clock.now()))
        .filter(Column::Id.is_in(files.iter().copied()))
        .filter(Column::ParentKind.eq(parent_kind))
        .filter(Column::ParentId.eq(parent_id))
        .exec(txn)
        .await?;
    Ok(())
}

/// What is to be shown of files, for whoever may read what they are attached to. In no order.
pub async fn facts(db: &impl ConnectionTrait, files: &[FileId]) -> Result<Vec<FileFacts>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(Column::Id.is_in(files.iter().copied())).all(db).await?;
    Ok(rows.into_iter().map(FileFacts::from).collect())
}
