//! Files: what was uploaded as evidence. The bytes stand in the object store under `object_key`.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000009_files"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let file = table("file")
            .col(id())
            // Empty: the organisation's own.
            .col(optional(uuid("supplier_id")))
            .col(text("object_key"))
            .col(text("filename"))
            .col(text("media_type"))
            .col(int("size"))
            .col(text("sha256"))
            .col(one_of("status", &["pending_scan", "available", "rejected"]))
            .col(optional(date("effective_from")))
            .col(optional(date("effective_to")))
            // What it is attached to: a kind that a room registered, and the id.
            .col(optional(text("parent_kind")))
            .col(optional(uuid("parent_id")))
            .col(uuid("uploaded_by"))
            .col(optional(uuid("uploader_supplier_id")))
            .foreign_key(&mut references("file", "supplier_id", "supplier"))
            .to_owned();
        manager.create_table(tracked(&mut file.to_owned())).await?;
        index(manager, "file", &["object_key"], true).await?;
        index(manager, "file", &["supplier_id", "id"], false).await?;
        index(manager, "file", &["parent_id"], false).await?;
        index(manager, "file", &["updated_at"], false).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["file"]).await
    }
}
