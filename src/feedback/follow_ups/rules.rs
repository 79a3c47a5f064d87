//! What may become of a follow-up. Pure: no HTTP, no SQL.

use crate::feedback::types::FollowUpStatus::{self, Contacted, Owned, Required, Resolved, Unreachable};
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;

/// Something that is done to a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Taking it on, or handing it to somebody.
    Own,
    Contact,
    Resolve,
    GiveUp,
}

impl Verb {
    const ALL: [Verb; 4] = [Verb::Own, Verb::Contact, Verb::Resolve, Verb::GiveUp];

    /// What it becomes; `None` where it is not possible. Whoever gets one whose customer was contacted goes on from
    /// there.
    fn after(self, status: FollowUpStatus) -> Option<FollowUpStatus> {
        match (self, status) {
            (Verb::Own, Required | Owned) => Some(Owned),
            (Verb::Own, Contacted) | (Verb::Contact, Owned) => Some(Contacted),
            (Verb::Resolve, Contacted) => Some(Resolved),
            (Verb::GiveUp, Owned | Contacted) => Some(Unreachable),
            _ => None,
        }
    }

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Own => "follow_up.own",
            Verb::Contact => "follow_up.contact",
            Verb::Resolve => "follow_up.resolve",
            Verb::GiveUp => "follow_up.mark-unreachable",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("follow_up.")
    }

    /// What it becomes; refused in every other state, with what is possible there.
    pub fn apply(self, status: FollowUpStatus) -> Result<FollowUpStatus> {
        self.after(status).ok_or_else(|| {
            let name = name(status);
            let detail = format!("`{}` is not possible while the follow-up is {name}.", self.word());
            let allowed = Self::ALL.into_iter().filter(|verb| verb.after(status).is_some()).map(Verb::word);
            let allowed: Vec<_> = allowed.collect();
            Error::new(Code::InvalidState, detail).with("current_status", name).with("allowed", allowed)
        })
    }
}

fn name(status: FollowUpStatus) -> &'static str {
    match status {
        Required => "required",
        Owned => "owned",
        Contacted => "contacted",
        Resolved => "resolved",
        Unreachable => "unreachable",
    }
}

/// In which states the clock runs: nobody has contacted the customer yet, and somebody still should.
pub const RUNNING: [FollowUpStatus; 2] = [Required, Owned];

pub fn is_overdue(status: FollowUpStatus, due_at: Timestamp, now: Timestamp) -> bool {
    RUNNING.contains(&status) && due_at < now
}

/// When the customer was contacted.
pub fn contacted_at(given: Option<Timestamp>, now: Timestamp) -> Result<Timestamp> {
    match given {
        Some(at) if at > now => {
            Err(Error::rule(Code::RuleViolated, "/contacted_at", "Nobody was contacted in the future."))
        }
        given => Ok(given.unwrap_or(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_up_goes_its_way_and_no_other() {
        let states = [Required, Owned, Contacted, Resolved, Unreachable];
        let ways = |verb: Verb| states.map(|status| verb.after(status));
        assert_eq!(ways(Verb::Own), [Some(Owned), Some(Owned), Some(Contacted), None, None]);
        assert_eq!(ways(Verb::Contact), [None, Some(Contacted), None, None, None]);
        assert_eq!(ways(Verb::Resolve), [None, None, Some(Resolved), None, None]);
        assert_eq!(ways(Verb::GiveUp), [None, Some(Unreachable), Some(Unreachable), None, None]);
    }

    #[test]
    fn a_refusal_names_what_is_possible() {
        let refused = Verb::Resolve.apply(Owned).expect_err("too early");
        assert_eq!((refused.code, &refused.extra["current_status"]), (Code::InvalidState, &"owned".into()));
        assert_eq!(refused.extra["allowed"], serde_json::json!(["own", "contact", "mark-unreachable"]));
        assert_eq!(Verb::Own.apply(Resolved).expect_err("over").extra["allowed"], serde_json::json!([]));
    }
}
