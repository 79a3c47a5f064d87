//! What a survey may be and become. Pure: no HTTP, no SQL.

mod check;
mod instruments;

pub use crate::shared::drafts::Verb;
pub use check::{check_published, checked};
pub use instruments::{ready_made, terms_of};

use super::types::SurveyStatus;
use crate::shared::drafts::{self, Phase};
use crate::shared::error::Result;

impl From<SurveyStatus> for Phase {
    fn from(status: SurveyStatus) -> Self {
        match status {
            SurveyStatus::Draft => Phase::Draft,
            SurveyStatus::Published => Phase::Published,
            SurveyStatus::Retired => Phase::Retired,
        }
    }
}

/// Refuses a survey that customers do not answer now.
pub fn refuse_closed(status: SurveyStatus) -> Result<()> {
    drafts::refuse_closed(status, "survey")
}
