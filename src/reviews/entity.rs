//! The tables of reviews.

use super::types::{ClauseVerdict, Criterion, MissedBy, ResponseKind, ReviewGrade, ReviewOrigin, ReviewStatus, Ruling};
use crate::agreements::{Side, seen_by};
use crate::shared::auth::By;
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, ActionId, AgreementId, ExpectationId, PersonId, ReviewId, SupplierId};
use crate::shared::permission::reviews::Read;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewId,
    pub agreement_id: AgreementId,
    pub supplier_id: SupplierId,
    /// The version in force when it was called.
    pub version: i64,
    pub number: i64,
    pub origin: ReviewOrigin,
    /// The day of the cadence.
    pub planned_on: Option<Date>,
    pub instead_of_id: Option<ReviewId>,
    pub status: ReviewStatus,
    pub status_reason: Option<String>,
    pub missed_by: Option<MissedBy>,
    pub period_from: Date,
    pub period_to: Date,
    pub scheduled_on: Date,
    /// How often it was moved.
    pub moves: i64,
    pub ready_at: Option<Timestamp>,
    pub pack_hash: Option<Vec<u8>>,
    pub held_on: Option<Date>,
    /// When that was written down.
    pub held_at: Option<Timestamp>,
    pub ratings_locked_at: Option<Timestamp>,
    pub score: Option<f64>,
    pub grade: Option<ReviewGrade>,
    pub would_use_again: Option<bool>,
    pub would_use_again_reason: Option<String>,
    pub would_use_again_by: Option<Uuid>,
    pub respond_by: Option<Date>,
    pub response: Option<ResponseKind>,
    pub response_text: Option<String>,
    pub responded_by: Option<Uuid>,
    /// Whether staff responded for a supplier of which nobody can sign in.
    pub responded_on_behalf: Option<bool>,
    pub responded_at: Option<Timestamp>,
    pub ruling: Option<Ruling>,
    pub ruling_reason: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<Timestamp>,
    pub finalised_at: Option<Timestamp>,
    pub committed_at: Option<Timestamp>,
    /// What came out of it.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub action_ids: Option<Stored<Vec<ActionId>>>,
    pub closed_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of reviews starts: those of agreements that the caller sees. Whoever may not read reviews sees
    /// none.
    pub fn visible(by: &By) -> Select<Entity> {
        let seen = match by.caller.may::<Read>() {
            true => Condition::all().add(seen_by(by, Column::AgreementId)),
            false => Condition::all().add(Column::Id.is_null()),
        };
        Entity::find().filter(seen)
    }
}

/// Who takes part in a review.
pub mod attendee {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_attendee")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub review_id: ReviewId,
        pub side: Side,
        pub account_id: Option<AccountId>,
        pub person_id: Option<PersonId>,
        pub name: String,
        pub is_main_contact: bool,
        pub is_present: Option<bool>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was frozen for a review.
pub mod pack {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_pack")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub review_id: ReviewId,
        /// The JSON document, byte for byte.
        pub content: String,
        pub frozen_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What one rater says of one criterion; what is changed after a dispute is a row of the second round.
pub mod rating {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_rating")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub review_id: ReviewId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rater_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub criterion: Criterion,
        #[sea_orm(primary_key, auto_increment = false)]
        pub round: i64,
        /// The side of the rater: it rates the other one.
        pub side: Side,
        pub score: i64,
        pub narrative: Option<String>,
        pub reason: Option<String>,
        pub rated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a review says of a clause.
pub mod clause {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_expectation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub review_id: ReviewId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub expectation_id: ExpectationId,
        pub verdict: ClauseVerdict,
        pub proposal: Option<String>,
        pub said_by: Uuid,
        pub said_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
