//! What every room stands on: keys, accounts, sessions, history and its seal, idempotency keys,
//! jobs, schedules, the word index of full-text search.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261121_000001_foundation"
    }
}

const TABLES: [&str; 10] = [
    "search_word",
    "schedule",
    "job",
    "idempotency_key",
    "audit_seal",
    "audit_pending",
    "history",
    "session",
    "account",
    "signing_key",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        history(manager).await?;
        work(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let keys = table("signing_key")
        .col(text("id").primary_key())
        .col(one_of("purpose", &["token", "cursor"]))
        .col(bytes("sealed_secret"))
        .col(instant("created_at"))
        .to_owned();
    manager.create_table(keys).await?;

    let roles = ["owner", "manager", "reviewer", "agent", "auditor", "supplier_admin", "supplier_user"];
    let account = table("account")
        .col(id())
        .col(text("email").unique_key())
        .col(text("name"))
        .col(text("password_hash"))
        .col(one_of("role", &roles))
        .col(optional(uuid("supplier_id")))
        .col(optional(instant("disabled_at")))
        .to_owned();
    manager.create_table(tracked(&mut account.to_owned())).await?;

    let session = table("session")
        .col(id())
        .col(uuid("account_id"))
        .col(instant("created_at"))
        .col(instant("expires_at"))
        .col(optional(instant("revoked_at")))
        .foreign_key(&mut references("session", "account_id", "account"))
        .to_owned();
    manager.create_table(session).await?;
    index(manager, "session", &["account_id"], false).await
}

async fn history(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let history = table("history")
        .col(id())
        .col(instant("at"))
        .col(text("actor_type"))
        .col(optional(uuid("actor_id")))
        .col(text("action"))
        .col(text("resource_type"))
        .col(optional(uuid("resource_id")))
        .col(optional(uuid("supplier_id")))
        .col(text("request_id"))
        .col(optional(text("content")))
        .col(optional(bytes("salt")))
        .col(bytes("content_digest"))
        .to_owned();
    manager.create_table(history).await?;
    index(manager, "history", &["resource_id", "id"], false).await?;
    index(manager, "history", &["actor_id", "id"], false).await?;
    index(manager, "history", &["supplier_id", "id"], false).await?;

    let pending = table("audit_pending").col(uuid("event_id").primary_key()).to_owned();
    manager.create_table(pending).await?;

    let seal = table("audit_seal")
        .col(int("position").primary_key())
        .col(uuid("event_id").unique_key())
        .col(bytes("digest"))
        .col(bytes("prev_digest"))
        .to_owned();
    manager.create_table(seal).await
}

async fn work(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let key = table("idempotency_key")
        .col(bytes("scope").primary_key())
        .col(bytes("fingerprint"))
        .col(optional(text("outcome")))
        .col(instant("created_at"))
        .to_owned();
    manager.create_table(key).await?;
    index(manager, "idempotency_key", &["created_at"], false).await?;

    let job = table("job")
        .col(id())
        .col(text("kind"))
        .col(json("payload"))
        .col(one_of("status", &["queued", "running", "succeeded", "failed", "cancelled"]))
        .col(instant("run_at"))
        .col(int("attempt"))
        .col(int("max_attempts"))
        .col(optional(instant("lease_until")))
        .col(optional(uuid("lease_token")))
        .col(optional(text("dedupe_key").unique_key().to_owned()))
        .col(int("progress_done"))
        .col(optional(int("progress_total")))
        .col(optional(json("result")))
        .col(optional(json("error")))
        .col(optional(uuid("created_by")))
        .col(optional(uuid("supplier_id")))
        .col(optional(instant("started_at")))
        .col(optional(instant("finished_at")))
        .to_owned();
    manager.create_table(tracked(&mut job.to_owned())).await?;
    index(manager, "job", &["status", "run_at"], false).await?;
    index(manager, "job", &["finished_at"], false).await?;

    let schedule = table("schedule").col(text("name").primary_key()).col(instant("next_at")).to_owned();
    manager.create_table(schedule).await?;

    let word = table("search_word")
        .col(text("kind"))
        .col(bytes("word"))
        .col(uuid("resource_id"))
        .primary_key(Index::create().col(Alias::new("kind")).col(Alias::new("word")).col(Alias::new("resource_id")))
        .to_owned();
    manager.create_table(word).await?;
    index(manager, "search_word", &["resource_id"], false).await
}
