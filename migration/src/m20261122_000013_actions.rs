//! Agreed improvements, with everything that was ever proposed about them.

use crate::column::*;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261122_000013_actions"
    }
}

const STATUSES: [&str; 8] = [
    "proposed",
    "withdrawn",
    "accepted",
    "in_progress",
    "claimed_done",
    "verified_effective",
    "not_effective",
    "abandoned",
];
const SIDES: [&str; 2] = ["us", "supplier"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let action = table("action")
            .col(id())
            .col(uuid("agreement_id"))
            .col(uuid("supplier_id"))
            .col(one_of("status", &STATUSES))
            .col(optional(text("status_reason")))
            // The number of the proposal that stands, and whose it is.
            .col(int("proposal"))
            .col(one_of("proposed_by", &SIDES))
            .col(json("terms"))
            // Of the terms, repeated for lists and references.
            .col(one_of("side", &SIDES))
            .col(optional(uuid("owner_id")))
            .col(optional(uuid("person_id")))
            .col(optional(uuid("promise_id")))
            .col(date("due_on"))
            .col(json("signatures"))
            .col(optional(date("accepted_on")))
            .col(optional(json("baseline")))
            .col(optional(json("claim")))
            .col(optional(json("effect")))
            .col(json("abandonments"))
            .col(optional(date("ended_on")))
            .col(optional(uuid("created_by")))
            .foreign_key(&mut references("action", "agreement_id", "agreement"))
            .foreign_key(&mut references("action", "supplier_id", "supplier"))
            .foreign_key(&mut references("action", "owner_id", "account"))
            .foreign_key(&mut references("action", "person_id", "person"))
            .foreign_key(&mut references("action", "promise_id", "promise"))
            .to_owned();
        manager.create_table(tracked(&mut action.to_owned())).await?;
        for column in ["agreement_id", "supplier_id", "owner_id", "person_id", "promise_id"] {
            index(manager, "action", &[column], false).await?;
        }

        let proposal = table("action_proposal")
            .col(uuid("action_id"))
            .col(int("number"))
            .col(one_of("proposed_by", &SIDES))
            .col(json("terms"))
            .col(optional(text("note")))
            .col(instant("created_at"))
            .primary_key(Index::create().col(Alias::new("action_id")).col(Alias::new("number")))
            .foreign_key(&mut references("action_proposal", "action_id", "action"))
            .to_owned();
        manager.create_table(proposal).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["action_proposal", "action"]).await
    }
}
