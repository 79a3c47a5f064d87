//! What a questionnaire may be, and what answers to it mean. Pure: no HTTP, no SQL.

mod answers;
mod check;
mod conditions;
mod kinds;
mod templates;

pub use answers::{Outcome, check_given, outcome, score};
pub use check::checked;
pub use conditions::asked_questions;
pub use templates::{ready_made, terms_of};

use super::types::QuestionnaireStatus;
use crate::shared::drafts::Phase;

impl From<QuestionnaireStatus> for Phase {
    fn from(status: QuestionnaireStatus) -> Self {
        match status {
            QuestionnaireStatus::Draft => Phase::Draft,
            QuestionnaireStatus::Published => Phase::Published,
            QuestionnaireStatus::Retired => Phase::Retired,
        }
    }
}
