//! Imports and exports, the files they are about, and which import a row came from.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

const TABLES: [&str; 4] = ["spool", "export", "import_row", "import"];
/// What an import makes, besides commitments, which carry it from the start.
const MARKED: [&str; 2] = ["supplier", "person"];

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000007_imports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        imports(manager).await?;
        exports(manager).await?;
        for name in MARKED {
            let mut column = optional(uuid("import_id"));
            let change = Table::alter().table(Alias::new(name)).add_column(&mut column).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in MARKED {
            let change = Table::alter().table(Alias::new(name)).drop_column(Alias::new("import_id")).to_owned();
            manager.alter_table(change).await?;
        }
        drop(manager, &TABLES).await
    }
}

async fn imports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let import = table("import")
        .col(id())
        .col(text("kind"))
        .col(one_of("format", &["csv", "ndjson"]))
        .col(one_of("mode", &["create", "upsert"]))
        .col(one_of("on_error", &["abort", "continue"]))
        .col(flag("dry_run"))
        .col(one_of("status", &["queued", "running", "succeeded", "failed", "cancelled"]))
        .col(uuid("job_id"))
        .col(text("ordered_by_kind"))
        .col(uuid("ordered_by"))
        .col(int("bytes"))
        .col(int("rows_done"))
        .col(int("rows_created"))
        .col(int("rows_updated"))
        .col(int("rows_unchanged"))
        .col(int("rows_failed"))
        .col(optional(json("error")))
        .col(optional(instant("finished_at")))
        .to_owned();
    manager.create_table(tracked(&mut import.to_owned())).await?;
    index(manager, "import", &["ordered_by", "id"], false).await?;
    index(manager, "import", &["status"], false).await?;

    let row = table("import_row")
        .col(uuid("import_id"))
        .col(int("number"))
        .col(optional(text("external_id")))
        .col(json("problem"))
        .primary_key(Index::create().col(Alias::new("import_id")).col(Alias::new("number")))
        .foreign_key(&mut references("import_row", "import_id", "import"))
        .to_owned();
    manager.create_table(row).await
}

async fn exports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let export = table("export")
        .col(id())
        .col(text("kind"))
        .col(one_of("format", &["csv", "ndjson"]))
        .col(json("filter"))
        .col(one_of("status", &["queued", "running", "succeeded", "failed", "cancelled"]))
        .col(uuid("job_id"))
        .col(text("ordered_by_kind"))
        .col(uuid("ordered_by"))
        .col(optional(uuid("supplier_id")))
        .col(optional(int("rows")))
        .col(optional(int("bytes")))
        .col(optional(instant("finished_at")))
        .col(instant("expires_at"))
        .to_owned();
    manager.create_table(tracked(&mut export.to_owned())).await?;
    index(manager, "export", &["ordered_by", "id"], false).await?;
    index(manager, "export", &["expires_at"], false).await?;

    // What is uploaded or made, in parts: any instance can go on with it.
    let spool = table("spool")
        .col(uuid("owner_id"))
        .col(int("position"))
        .col(bytes("content"))
        .col(instant("created_at"))
        .primary_key(Index::create().col(Alias::new("owner_id")).col(Alias::new("position")))
        .to_owned();
    manager.create_table(spool).await?;
    index(manager, "spool", &["created_at"], false).await
}
