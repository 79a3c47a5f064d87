//! Questionnaires: what suppliers are asked about themselves, in versions that never change once they were published.
//!
//! - A version is written as a draft and frozen when it is published; assessments name their version.
//! - What is read of a version as `terms` can be sent as `terms` again: the one form for taking it along.
//! - Stored terms fit together: conditions end, pass rules and weights mean something. Whoever answers can rely on it.
//! - How answers are judged stands here (`rules`), pure; the answers themselves are kept by another room.
//!
//! Staff reads and writes questionnaires; suppliers see only what is assigned to them, elsewhere.

pub mod api;
mod entity;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::questionnaires::Read;

pub use entity::Entity;
#[cfg(fuzzing)]
pub use rules::checked;
pub use rules::{Outcome, asked_questions, check_given, outcome, score};
pub use store::{asked_now, published_terms};
pub use types::{
    Answered, Condition, EvidenceNeed, Given, PassRule, Question, QuestionKey, QuestionKind, QuestionSection,
    QuestionnaireTerms, VisionAttribute,
};

pub const EXPORT: Source = crate::source!(
    "questionnaires",
    Read,
    types::QuestionnaireQuery,
    types::QuestionnaireSummary,
    store::list_questionnaires
);
pub const VERSIONS_EXPORT: Source = crate::source!(
    "questionnaire_versions",
    Read,
    types::QuestionnaireVersionQuery,
    types::QuestionnaireVersionSummary,
    store::list_versions_of_all
);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(Entity), Mapped::of(entity::version::Entity)]
}
