//! Who may do what: the organisation, refresh tokens, the slow-down of failing sign-ins,
//! invitations, password resets, API keys, and the counter by which instances notice that rights
//! have changed.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000003_access"
    }
}

const TABLES: [&str; 7] =
    ["organization", "api_key", "password_reset", "invitation", "access_epoch", "sign_in_throttle", "refresh_token"];

/// Columns that existing tables gain.
const GAINED: [(&str, &str); 6] = [
    ("account", "disabled_by_staff"),
    ("history", "actor_supplier_id"),
    ("session", "last_used_at"),
    ("session", "user_agent"),
    ("session", "address"),
    ("account", "must_change_password"),
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "session", optional(instant("last_used_at"))).await?;
        add(manager, "session", optional(text("user_agent"))).await?;
        add(manager, "session", optional(text("address"))).await?;
        add(manager, "history", optional(uuid("actor_supplier_id"))).await?;
        add(manager, "account", flag("must_change_password").default(false).to_owned()).await?;
        add(manager, "account", flag("disabled_by_staff").default(false).to_owned()).await?;
        index(manager, "account", &["supplier_id", "id"], false).await?;
        sessions(manager).await?;
        invitations(manager).await?;
        api_keys(manager).await?;
        organization(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await?;
        manager
            .drop_index(Index::drop().name("account_supplier_id_id").table(Alias::new("account")).to_owned())
            .await?;
        for (table, column) in GAINED {
            let change = Table::alter().table(Alias::new(table)).drop_column(Alias::new(column)).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, mut column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(Alias::new(table)).add_column(&mut column).to_owned()).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let refresh_token = table("refresh_token")
        .col(bytes("digest").primary_key())
        .col(uuid("session_id"))
        .col(instant("expires_at"))
        .col(optional(instant("rotated_at")))
        .foreign_key(&mut references("refresh_token", "session_id", "session"))
        .to_owned();
    manager.create_table(refresh_token).await?;
    index(manager, "refresh_token", &["session_id"], false).await?;
    index(manager, "refresh_token", &["expires_at"], false).await?;

    let throttle = table("sign_in_throttle")
        .col(bytes("key").primary_key())
        .col(int("failures"))
        .col(instant("next_at"))
        .col(instant("updated_at"))
        .to_owned();
    manager.create_table(throttle).await?;
    index(manager, "sign_in_throttle", &["updated_at"], false).await?;

    let epoch = table("access_epoch").col(text("name").primary_key()).col(int("value")).to_owned();
    manager.create_table(epoch).await?;
    let first = Query::insert()
        .into_table(Alias::new("access_epoch"))
        .columns([Alias::new("name"), Alias::new("value")])
        .values_panic(["access".into(), 0.into()])
        .to_owned();
    manager.execute(first).await
}

async fn invitations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let roles = ["owner", "manager", "reviewer", "agent", "auditor", "supplier_admin", "supplier_user"];
    let invitation = table("invitation")
        .col(id())
        .col(text("email"))
        .col(one_of("role", &roles))
        .col(optional(uuid("supplier_id")))
        .col(int("round"))
        .col(instant("expires_at"))
        .col(optional(instant("accepted_at")))
        .col(optional(instant("revoked_at")))
        .col(optional(uuid("account_id")))
        .col(uuid("invited_by"))
        .foreign_key(&mut references("invitation", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut invitation.to_owned())).await?;
    index(manager, "invitation", &["supplier_id", "id"], false).await?;
    index(manager, "invitation", &["email"], false).await?;

    let reset = table("password_reset")
        .col(id())
        .col(uuid("account_id"))
        .col(instant("expires_at"))
        .col(optional(instant("used_at")))
        .foreign_key(&mut references("password_reset", "account_id", "account"))
        .to_owned();
    manager.create_table(reset).await?;
    index(manager, "password_reset", &["account_id"], false).await?;
    index(manager, "password_reset", &["expires_at"], false).await
}

async fn api_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let key = table("api_key")
        .col(id())
        .col(text("name"))
        .col(json("scopes"))
        .col(optional(uuid("supplier_id")))
        .col(json("allowed_cidrs"))
        .col(bytes("digest").unique_key())
        .col(text("last4"))
        .col(optional(bytes("previous_digest").unique_key().to_owned()))
        .col(optional(instant("previous_until")))
        .col(optional(instant("expires_at")))
        .col(optional(instant("revoked_at")))
        .col(optional(instant("last_used_at")))
        .col(optional(text("last_used_from")))
        .col(uuid("created_by"))
        .foreign_key(&mut references("api_key", "supplier_id", "supplier"))
        .to_owned();
    manager.create_table(tracked(&mut key.to_owned())).await?;
    index(manager, "api_key", &["supplier_id", "id"], false).await
}

async fn organization(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let organization = table("organization")
        .col(text("id").primary_key())
        .col(text("name"))
        .col(text("time_zone"))
        .col(text("language"))
        .col(optional(text("contact_email")))
        .to_owned();
    manager.create_table(tracked(&mut organization.to_owned())).await
}
