//! Surveys as they are read, made and changed.

use super::{Instrument, SurveyStatus, SurveyTerms};
use crate::shared::change::Change;
use crate::shared::id::SurveyId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::surveys::entity;
use poem_openapi::{Enum, Object};
use sea_orm::DerivePartialModel;
use serde::{Deserialize, Serialize};

/// A survey without what it asks.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct SurveySummary {
    /// Never changes.
    pub id: SurveyId,
    /// Name, for staff only.
    pub name: String,
    /// From what it was made.
    pub instrument: Instrument,
    /// Where it stands; changed by the named transitions only.
    pub status: SurveyStatus,
    /// The version that is answered; null if none was published yet.
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

/// What customers are asked.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Survey {
    #[oai(flatten)]
    #[serde(flatten)]
    pub summary: SurveySummary,
    /// The version whose terms these are: the draft if there is one, otherwise the published one.
    pub shown_version: i64,
    /// What is asked, and how.
    pub terms: SurveyTerms,
}

/// A survey to be made: a draft until it is published.
#[derive(Clone, Debug, Object)]
pub struct NewSurvey {
    /// Name, for staff only.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// From what it is made. The items of an instrument stand first in the survey, in other words if you like; what
    /// they measure and on which scale is fixed (422). Further items may follow.
    pub instrument: Instrument,
    /// What is asked. Left out, it is the ready-made content of the instrument; `custom` has none (422).
    pub terms: Option<SurveyTerms>,
}

/// A change of a survey (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct SurveyChange {
    /// Name, for staff only.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// What the draft asks; replaces it as a whole. Without a draft it is 409 `invalid_state`.
    pub terms: Change<SurveyTerms>,
}

/// In which order surveys are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum SurveySort {
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

/// Which surveys.
#[derive(Debug, Clone, Object)]
pub struct SurveyQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Where it stands; repeat for any of them.
    #[oai(default, validator(max_items = 3, unique_items))]
    pub status: Vec<SurveyStatus>,
    /// From what it was made; repeat for any of them.
    #[oai(default, validator(max_items = 5, unique_items))]
    pub instrument: Vec<Instrument>,
    /// Words that begin words of the name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub q: Option<String>,
    /// The order.
    #[oai(default)]
    pub sort: SurveySort,
}

/// One version of a survey.
#[derive(Clone, Debug, Object, Serialize)]
pub struct SurveyVersion {
    /// The survey.
    pub survey_id: SurveyId,
    /// Its number, from 1.
    pub version: i64,
    /// What is asked, and how.
    pub terms: SurveyTerms,
    /// Since when it stands as it is; null for the draft.
    pub published_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which versions: all, from the first on.
#[derive(Debug, Clone, Object)]
pub struct SurveyVersionQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

/// Ready-made content for a survey.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
pub struct SurveyInstrument {
    /// Names it in a new survey.
    pub instrument: Instrument,
    /// What it asks, and how.
    pub terms: SurveyTerms,
}
