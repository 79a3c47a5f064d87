//! The tables of feedback, its tallies and follow-ups.

use super::types::{Answer, FeedbackStatus, FollowUpStatus, Importance, QuarantineReason};
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, AgreementId, FeedbackId, ImportId, PersonId, SupplierId, SurveyId, SurveyLinkId};
use crate::shared::text::Email;
use crate::shared::time::Timestamp;
use crate::suppliers::{ExternalId, Phone};
use crate::surveys::{Channel, RespondentKind, Stage};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "feedback")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FeedbackId,
    pub survey_id: SurveyId,
    pub survey_version: i64,
    pub link_id: Option<SurveyLinkId>,
    pub agreement_id: Option<AgreementId>,
    pub supplier_id: SupplierId,
    pub person_id: Option<PersonId>,
    pub job_ref: Option<String>,
    pub customer_ref: Option<String>,
    pub respondent_kind: RespondentKind,
    pub stage: Option<Stage>,
    pub channel: Channel,
    pub language: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub answers: Stored<Vec<Answer>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub importance: Option<Stored<Importance>>,
    pub comment: Option<String>,
    pub is_comment_shared: bool,
    pub compliment: Option<String>,
    pub complimented_id: Option<PersonId>,
    pub contact_name: Option<String>,
    pub contact_email: Option<Email>,
    pub contact_phone: Option<Phone>,
    /// Satisfaction of 1-2, or detractor; none when neither was asked and answered.
    pub is_unhappy: Option<bool>,
    pub status: FeedbackStatus,
    pub quarantine_reason: Option<QuarantineReason>,
    pub is_hidden: bool,
    pub erased_at: Option<Timestamp>,
    pub answered_at: Timestamp,
    /// The day on which it counts: of `answered_at` in the organisation's zone when it was recorded.
    pub day: Date,
    pub slot: i64,
    pub receipt: Option<String>,
    pub external_id: Option<ExternalId>,
    pub supersedes_id: Option<FeedbackId>,
    pub superseded_by_id: Option<FeedbackId>,
    pub import_id: Option<ImportId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is counted in a table of tallies.
macro_rules! counted {
    () => {
        /// What is counted: everything that is no key.
        pub const COUNTED: [Column; 16] = [
            Column::N,
            Column::Total,
            Column::Squares,
            Column::Expected,
            Column::Lived,
            Column::C0,
            Column::C1,
            Column::C2,
            Column::C3,
            Column::C4,
            Column::C5,
            Column::C6,
            Column::C7,
            Column::C8,
            Column::C9,
            Column::C10,
        ];
    };
}

/// Answers by day, and by month, item and slot: what numbers are read from.
pub mod tally {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_tally")]
    pub struct Model {
        /// The agreement, or the supplier for what belongs to none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub base_id: Uuid,
        /// The base itself, or a person within it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_id: Uuid,
        /// One day, or the whole month that begins on it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub is_month: bool,
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        /// What was answered: the key of an item, or one of those that `rules` names with a colon.
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub survey_id: SurveyId,
        /// 0 for none, else 1 to 3.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stage: i64,
        /// Whether internal customers answered.
        #[sea_orm(primary_key, auto_increment = false)]
        pub is_internal: bool,
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: i64,
        pub n: i64,
        /// In millionths, as the next three.
        pub total: i64,
        pub squares: i64,
        pub expected: i64,
        pub lived: i64,
        pub c0: i64,
        pub c1: i64,
        pub c2: i64,
        pub c3: i64,
        pub c4: i64,
        pub c5: i64,
        pub c6: i64,
        pub c7: i64,
        pub c8: i64,
        pub c9: i64,
        pub c10: i64,
    }

    counted!();

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Months as suppliers read them: what the tallies said when last at least five answers more or fewer were counted.
pub mod month {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_month")]
    pub struct Model {
        /// The agreement, or the supplier for what belongs to none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub base_id: Uuid,
        /// The first of the month.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: Date,
        #[sea_orm(primary_key, auto_increment = false)]
        pub survey_id: SurveyId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        pub published_at: Timestamp,
        pub n: i64,
        /// In millionths, as the next three.
        pub total: i64,
        pub squares: i64,
        pub expected: i64,
        pub lived: i64,
        pub c0: i64,
        pub c1: i64,
        pub c2: i64,
        pub c3: i64,
        pub c4: i64,
        pub c5: i64,
        pub c6: i64,
        pub c7: i64,
        pub c8: i64,
        pub c9: i64,
        pub c10: i64,
    }

    counted!();

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Low answers that somebody has to follow up.
pub mod follow_up {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow_up")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub feedback_id: FeedbackId,
        pub agreement_id: Option<AgreementId>,
        pub supplier_id: SupplierId,
        pub status: FollowUpStatus,
        pub owner_id: Option<AccountId>,
        pub due_at: Timestamp,
        pub contacted_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
        pub note: Option<String>,
        pub revision: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
