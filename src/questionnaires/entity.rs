//! The tables of questionnaires.

use super::types::{QuestionnaireStatus, QuestionnaireTerms};
use crate::shared::db::Stored;
use crate::shared::id::QuestionnaireId;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "questionnaire")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuestionnaireId,
    pub name: String,
    /// The name, folded and cut, as bytes: sorts alike on both databases.
    pub sort_key: Vec<u8>,
    pub status: QuestionnaireStatus,
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
    #[sea_orm(table_name = "questionnaire_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub questionnaire_id: QuestionnaireId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        #[sea_orm(column_type = "JsonBinary")]
        pub terms: Stored<QuestionnaireTerms>,
        pub published_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
