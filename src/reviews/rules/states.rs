//! Where a review can go from where it stands.

use crate::reviews::types::ReviewStatus::{
    self, Cancelled, Closed, Committed, Decided, Disputed, Finalised, Held, Missed, Ready, Responding, Scheduled,
};
use crate::reviews::types::{ResponseKind, Ruling};
use crate::shared::error::{Code, Error, FieldError, Result};
use uuid::Uuid;

/// Something that is done to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Update,
    Ready,
    Hold,
    Miss,
    Cancel,
    Rate,
    WouldUseAgain,
    LockRatings,
    Respond,
    /// The time to respond is over.
    Lapse,
    Decide,
    Finalise,
    Commit,
    Close,
    /// Something is said of a clause.
    Confirm,
}

/// Those with which nothing happens any more.
pub const OVER: [ReviewStatus; 3] = [Closed, Missed, Cancelled];

/// Those that nobody has held yet.
pub const WAITING: [ReviewStatus; 2] = [Scheduled, Ready];

impl Verb {
    /// Those that callers have a word for, in paths and in `allowed`.
    const ALL: [Verb; 14] = [
        Verb::Update,
        Verb::Ready,
        Verb::Hold,
        Verb::Miss,
        Verb::Cancel,
        Verb::Rate,
        Verb::WouldUseAgain,
        Verb::LockRatings,
        Verb::Respond,
        Verb::Decide,
        Verb::Finalise,
        Verb::Commit,
        Verb::Close,
        Verb::Confirm,
    ];

    /// What it becomes; `None` where it is not possible. A response may lead elsewhere: see `responded`.
    fn after(self, status: ReviewStatus) -> Option<ReviewStatus> {
        match (self, status) {
            (Verb::Update, Scheduled | Ready) => Some(status),
            (Verb::Ready, Scheduled) => Some(Ready),
            (Verb::Hold, Ready) => Some(Held),
            (Verb::Miss, Scheduled | Ready) => Some(Missed),
            (Verb::Cancel, status) if !OVER.contains(&status) => Some(Cancelled),
            (Verb::Rate, Held | Decided) => Some(status),
            (Verb::WouldUseAgain, Held) => Some(Held),
            (Verb::LockRatings, Held) => Some(Responding),
            (Verb::Respond | Verb::Lapse, Responding) => Some(Finalised),
            (Verb::Decide, Disputed) => Some(Decided),
            (Verb::Finalise, Decided) => Some(Finalised),
            (Verb::Commit, Finalised) => Some(Committed),
            (Verb::Close, Committed) => Some(Closed),
            (Verb::Confirm, Ready | Held | Responding | Disputed | Decided | Finalised | Committed) => Some(status),
            _ => None,
        }
    }

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Update => "review.update",
            Verb::Ready => "review.ready",
            Verb::Hold => "review.hold",
            Verb::Miss => "review.miss",
            Verb::Cancel => "review.cancel",
            Verb::Rate => "review.rate",
            Verb::WouldUseAgain => "review.would-use-again",
            Verb::LockRatings => "review.lock-ratings",
            Verb::Respond => "review.respond",
            Verb::Lapse => "review.lapse",
            Verb::Decide => "review.decide",
            Verb::Finalise => "review.finalise",
            Verb::Commit => "review.commit",
            Verb::Close => "review.close",
            Verb::Confirm => "review.confirm",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("review.")
    }

    /// What it becomes; refused in every other state, with what is possible there.
    pub fn apply(self, status: ReviewStatus) -> Result<ReviewStatus> {
        let detail = || format!("`{}` is not possible while the review is {}.", self.word(), name(status));
        self.after(status).ok_or_else(|| invalid_state(detail(), status))
    }
}

/// Where a response leads: what is disputed is decided first.
pub fn responded(kind: ResponseKind) -> ReviewStatus {
    match kind {
        ResponseKind::Disagree => Disputed,
        ResponseKind::Agree | ResponseKind::Partly | ResponseKind::None => Finalised,
    }
}

/// After a dispute only our side rates again, and only when it was sent back.
pub fn may_rate_again(status: ReviewStatus, ruling: Option<Ruling>, is_ours: bool) -> Result<()> {
    match (status, ruling) {
        (Decided, Some(Ruling::SentBack)) if is_ours => Ok(()),
        (Decided, Some(Ruling::SentBack)) => {
            Err(invalid_state("What was disputed is how our side rated.".to_owned(), status))
        }
        (Decided, _) => Err(invalid_state("The ratings were upheld.".to_owned(), status)),
        _ => Ok(()),
    }
}

pub fn invalid_state(detail: String, status: ReviewStatus) -> Error {
    let allowed: Vec<_> = Verb::ALL.into_iter().filter(|verb| verb.after(status).is_some()).map(Verb::word).collect();
    Error::new(Code::InvalidState, detail).with("current_status", name(status)).with("allowed", allowed)
}

fn name(status: ReviewStatus) -> &'static str {
    match status {
        Scheduled => "scheduled",
        Ready => "ready",
        Held => "held",
        Responding => "responding",
        Disputed => "disputed",
        Decided => "decided",
        Finalised => "finalised",
        Committed => "committed",
        Closed => "closed",
        Missed => "missed",
        Cancelled => "cancelled",
    }
}

/// Whoever was part of a review does not decide a dispute about it.
pub fn refuse_involved(involved: &[Uuid], caller: Uuid) -> Result<()> {
    match involved.contains(&caller) {
        true => Err(Error::new(
            Code::FourEyes,
            "You own or review the agreement, led the review, rated or took part: somebody else decides.",
        )),
        false => Ok(()),
    }
}

/// Only who rated before has something to say anew.
pub fn refuse_newcomer(has_rated: bool) -> Result<()> {
    match has_rated {
        true => Ok(()),
        false => Err(Error::new(Code::Forbidden, "It is for those who rated before to look again.")),
    }
}

/// Refuses while something waits for somebody, and names each.
pub fn refuse_waiting(what: &str, waiting: Vec<Uuid>, detail: &str) -> Result<()> {
    let field = |id: Uuid| FieldError {
        pointer: Some(format!("#/{what}/{id}")),
        code: Code::RuleViolated.name().to_owned(),
        detail: "It waits.".to_owned(),
        ..FieldError::default()
    };
    match waiting.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Code::RuleViolated, detail).fields(waiting.into_iter().map(field).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_so() {
        for verb in Verb::ALL {
            for over in OVER {
                assert!(verb.after(over).is_none(), "{verb:?} {over:?}");
            }
        }
    }

    #[test]
    fn what_is_unfinished_is_cancelled() {
        for status in [Scheduled, Ready, Held, Responding, Disputed, Decided, Finalised, Committed] {
            assert_eq!(Verb::Cancel.after(status), Some(Cancelled), "{status:?}");
        }
    }

    #[test]
    fn only_a_disagreement_is_decided() {
        assert_eq!(responded(ResponseKind::Disagree), Disputed);
        assert_eq!(responded(ResponseKind::Partly), Finalised);
        assert!(may_rate_again(Decided, Some(Ruling::Upheld), true).is_err());
        assert!(may_rate_again(Decided, Some(Ruling::SentBack), false).is_err());
        assert!(may_rate_again(Decided, Some(Ruling::SentBack), true).is_ok());
    }
}
