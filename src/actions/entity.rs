//! The tables of actions.

use super::types::{ActionAbandonment, ActionClaim, ActionEffect, ActionSignature, ActionStatus, ActionTerms};
use crate::agreements::{Side, seen_by};
use crate::shared::auth::By;
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, ActionId, AgreementId, PersonId, PromiseId, SupplierId};
use crate::shared::stats::Rate;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "action")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActionId,
    pub agreement_id: AgreementId,
    pub supplier_id: SupplierId,
    pub status: ActionStatus,
    pub status_reason: Option<String>,
    /// The number of the proposal that stands, and whose it is.
    pub proposal: i64,
    pub proposed_by: Side,
    #[sea_orm(column_type = "JsonBinary")]
    pub terms: Stored<ActionTerms>,
    /// Of the terms, repeated for lists and references.
    pub side: Side,
    pub owner_id: Option<AccountId>,
    pub person_id: Option<PersonId>,
    pub promise_id: Option<PromiseId>,
    pub due_on: Date,
    #[sea_orm(column_type = "JsonBinary")]
    pub signatures: Stored<Vec<ActionSignature>>,
    pub accepted_on: Option<Date>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub baseline: Option<Stored<Rate>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub claim: Option<Stored<ActionClaim>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub effect: Option<Stored<ActionEffect>>,
    #[sea_orm(column_type = "JsonBinary")]
    pub abandonments: Stored<Vec<ActionAbandonment>>,
    pub ended_on: Option<Date>,
    pub created_by: Option<AccountId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of actions starts: those of agreements that the caller sees.
    pub fn visible(by: &By) -> Select<Entity> {
        Entity::find().filter(seen_by(by, Column::AgreementId))
    }
}

impl Model {
    /// With these terms, and what is repeated of them.
    pub fn with(self, terms: ActionTerms) -> Self {
        let ActionTerms { side, owner_id, person_id, due_on, .. } = terms;
        Self { side, owner_id, person_id, due_on, promise_id: terms.metric.promise_id, terms: Stored(terms), ..self }
    }
}

/// Everything that was ever proposed.
pub mod proposal {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "action_proposal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub action_id: ActionId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub proposed_by: Side,
        #[sea_orm(column_type = "JsonBinary")]
        pub terms: Stored<ActionTerms>,
        pub note: Option<String>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
