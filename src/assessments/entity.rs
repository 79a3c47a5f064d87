//! The tables of assessments.

use super::types::{AnswerVerdict, AssessmentStatus};
use crate::agreements::Entity as Agreements;
use crate::questionnaires::Given;
use crate::shared::auth::{By, Scope};
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, AssessmentId, FileId, QuestionnaireId, SupplierId};
use crate::shared::permission::{Role, assessments::Read};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryFilter, QuerySelect, QueryTrait, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssessmentId,
    pub questionnaire_id: QuestionnaireId,
    pub version: i64,
    pub supplier_id: SupplierId,
    pub status: AssessmentStatus,
    pub status_reason: Option<String>,
    pub period_from: Date,
    pub period_to: Date,
    pub due_on: Date,
    pub extended_from: Option<Date>,
    pub expires_on: Date,
    /// The last accepted one of the same questionnaire and supplier.
    pub previous_id: Option<AssessmentId>,
    pub repeats_every_months: Option<i64>,
    /// When the next one is assigned.
    pub repeats_on: Option<Date>,
    pub assigned_by: Option<AccountId>,
    pub attested_name: Option<String>,
    pub attested_position: Option<String>,
    pub attested_statement: Option<String>,
    pub attested_by: Option<Uuid>,
    pub submitted_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub self_score: Option<f64>,
    pub verified_score: Option<f64>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of assessments starts: suppliers see their own, reviewers those of suppliers with an
    /// agreement of theirs, and whoever may not read assessments none.
    pub fn visible(by: &By) -> Select<Entity> {
        let seen = match by.scope {
            _ if !by.caller.may::<Read>() => Condition::any().add(Column::Id.is_null()),
            Scope::Everything if by.caller.is(Role::Reviewer) => {
                type Of = <Agreements as EntityTrait>::Column;
                let theirs = Agreements::visible(by).select_only().column(Of::SupplierId).into_query();
                Condition::all().add(Column::SupplierId.in_subquery(theirs))
            }
            scope => scope.on(Column::SupplierId),
        };
        Entity::find().filter(seen)
    }
}

/// What stands at a question; no row where nothing was ever said.
pub mod answer {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub assessment_id: AssessmentId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub question: String,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub given: Option<Stored<Given>>,
        pub not_applicable_reason: Option<String>,
        pub note: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub evidence: Stored<Vec<FileId>>,
        /// Taken over from the assessment before, and not touched since.
        pub is_prefilled: bool,
        pub answered_by: Option<Uuid>,
        pub answered_at: Timestamp,
        pub verdict: AnswerVerdict,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub adjusted: Option<Stored<Given>>,
        pub reason: Option<String>,
        pub verified_by: Option<Uuid>,
        pub verified_at: Option<Timestamp>,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
