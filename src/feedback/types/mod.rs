//! The shapes of feedback.

mod answer;
mod given;

pub use answer::{Answer, GivenAnswer, Importance};
pub use given::{Contact, ImportedFeedback, NewFeedback, PublicFeedback};

use super::entity;
pub use crate::shared::id::FeedbackId;
use crate::shared::id::{AgreementId, ImportId, PersonId, SupplierId, SurveyId, SurveyLinkId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::suppliers::ExternalId;
use crate::surveys::{Channel, RespondentKind, Stage};
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Whether an answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FeedbackStatus {
    Counted,
    /// It is kept and left out of all numbers.
    Quarantined,
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum QuarantineReason {
    /// It seems to come from people of the supplier that it is about.
    OwnPeople,
    /// The customer answered this survey about this job before.
    Duplicate,
    /// Somebody decided so.
    ByStaff,
}

/// Where the follow-up of a low answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FollowUpStatus {
    /// It is somebody's who has not taken it on yet, or nobody's.
    Required,
    Owned,
    Contacted,
    Resolved,
    /// The customer could not be reached.
    Unreachable,
}

/// One answer to a survey, as staff reads it.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Feedback {
    /// Never changes.
    pub id: FeedbackId,
    /// What was answered.
    pub survey_id: SurveyId,
    /// The version of the survey that was answered.
    pub survey_version: i64,
    /// The link under which it was answered; null when it came another way.
    pub link_id: Option<SurveyLinkId>,
    /// The agreement that it is about.
    pub agreement_id: Option<AgreementId>,
    /// The supplier or internal unit that it is about.
    pub supplier_id: SupplierId,
    /// The person of the supplier that it is about.
    pub person_id: Option<PersonId>,
    /// The job, order or visit that it is about.
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym. Null once it was erased.
    pub customer_ref: Option<String>,
    /// Whose customer answered.
    pub respondent_kind: RespondentKind,
    /// Where in the relationship with the customer.
    pub stage: Option<Stage>,
    /// How it reached us.
    pub channel: Channel,
    /// In which language it was answered (BCP 47).
    pub language: Option<String>,
    /// What was answered. Texts are gone once they were erased.
    pub answers: Vec<GivenAnswer>,
    /// How important the dimensions of quality are to the customer.
    pub importance: Option<Importance>,
    /// What the customer added. Null when it is hidden, and you are not an owner, and once it was erased.
    pub comment: Option<String>,
    /// Whether the customer agreed that the supplier reads comment and praise.
    pub is_comment_shared: bool,
    /// Praise for somebody. Null once it was erased.
    pub compliment: Option<String>,
    /// Who is praised: a person of the supplier.
    pub complimented_id: Option<PersonId>,
    /// How the customer can be reached. Null once it was erased.
    pub contact: Option<Contact>,
    /// Whether a satisfaction of 1-2 or a recommendation of a detractor was given; null when neither was asked and answered.
    pub is_unhappy: Option<bool>,
    /// Whether it counts.
    pub status: FeedbackStatus,
    /// Why it does not count.
    pub quarantine_reason: Option<QuarantineReason>,
    /// Whether an owner hid its texts.
    pub is_hidden: bool,
    /// When identity and texts were erased.
    pub erased_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// The day on which it counts: of `answered_at` in the organisation's zone.
    pub day: NaiveDate,
    /// What the customer got to quote; null when it came another way than by a link.
    pub receipt: Option<String>,
    /// Its key in another system.
    pub external_id: Option<ExternalId>,
    /// The answer that this one takes the place of.
    pub supersedes_id: Option<FeedbackId>,
    /// The answer that takes the place of this one, which then counts no more.
    pub superseded_by_id: Option<FeedbackId>,
    /// The import that made it.
    pub import_id: Option<ImportId>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What history keeps of an answer: nothing that a customer wrote, and nothing that tells who it was.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    pub survey_id: SurveyId,
    pub survey_version: i64,
    pub agreement_id: Option<AgreementId>,
    pub person_id: Option<PersonId>,
    pub respondent_kind: RespondentKind,
    pub stage: Option<Stage>,
    pub channel: Channel,
    pub is_unhappy: Option<bool>,
    pub status: FeedbackStatus,
    pub quarantine_reason: Option<QuarantineReason>,
    pub is_hidden: bool,
    pub erased_at: Option<Timestamp>,
    pub answered_at: Timestamp,
    pub superseded_by_id: Option<FeedbackId>,
}

/// What a customer gets for an answer.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Receipt {
    /// What to quote when asking about it.
    pub receipt: String,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// Why an answer is treated so.
#[derive(Clone, Debug, Object)]
pub struct FeedbackReason {
    /// The reason.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Whose identity and texts are erased: one of both (422).
#[derive(Clone, Debug, Object)]
pub struct CustomerErasure {
    /// The customer, by the pseudonym under which answers came.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Whoever gave this one answer, which may have come without a pseudonym.
    pub feedback_id: Option<FeedbackId>,
}

/// What was erased.
#[derive(Clone, Debug, Object, Serialize)]
pub struct CustomerErased {
    /// How many answers lost their texts and whose they are; they go on counting.
    pub feedback: i64,
    /// How many links do not name the customer any more.
    pub survey_links: i64,
}

/// Which answers, in the order they were recorded.
#[derive(Debug, Clone, Object)]
pub struct FeedbackQuery {
    /// Only answers to this survey.
    pub survey_id: Option<SurveyId>,
    /// Only those about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only those about this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those about this person.
    pub person_id: Option<PersonId>,
    /// Only those about this job.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// Only those of this customer.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Only the one with this receipt.
    #[oai(validator(min_length = 1, max_length = 20))]
    pub receipt: Option<String>,
    /// Only those of these states; repeat for both.
    #[oai(default)]
    pub status: Vec<FeedbackStatus>,
    /// Only those of these customers.
    pub respondent_kind: Option<RespondentKind>,
    /// Only those of this stage.
    pub stage: Option<Stage>,
    /// Only unhappy ones, or only others.
    pub is_unhappy: Option<bool>,
    /// Only the one with this key.
    pub external_id: Option<ExternalId>,
    /// Answered at or after this instant.
    pub answered_at_gte: Option<Timestamp>,
    /// Answered before this instant.
    pub answered_at_lt: Option<Timestamp>,
    /// Whether to show those that others took the place of, too.
    #[oai(default)]
    pub superseded: bool,
    #[oai(flatten)]
    pub paging: Paging,
}

impl From<&entity::Model> for Recorded {
    fn from(row: &entity::Model) -> Self {
        Self {
            survey_id: row.survey_id,
            survey_version: row.survey_version,
            agreement_id: row.agreement_id,
            person_id: row.person_id,
            respondent_kind: row.respondent_kind,
            stage: row.stage,
            channel: row.channel,
            is_unhappy: row.is_unhappy,
            status: row.status,
            quarantine_reason: row.quarantine_reason,
            is_hidden: row.is_hidden,
            erased_at: row.erased_at,
            answered_at: row.answered_at,
            superseded_by_id: row.superseded_by_id,
        }
    }
}
