//! Points.

use crate::agreements::Dimension;
use crate::questionnaires::{QuestionKey, VisionAttribute};
use crate::shared::id::AssessmentId;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use serde::Serialize;

/// The points of a section.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct SectionScore {
    /// The key of the section.
    pub section: QuestionKey,
    /// 0-100, unrounded; null when nothing in it counts.
    pub score: Option<f64>,
    /// How many questions count.
    pub n_scored: i64,
    /// How many do not apply and are left out: what is left weighs more.
    pub n_not_applicable: i64,
}

/// The points of what is about one part of good service.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct AttributeScore {
    /// The part of good service.
    pub attribute: VisionAttribute,
    /// 0-100, unrounded.
    pub score: f64,
    /// How many questions count.
    pub n_scored: i64,
}

/// The points of what is about one dimension of quality.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct DimensionScore {
    /// The dimension.
    pub dimension: Dimension,
    /// 0-100, unrounded.
    pub score: f64,
    /// How many questions count.
    pub n_scored: i64,
}

/// The points of some answers.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct ScoreSheet {
    /// 0-100, unrounded: of the sections that count, by their weight; null when none does.
    pub total: Option<f64>,
    /// Section by section.
    pub sections: Vec<SectionScore>,
    /// By part of good service; only those that something that counts is about.
    pub attributes: Vec<AttributeScore>,
    /// By dimension of quality; only those that something that counts is about.
    pub dimensions: Vec<DimensionScore>,
}

/// A question whose answer does not simply pass.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct JudgedQuestion {
    /// The key of the question.
    pub question: QuestionKey,
    /// What the question is called.
    pub title: String,
}

/// What an assessment is worth.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AssessmentScores {
    /// By the supplier's own answers, as they stand.
    #[oai(rename = "self")]
    #[serde(rename = "self")]
    pub claimed: ScoreSheet,
    /// By the answers as they were accepted; null before.
    pub verified: Option<ScoreSheet>,
    /// Answers that fail, as they stand or were adjusted.
    pub knock_outs: Vec<JudgedQuestion>,
    /// Answers of which a person has to decide.
    pub discretionary: Vec<JudgedQuestion>,
    /// False with a knock-out, true when every asked question with a pass rule passes; null when that cannot be told:
    /// something is left to a person, is not answered yet, or nothing has a pass rule.
    pub passes: Option<bool>,
    /// The total of the supplier's own answers less what it usually claims too much (`shrunk_bias` of its calibration,
    /// without this assessment); null for suppliers, and when nothing of it was accepted before.
    pub calibrated_total: Option<f64>,
}

/// One accepted assessment.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct CalibrationPoint {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// The points that the supplier claimed (0-100).
    #[oai(rename = "self")]
    #[serde(rename = "self")]
    pub claimed: f64,
    /// The points that were accepted (0-100).
    pub verified: f64,
    /// How many points were claimed too much; negative: too few.
    pub error: f64,
}

/// How well a supplier knows itself.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct Calibration {
    /// Its accepted assessments with points, in the order in which they were accepted.
    pub points: Vec<CalibrationPoint>,
    /// How many there are.
    pub n: i64,
    /// The mean error; null without any.
    pub bias: Option<f64>,
    /// The same, drawn towards 0 while there are few: bias · n / (n + 5).
    pub shrunk_bias: Option<f64>,
    /// The mean size of the errors; null without any.
    pub mae: Option<f64>,
    /// How far its word can be taken: 1 - min(1, mae / 25); null without any.
    pub trust: Option<f64>,
}
