//! What the terms of an agreement may be, and which way it goes. Pure: no HTTP, no SQL.

use super::types::{AgreementStatus, Renewal, Terms};
use crate::shared::error::{Code, Error, Result};
use crate::suppliers::SupplierStatus;

/// The longest notice.
const LONGEST_NOTICE_DAYS: i64 = 3660;
const DAY: i64 = 86_400;

/// A supplier that is suspended, gone or not yet looked at gets no new agreement.
pub fn may_begin(status: SupplierStatus) -> Result<()> {
    use SupplierStatus::{Active, Candidate, Exited, Exiting, Prospect, Qualified, Rejected, Suspended};
    let detail = match status {
        Candidate | Qualified | Active => return Ok(()),
        Prospect => "The supplier is a prospect: nominate it first.",
        Suspended => "The supplier is suspended.",
        Exiting | Exited | Rejected => "The supplier is leaving, has left, or was rejected.",
    };
    Err(Error::rule(Code::RuleViolated, "/supplier_id", detail))
}

/// What the document cannot say about terms.
pub fn check_terms(terms: &Terms) -> Result<()> {
    let wrong = |member: &str, detail: &str| Err(Error::rule(Code::RuleViolated, member, detail));
    if terms.ends_on.is_some_and(|end| end < terms.starts_on) {
        return Err(Error::rule(Code::DateOrder, "/ends_on", "It ends before it starts."));
    }
    if terms.notice.seconds() % DAY != 0 || terms.notice.seconds() > LONGEST_NOTICE_DAYS * DAY {
        return wrong("/notice", "A notice is whole days, 3660 at most.");
    }
    match (terms.renewal, terms.ends_on, terms.renewal_months) {
        (Renewal::None, _, Some(_)) => return wrong("/renewal_months", "Only automatic renewal has months."),
        (Renewal::Automatic, None, _) => return wrong("/ends_on", "Without an end nothing is renewed."),
        (Renewal::Automatic, _, None) => return wrong("/renewal_months", "Automatic renewal needs its months."),
        _ => {}
    }
    terms.cadence.as_ref().map_or(Ok(()), |cadence| cadence.check("/cadence"))
}

/// The number of days of a notice that `check_terms` has seen.
pub fn notice_days(terms: &Terms) -> i64 {
    terms.notice.seconds() / DAY
}

/// Something that is done to an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Propose,
    Counter,
    Agree,
    Sign,
    Activate,
    Withdraw,
    Amend,
    Terminate,
    Renew,
    Delete,
}

use AgreementStatus::{Active, Agreed, Amending, Countered, Draft, Expiring, Proposed};

impl Verb {
    const ALL: [Verb; 10] = [
        Verb::Propose,
        Verb::Counter,
        Verb::Agree,
        Verb::Sign,
        Verb::Activate,
        Verb::Withdraw,
        Verb::Amend,
        Verb::Terminate,
        Verb::Renew,
        Verb::Delete,
    ];

    /// In which states it is possible. While amending, the open version decides as well.
    fn sources(self) -> &'static [AgreementStatus] {
        match self {
            Verb::Propose => &[Draft, Countered, Amending],
            Verb::Counter | Verb::Agree => &[Proposed, Countered, Amending],
            Verb::Sign | Verb::Activate => &[Agreed, Amending],
            Verb::Withdraw => &[Draft, Proposed, Countered, Agreed, Amending],
            Verb::Amend | Verb::Terminate | Verb::Renew => &[Active, Expiring],
            Verb::Delete => &[Draft],
        }
    }

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Propose => "agreement.propose",
            Verb::Counter => "agreement.counter",
            Verb::Agree => "agreement.agree",
            Verb::Sign => "agreement.sign",
            Verb::Activate => "agreement.activate",
            Verb::Withdraw => "agreement.withdraw",
            Verb::Amend => "agreement.amend",
            Verb::Terminate => "agreement.terminate",
            Verb::Renew => "agreement.renew",
            Verb::Delete => "agreement.delete",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("agreement.")
    }

    /// Refuses it in every other state.
    pub fn check(self, status: AgreementStatus) -> Result<()> {
        if self.sources().contains(&status) {
            return Ok(());
        }
        let detail = format!("`{}` is not possible while the agreement is {}.", self.word(), name(status));
        Err(invalid_state(detail, status))
    }
}

pub fn name(status: AgreementStatus) -> String {
    serde_json::to_value(status).ok().and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}

/// 409 with the state and what is possible in it.
pub fn invalid_state(detail: impl Into<String>, status: AgreementStatus) -> Error {
    let allowed = Verb::ALL.into_iter().filter(|verb| verb.sources().contains(&status)).map(Verb::word);
    Error::new(Code::InvalidState, detail)
        .with("current_status", name(status))
        .with("allowed", allowed.collect::<Vec<_>>())
}
