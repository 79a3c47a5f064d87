//! Suppliers and what cannot exist without one: legal ids, tags, notes, people, credentials.
//!
//! A supplier's lists (legal ids, categories, regions) live as JSON in its own row, so that one
//! read of one row gives the whole supplier. `supplier_legal_id` and `supplier_tag` repeat them
//! for uniqueness and filters and are written in the same transaction.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261121_000002_suppliers"
    }
}

const TABLES: [&str; 6] = ["credential", "person", "supplier_note", "supplier_tag", "supplier_legal_id", "supplier"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        supplier(manager).await?;
        details(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

async fn supplier(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let states = ["prospect", "candidate", "qualified", "active", "suspended", "exiting", "exited", "rejected"];
    let supplier = table("supplier")
        .col(id())
        .col(one_of("kind", &["company", "individual", "internal_unit"]))
        .col(text("name"))
        .col(bytes("name_key"))
        .col(one_of("status", &states))
        .col(optional(text("external_id").unique_key().to_owned()))
        .col(json("legal_ids"))
        .col(json("categories"))
        .col(json("regions"))
        .col(optional(json("address")))
        .col(flag("customer_facing"))
        .col(optional(uuid("parent_id")))
        .foreign_key(&mut references("supplier", "parent_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut supplier.to_owned())).await?;
    index(manager, "supplier", &["name_key", "id"], false).await?;
    index(manager, "supplier", &["created_at", "id"], false).await?;
    index(manager, "supplier", &["status", "name_key", "id"], false).await?;
    index(manager, "supplier", &["parent_id"], false).await?;

    let legal_id = table("supplier_legal_id")
        .col(text("scheme"))
        .col(text("value"))
        .col(uuid("supplier_id"))
        .primary_key(Index::create().col(Alias::new("scheme")).col(Alias::new("value")))
        .foreign_key(&mut references("supplier_legal_id", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(legal_id).await?;
    index(manager, "supplier_legal_id", &["supplier_id"], false).await?;

    let tag = table("supplier_tag")
        .col(one_of("kind", &["category", "region"]))
        .col(text("value"))
        .col(uuid("supplier_id"))
        .primary_key(Index::create().col(Alias::new("kind")).col(Alias::new("value")).col(Alias::new("supplier_id")))
        .foreign_key(&mut references("supplier_tag", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tag).await?;
    index(manager, "supplier_tag", &["supplier_id"], false).await
}

async fn details(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let note = table("supplier_note")
        .col(id())
        .col(uuid("supplier_id"))
        .col(text("text"))
        .col(uuid("author_id"))
        .foreign_key(&mut references("supplier_note", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut note.to_owned())).await?;
    index(manager, "supplier_note", &["supplier_id", "id"], false).await?;

    let person = table("person")
        .col(id())
        .col(uuid("supplier_id"))
        .col(text("name"))
        .col(json("roles"))
        .col(optional(text("email")))
        .col(optional(text("phone")))
        .col(optional(text("language")))
        .col(optional(text("reachable")))
        .foreign_key(&mut references("person", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut person.to_owned())).await?;
    index(manager, "person", &["supplier_id", "id"], false).await?;

    let credential = table("credential")
        .col(id())
        .col(uuid("supplier_id"))
        .col(text("type"))
        .col(text("number"))
        .col(text("issuer"))
        .col(optional(date("valid_from")))
        .col(optional(date("valid_to")))
        .col(one_of("status", &["submitted", "verified", "rejected", "revoked"]))
        .col(optional(text("status_reason")))
        .col(optional(uuid("decided_by")))
        .col(optional(instant("decided_at")))
        .foreign_key(&mut references("credential", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut credential.to_owned())).await?;
    index(manager, "credential", &["supplier_id", "id"], false).await
}
