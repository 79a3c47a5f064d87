//! Questionnaires as they are read, made and changed.

use super::QuestionnaireTerms;
use crate::questionnaires::entity;
use crate::shared::change::Change;
use crate::shared::id::QuestionnaireId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DerivePartialModel, EnumIter};
use serde::{Deserialize, Serialize};

/// Where a questionnaire stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum QuestionnaireStatus {
    /// It was never published: nobody is asked yet.
    Draft,
    Published,
    /// Nobody is asked any more.
    Retired,
}

/// The ready-made questionnaires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename = "QuestionnaireTemplateName", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TemplateName {
    /// How well a supplier serves, as it sees itself.
    ServiceExcellence,
}

/// A questionnaire without what it asks.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct QuestionnaireSummary {
    /// Never changes.
    pub id: QuestionnaireId,
    /// Name, for staff only.
    pub name: String,
    /// Where it stands; changed by the named transitions only.
    pub status: QuestionnaireStatus,
    /// The version that suppliers are asked now; null if none was published yet.
    pub version: Option<i64>,
    /// The version that is being written; null when there is none.
    pub draft_version: Option<i64>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What suppliers are asked about themselves.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Questionnaire {
    #[oai(flatten)]
    #[serde(flatten)]
    pub summary: QuestionnaireSummary,
    /// The version whose terms these are: the draft if there is one, otherwise the published one.
    pub shown_version: i64,
    /// What is asked, and how.
    pub terms: QuestionnaireTerms,
}

/// A questionnaire to be made: a draft until it is published.
#[derive(Clone, Debug, Object)]
pub struct NewQuestionnaire {
    /// Name, for staff only.
    #[oai(validator(max_length = 200, pattern = "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$"))]
    pub name: String,
    /// From which ready-made one its terms are taken; either this or `terms` (422).
    pub template: Option<TemplateName>,
    /// What is asked, as it is read from any questionnaire; either this or `template` (422).
    pub terms: Option<QuestionnaireTerms>,
}

/// A change of a questionnaire (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct QuestionnaireChange {
    /// Name, for staff only.
    #[oai(validator(max_length = 200, pattern = "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$"))]
    pub name: Change<String>,
    /// What the draft asks; replaces it as a whole. Without a draft it is 409 `invalid_state`.
    pub terms: Change<QuestionnaireTerms>,
}

/// In which order questionnaires are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum QuestionnaireSort {
    /// By name.
    Name,
    /// By name, backwards.
    #[oai(rename = "-name")]
    NameDescending,
    /// The oldest first.
    CreatedAt,
    /// The newest first.
    #[default]
    #[oai(rename = "-created_at")]
    CreatedAtDescending,
}

/// Which questionnaires.
#[derive(Debug, Clone, Object)]
pub struct QuestionnaireQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Where it stands; repeat for any of them.
    #[oai(default, validator(max_items = 3, unique_items))]
    pub status: Vec<QuestionnaireStatus>,
    /// Words that begin words of the name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub q: Option<String>,
    /// The order.
    #[oai(default)]
    pub sort: QuestionnaireSort,
}

/// One version of a questionnaire, without what it asks.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::version::Entity")]
pub struct QuestionnaireVersionSummary {
    /// The questionnaire.
    pub questionnaire_id: QuestionnaireId,
    /// Its number, from 1.
    #[sea_orm(from_col = "number")]
    pub version: i64,
    /// Since when it stands as it is; null for the draft.
    pub published_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One version of a questionnaire.
#[derive(Clone, Debug, Object, Serialize)]
pub struct QuestionnaireVersion {
    #[oai(flatten)]
    #[serde(flatten)]
    pub summary: QuestionnaireVersionSummary,
    /// What is asked, and how.
    pub terms: QuestionnaireTerms,
}

/// Which versions: all, from the first on.
#[derive(Debug, Clone, Object)]
pub struct QuestionnaireVersionQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

/// A ready-made questionnaire.
#[derive(Clone, Debug, Object, Serialize)]
pub struct QuestionnaireTemplate {
    /// Names it in a new questionnaire.
    pub template: TemplateName,
    /// What it asks, and how.
    pub terms: QuestionnaireTerms,
}
