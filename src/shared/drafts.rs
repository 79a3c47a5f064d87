//! What is written as a draft, frozen when it is published, and revised as the next version: surveys and
//! questionnaires. Each room has a status of its own; here stands what may become of it.

use crate::shared::error::{Code, Error, Result};

/// Where something in versions stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Draft,
    Published,
    Retired,
}

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Changing its name.
    Rename,
    /// Changing its draft.
    Update,
    Publish,
    Revise,
    Retire,
    Delete,
}

use Phase::{Draft, Published, Retired};

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

    fn is_possible(self, phase: Phase, has_draft: bool) -> bool {
        match self {
            Verb::Rename => phase != Retired,
            Verb::Update | Verb::Publish => phase != Retired && has_draft,
            Verb::Revise => phase == Published && !has_draft,
            Verb::Retire => phase == Published,
            Verb::Delete => phase == Draft,
        }
    }

    /// Refuses what the state does not allow. What was ever published is in use for good.
    pub fn check(self, phase: impl Into<Phase>, has_draft: bool) -> Result<()> {
        let phase = phase.into();
        if self.is_possible(phase, has_draft) {
            return Ok(());
        }
        let detail = match self {
            Verb::Update | Verb::Publish if phase == Published => "It has no draft: `revise` opens the next one.",
            Verb::Revise if has_draft => "It has a draft already.",
            Verb::Retire if phase == Draft => "It was never published: delete it.",
            Verb::Delete => "It was published: answers may name it. Use retire.",
            _ => "It is retired.",
        };
        let code = if self == Verb::Delete { Code::InUse } else { Code::InvalidState };
        let allowed = Verb::ALL.iter().filter(|verb| verb.is_possible(phase, has_draft)).map(|verb| verb.word());
        Err(Error::new(code, detail).with("current_status", name(phase)).with("allowed", allowed.collect::<Vec<_>>()))
    }
}

/// Refuses a `what` that takes no answers now.
pub fn refuse_closed(phase: impl Into<Phase>, what: &str) -> Result<()> {
    match phase.into() {
        Published => Ok(()),
        other => {
            let detail = format!("The {what} is {}: only a published one is answered.", name(other));
            Err(Error::new(Code::InvalidState, detail)
                .with("current_status", name(other))
                .with("allowed", ["publish"].as_slice()))
        }
    }
}

fn name(phase: Phase) -> &'static str {
    match phase {
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
        let allowed = |phase: Phase, has_draft| {
            let possible = Verb::ALL.into_iter().filter(|verb| verb.check(phase, has_draft).is_ok());
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
