//! Where an assessment can go from where it stands.

use crate::assessments::types::AssessmentStatus::{
    self, Accepted, Assigned, Cancelled, ChangesRequested, Expired, InProgress, Reopened, Submitted, UnderReview,
};
use crate::shared::error::{Code, Error, Result};
use uuid::Uuid;

/// Something that is done to an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Answer,
    Submit,
    StartReview,
    Verify,
    RequestChanges,
    Accept,
    Reopen,
    Extend,
    Cancel,
    Expire,
    StopRepeating,
}

/// In which states its answers can be changed.
pub const EDITABLE: [AssessmentStatus; 3] = [Assigned, InProgress, ChangesRequested];
/// In which states time runs out.
pub const RUNNING: [AssessmentStatus; 2] = [Assigned, InProgress];
/// In which states something is still to come.
pub const OPEN: [AssessmentStatus; 6] = [Assigned, InProgress, Submitted, UnderReview, ChangesRequested, Reopened];

impl Verb {
    /// Those that callers have a word for, in paths and in `allowed`.
    const ALL: [Verb; 10] = [
        Verb::Answer,
        Verb::Submit,
        Verb::StartReview,
        Verb::Verify,
        Verb::RequestChanges,
        Verb::Accept,
        Verb::Reopen,
        Verb::Extend,
        Verb::Cancel,
        Verb::StopRepeating,
    ];

    /// What it becomes; `None` where it is not possible. Nobody has to start anything: what was assigned and is
    /// complete, because the last answers were taken over, is submitted as it is.
    fn after(self, status: AssessmentStatus) -> Option<AssessmentStatus> {
        match (self, status) {
            (Verb::Answer, Assigned) => Some(InProgress),
            (Verb::Answer, InProgress | ChangesRequested) => Some(status),
            (Verb::Submit, Assigned | InProgress | ChangesRequested) => Some(Submitted),
            (Verb::StartReview, Submitted | Reopened) => Some(UnderReview),
            (Verb::Verify, UnderReview) => Some(UnderReview),
            (Verb::RequestChanges, UnderReview) => Some(ChangesRequested),
            (Verb::Accept, UnderReview) => Some(Accepted),
            (Verb::Reopen, Accepted) => Some(Reopened),
            (Verb::Extend, Assigned | InProgress) => Some(status),
            (Verb::Cancel, Assigned | InProgress) => Some(Cancelled),
            (Verb::Expire, Assigned | InProgress) => Some(Expired),
            (Verb::StopRepeating, _) => Some(status),
            _ => None,
        }
    }

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Answer => "assessment.answer",
            Verb::Submit => "assessment.submit",
            Verb::StartReview => "assessment.start-review",
            Verb::Verify => "assessment.verify",
            Verb::RequestChanges => "assessment.request-changes",
            Verb::Accept => "assessment.accept",
            Verb::Reopen => "assessment.reopen",
            Verb::Extend => "assessment.extend",
            Verb::Cancel => "assessment.cancel",
            Verb::Expire => "assessment.expire",
            Verb::StopRepeating => "assessment.stop-repeating",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("assessment.")
    }

    /// What it becomes; refused in every other state, with what is possible there.
    pub fn apply(self, status: AssessmentStatus) -> Result<AssessmentStatus> {
        let detail = || format!("`{}` is not possible while the assessment is {}.", self.word(), name(status));
        self.after(status).ok_or_else(|| invalid_state(detail(), status))
    }
}

fn invalid_state(detail: String, status: AssessmentStatus) -> Error {
    let allowed = Verb::ALL.into_iter().filter(|verb| verb.after(status).is_some()).map(Verb::word);
    let allowed: Vec<_> = allowed.collect();
    Error::new(Code::InvalidState, detail).with("current_status", name(status)).with("allowed", allowed)
}

fn name(status: AssessmentStatus) -> &'static str {
    match status {
        Assigned => "assigned",
        InProgress => "in_progress",
        Submitted => "submitted",
        UnderReview => "under_review",
        ChangesRequested => "changes_requested",
        Accepted => "accepted",
        Reopened => "reopened",
        Expired => "expired",
        Cancelled => "cancelled",
    }
}

/// What an answer makes of it.
pub fn may_answer(status: AssessmentStatus) -> Result<AssessmentStatus> {
    Verb::Answer.apply(status)
}

/// More time is given once.
pub fn may_extend(status: AssessmentStatus, was_extended: bool) -> Result<AssessmentStatus> {
    match was_extended {
        true => Err(invalid_state("It was extended once already.".to_owned(), status)),
        false => Verb::Extend.apply(status),
    }
}

/// Only what still repeats is stopped.
pub fn may_stop(status: AssessmentStatus, repeats: bool) -> Result<AssessmentStatus> {
    match repeats {
        true => Verb::StopRepeating.apply(status),
        false => Err(invalid_state("It does not repeat, or the next one repeats in its place.".to_owned(), status)),
    }
}

/// Whoever submitted it does not judge it.
pub fn four_eyes(said_by: Option<Uuid>, caller: Uuid) -> Result<()> {
    match said_by == Some(caller) {
        true => Err(Error::new(Code::FourEyes, "You said it: somebody else verifies it.")),
        false => Ok(()),
    }
}
