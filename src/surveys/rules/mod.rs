//! What a survey may be and become. Pure: no HTTP, no SQL.

mod check;
mod instruments;

pub use check::{check_published, checked};
pub use instruments::{ready_made, terms_of};

use super::types::SurveyStatus;
use crate::shared::error::{Code, Error, Result};

/// What can be done with a survey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Changing its name.
    Rename,
    /// Changing what its draft asks.
    Update,
    Publish,
    Revise,
    Retire,
    Delete,
}

use SurveyStatus::{Draft, Published, Retired};

impl Verb {
    const ALL: [Verb; 6] = [Verb::Rename, Verb::Update, Verb::Publish, Verb::Revise, Verb::Retire, Verb::Delete];

    fn word(self) -> &'static str {
        match self {
            Verb::Rename => "rename",
            Verb::Update => "update",
            Verb::Publish => "publish",
            Verb::Revise => "revise",
            Verb::Retire => "retire",
            Verb::Delete => "delete",
        }
    }

    fn is_possible(self, status: SurveyStatus, has_draft: bool) -> bool {
        match self {
            Verb::Rename => status != Retired,
            Verb::Update | Verb::Publish => status != Retired && has_draft,
            Verb::Revise => status == Published && !has_draft,
            Verb::Retire => status == Published,
            Verb::Delete => status == Draft,
        }
    }

    /// Refuses what the survey's state does not allow. One that was ever published is in use for good.
    pub fn check(self, status: SurveyStatus, has_draft: bool) -> Result<()> {
        if self.is_possible(status, has_draft) {
            return Ok(());
        }
        let detail = match self {
            Verb::Update | Verb::Publish if status == Published => "It has no draft: `revise` opens the next one.",
            Verb::Revise if has_draft => "It has a draft already.",
            Verb::Retire if status == Draft => "It was never published: delete it.",
            Verb::Delete => "It was published: answers may name it. Use retire.",
            _ => "It is retired.",
        };
        let code = if self == Verb::Delete { Code::InUse } else { Code::InvalidState };
        let allowed = Verb::ALL.iter().filter(|verb| verb.is_possible(status, has_draft)).map(|verb| verb.word());
        Err(Error::new(code, detail).with("current_status", name(status)).with("allowed", allowed.collect::<Vec<_>>()))
    }
}

/// Refuses a survey that customers do not answer now.
pub fn refuse_closed(status: SurveyStatus) -> Result<()> {
    match status {
        Published => Ok(()),
        other => {
            let detail = format!("The survey is {}: only a published one is answered.", name(other));
            Err(Error::new(Code::InvalidState, detail)
                .with("current_status", name(other))
                .with("allowed", ["publish"].as_slice()))
        }
    }
}

fn name(status: SurveyStatus) -> &'static str {
    match status {
        Draft => "draft",
        Published => "published",
        Retired => "retired",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_possible_follows_from_state_and_draft() {
        let allowed = |status, has_draft| {
            let possible = Verb::ALL.into_iter().filter(|verb| verb.check(status, has_draft).is_ok());
            possible.map(Verb::word).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(allowed(Draft, true), "rename update publish delete");
        assert_eq!(allowed(Published, false), "rename revise retire");
        assert_eq!(allowed(Published, true), "rename update publish retire");
        assert_eq!(allowed(Retired, false), "");
    }

    #[test]
    fn a_refusal_says_what_is_possible_instead() {
        let refusal = Verb::Update.check(Published, false).expect_err("no draft");
        assert_eq!(refusal.code, Code::InvalidState);
        assert_eq!(refusal.extra["allowed"], serde_json::json!(["rename", "revise", "retire"]));
        assert_eq!(Verb::Delete.check(Published, true).expect_err("published").code, Code::InUse);
    }
}
