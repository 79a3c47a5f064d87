//! The shapes of questionnaires.

mod condition;
mod given;
mod question;
mod questionnaire;
mod terms;

pub use condition::Condition;
pub use given::{Answered, Given};
pub use question::{AnswerChoice, AnswerScale, EvidenceNeed, PassRule, Question, QuestionKind, VisionAttribute, YesNo};
pub use questionnaire::{
    NewQuestionnaire, Questionnaire, QuestionnaireChange, QuestionnaireQuery, QuestionnaireSort, QuestionnaireStatus,
    QuestionnaireSummary, QuestionnaireTemplate, QuestionnaireVersion, QuestionnaireVersionQuery,
    QuestionnaireVersionSummary, TemplateName,
};
pub use terms::{QuestionSection, QuestionnaireTerms};

use crate::parsed;

parsed!(
    /// The name of a section, a question or a choice: letters, digits, `_` and `-`.
    QuestionKey, pattern: "^[A-Za-z0-9][A-Za-z0-9_-]*$", at_most: 80
);
parsed!(
    /// A line of text.
    Line, pattern: "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$", at_most: 500
);
parsed!(
    /// Paragraphs of text.
    Prose, pattern: "^[^\\u0000]*[^\\u0000-\\u0020][^\\u0000]*$", at_most: 5000
);
parsed!(
    /// An answer in words: `yes` or `no`, the key of a choice, a number of a scale.
    AnswerWord, pattern: "^(-?[0-9]{1,3}|[A-Za-z0-9][A-Za-z0-9_-]*)$", at_most: 80
);

impl QuestionKey {
    /// A key that may be none of the questionnaire's.
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}
