//! Where an action can go from where it stands, and who takes it there.

use crate::actions::types::ActionSignature;
use crate::actions::types::ActionStatus::{
    self, Abandoned, Accepted, ClaimedDone, InProgress, NotEffective, Proposed, VerifiedEffective, Withdrawn,
};
use crate::agreements::Side;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AccountId;

/// Something that is done to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Update,
    Counter,
    Sign,
    Withdraw,
    Start,
    Claim,
    Verify,
    Resume,
    Abandon,
}

/// In which states somebody still has to do it.
pub const UNDONE: [ActionStatus; 3] = [Accepted, InProgress, NotEffective];
/// In which states nothing is to come.
pub const ENDED: [ActionStatus; 3] = [Withdrawn, VerifiedEffective, Abandoned];

impl Verb {
    const ALL: [Verb; 9] = [
        Verb::Update,
        Verb::Counter,
        Verb::Sign,
        Verb::Withdraw,
        Verb::Start,
        Verb::Claim,
        Verb::Verify,
        Verb::Resume,
        Verb::Abandon,
    ];

    /// What it becomes; `None` where it is not possible. The second signature makes more of it, and so does what comes
    /// out when it is verified.
    fn after(self, status: ActionStatus) -> Option<ActionStatus> {
        match (self, status) {
            (Verb::Update | Verb::Counter | Verb::Sign, Proposed) => Some(Proposed),
            (Verb::Withdraw, Proposed) => Some(Withdrawn),
            (Verb::Start, Accepted) => Some(InProgress),
            (Verb::Claim, InProgress) => Some(ClaimedDone),
            (Verb::Verify, ClaimedDone) => Some(ClaimedDone),
            (Verb::Resume, NotEffective) => Some(InProgress),
            (Verb::Abandon, Accepted | InProgress | NotEffective) => Some(status),
            _ => None,
        }
    }

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Update => "action.update",
            Verb::Counter => "action.counter",
            Verb::Sign => "action.sign",
            Verb::Withdraw => "action.withdraw",
            Verb::Start => "action.start",
            Verb::Claim => "action.claim",
            Verb::Verify => "action.verify",
            Verb::Resume => "action.resume",
            Verb::Abandon => "action.abandon",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("action.")
    }

    /// What it becomes; refused in every other state, with what is possible there.
    pub fn apply(self, status: ActionStatus) -> Result<ActionStatus> {
        let detail = || format!("`{}` is not possible while the action is {}.", self.word(), name(status));
        self.after(status).ok_or_else(|| invalid_state(&detail(), status))
    }
}

fn invalid_state(detail: &str, status: ActionStatus) -> Error {
    let allowed = Verb::ALL.into_iter().filter(|verb| verb.after(status).is_some()).map(Verb::word);
    let allowed: Vec<_> = allowed.collect();
    Error::new(Code::InvalidState, detail).with("current_status", name(status)).with("allowed", allowed)
}

fn name(status: ActionStatus) -> &'static str {
    match status {
        Proposed => "proposed",
        Withdrawn => "withdrawn",
        Accepted => "accepted",
        InProgress => "in_progress",
        ClaimedDone => "claimed_done",
        VerifiedEffective => "verified_effective",
        NotEffective => "not_effective",
        Abandoned => "abandoned",
    }
}

/// What stands is changed or taken back by the side that proposed it.
pub fn own_proposal(side: Side, proposed_by: Side) -> Result<()> {
    match side == proposed_by {
        true => Ok(()),
        false => Err(invalid_state("The other side proposed it: sign it, or counter.", Proposed)),
    }
}

/// What stands is countered by the other side.
pub fn other_proposes(side: Side, proposed_by: Side) -> Result<()> {
    match side == proposed_by {
        true => Err(invalid_state("Your side proposed it: change it, or withdraw it.", Proposed)),
        false => Ok(()),
    }
}

/// Whoever has to do it says how far it is.
pub fn of_side(side: Side, owing: Side) -> Result<()> {
    match side == owing {
        true => Ok(()),
        false => Err(Error::new(Code::Forbidden, "The side that has to do it says how far it is.")),
    }
}

/// A side signs once.
pub fn refuse_twice(signed: impl IntoIterator<Item = Side>, side: Side) -> Result<()> {
    match signed.into_iter().any(|other| other == side) {
        true => Err(Error::new(Code::AlreadyExists, "This side has signed already.")),
        false => Ok(()),
    }
}

/// One of the signatures is of, or names, a main employee contact of its own side.
pub fn has_contact(signatures: &[ActionSignature]) -> Result<()> {
    match signatures.iter().any(|signature| signature.person_id.is_some()) {
        true => Ok(()),
        false => {
            let detail = "One of the two signatures has to be of, or to name, a main employee contact of its side.";
            Err(Error::rule(Code::RuleViolated, "/person_id", detail))
        }
    }
}

/// Whoever had to do it, or said that it is done, does not say whether it worked.
pub fn four_eyes(owner: Option<AccountId>, claimed_by: Option<AccountId>, caller: Option<AccountId>) -> Result<()> {
    match caller.is_some_and(|caller| [owner, claimed_by].contains(&Some(caller))) {
        true => Err(Error::new(Code::FourEyes, "It is yours: somebody else verifies it.")),
        false => Ok(()),
    }
}
