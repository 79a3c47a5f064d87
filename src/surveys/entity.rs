//! The tables of surveys and links.

use super::types::{Channel, Instrument, RespondentKind, Stage, SurveyItem, SurveyStatus, SurveyTerms};
use crate::shared::db::Stored;
use crate::shared::id::{AgreementId, PersonId, SupplierId, SurveyId, SurveyLinkId};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "survey")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SurveyId,
    pub name: String,
    /// The name, folded and cut, as bytes: sorts alike on both databases.
    pub sort_key: Vec<u8>,
    pub instrument: Instrument,
    pub status: SurveyStatus,
    /// The latest published version.
    pub version: Option<i64>,
    /// The version that is being written.
    pub draft_version: Option<i64>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is asked, in numbered versions.
pub mod version {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "survey_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub survey_id: SurveyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        #[sea_orm(column_type = "JsonBinary")]
        pub terms: Stored<SurveyTerms>,
        pub published_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Items as they were first published: what a key means for ever.
pub mod item {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "survey_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub survey_id: SurveyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub content: Stored<SurveyItem>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Links under which a survey is answered.
pub mod link {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "survey_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SurveyLinkId,
        pub survey_id: SurveyId,
        pub agreement_id: Option<AgreementId>,
        pub supplier_id: SupplierId,
        pub person_id: Option<PersonId>,
        pub job_ref: Option<String>,
        pub customer_ref: Option<String>,
        pub respondent_kind: RespondentKind,
        pub stage: Option<Stage>,
        pub channel: Channel,
        pub language: Option<Language>,
        pub max_uses: i64,
        pub uses: i64,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        /// The day on which it counts as an invitation.
        pub day: Date,
        pub slot: i64,
        pub created_by: Option<Uuid>,
        pub revision: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Links for one answer, by the day on which they were made.
pub mod link_tally {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "survey_link_tally")]
    pub struct Model {
        /// The agreement, or the supplier when it is about none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub base_id: Uuid,
        /// The base itself, or a person within it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        #[sea_orm(primary_key, auto_increment = false)]
        pub survey_id: SurveyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: i64,
        pub invited: i64,
        pub answered: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
