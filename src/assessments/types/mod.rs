//! The shapes of assessments.

mod answer;
mod assessment;
mod score;
mod steps;

pub use answer::{AnswerChange, AnswerVerdict, AssessmentAnswer, Completeness, MissingAnswer, MissingCode};
pub use assessment::{
    Assessment, AssessmentQuery, AssessmentQuestionnaire, AssessmentStatus, AssignedAssessment, Assignment,
    Assignments, Attested,
};
pub use score::{
    AssessmentScores, AttributeScore, Calibration, CalibrationPoint, DimensionScore, JudgedQuestion, ScoreSheet,
    SectionScore,
};
pub use steps::{Attestation, ChangeRequest, DueExtension, JudgedAnswers, NewVerdict, VerdictKind};
