//! What the terms of an agreement may be, and which way it goes. Pure: no HTTP, no SQL.

use super::expectations::Direction;
use super::types::{AgreementStatus, Renewal, Side, Termination, Terms};
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::suppliers::SupplierStatus;
use chrono::{Days, Months, NaiveDate};

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

/// From here to its end an agreement is `expiring`.
pub const WARNING_DAYS: u64 = 90;

/// Where an agreement in force stands: its end is near or not.
pub fn standing(ends_on: Option<NaiveDate>, today: NaiveDate) -> AgreementStatus {
    match ends_on {
        Some(end) if end <= today + Days::new(WARNING_DAYS) => Expiring,
        _ => Active,
    }
}

/// What decides whether a version can be put in force.
pub struct Ready<'a> {
    pub supplier: SupplierStatus,
    /// Whether its people do.
    pub meets_customers: bool,
    pub terms: &'a Terms,
    /// Of every clause.
    pub directions: &'a [Direction],
    pub signed: &'a [Side],
}

/// Refuses with everything that is missing. Clauses go in both directions between the supplier and
/// us; one whose people meet customers owes them something too, and has a service code.
pub fn may_activate(ready: &Ready<'_>) -> Result<()> {
    let Ready { supplier, meets_customers, terms, directions, signed } = *ready;
    let has = |direction| directions.contains(&direction);
    let needed = [
        ("/supplier_id", supplier == SupplierStatus::Active, "The supplier is not active."),
        ("/signatures/us", signed.contains(&Side::Us), "We have not signed."),
        ("/signatures/supplier", signed.contains(&Side::Supplier), "The supplier has not signed."),
        ("/clauses/supplier_to_us", has(Direction::SupplierToUs), "No clause says what the supplier owes us."),
        ("/clauses/us_to_supplier", has(Direction::UsToSupplier), "No clause says what we owe the supplier."),
        (
            "/clauses/supplier_to_customer",
            !meets_customers || has(Direction::SupplierToCustomer),
            "The supplier meets customers, and no clause says what it owes them.",
        ),
        ("/terms/cadence", terms.cadence.is_some(), "It says nothing about how often it is reviewed."),
        (
            "/terms/service_code",
            !meets_customers || !terms.service_code.is_empty(),
            "The supplier meets customers, and there is no service code.",
        ),
    ];
    let missing = needed.into_iter().filter(|(_, is_there, _)| !is_there).map(|(pointer, _, detail)| FieldError {
        pointer: Some(format!("#{pointer}")),
        code: "missing".to_owned(),
        detail: detail.to_owned(),
        ..FieldError::default()
    });
    match missing.collect::<Vec<_>>() {
        missing if missing.is_empty() => Ok(()),
        missing => {
            let detail = format!("{} things are missing before it can be in force.", missing.len());
            Err(Error::new(Code::RuleViolated, detail).fields(missing))
        }
    }
}

/// The first day of a version. The first one may be backdated, so that history can be loaded; what
/// was agreed later is not put in force before it was agreed, nor promised for a day to come.
pub fn effective_from(
    wanted: Option<NaiveDate>,
    terms: &Terms,
    is_first: bool,
    agreed_on: NaiveDate,
    today: NaiveDate,
) -> Result<NaiveDate> {
    let (from, to, usual) = match is_first {
        true => (terms.starts_on, terms.ends_on.unwrap_or(NaiveDate::MAX), terms.starts_on),
        false => (agreed_on.min(today), today, today),
    };
    let day = wanted.unwrap_or(usual);
    match (from..=to).contains(&day) {
        true => Ok(day),
        false if is_first => {
            let detail = "A first version is in force from a day between start and end of the agreement.";
            Err(Error::rule(Code::DateOrder, "/effective_on", detail))
        }
        false => {
            let detail = "A later version is in force from a day between the one it was agreed on and today.";
            Err(Error::rule(Code::DateOrder, "/effective_on", detail))
        }
    }
}

/// Whether the notice is kept, unless both sides want it otherwise.
pub fn may_terminate(
    wanted: &Termination,
    notice_days: i64,
    ends_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<()> {
    let notice = if wanted.by_consent { 0 } else { u64::try_from(notice_days).unwrap_or(0) };
    let earliest = today + Days::new(notice);
    if wanted.effective_on < earliest {
        let detail = format!("The earliest day is {earliest}.");
        return Err(Error::rule(Code::RuleViolated, "/effective_on", detail));
    }
    match ends_on.filter(|end| *end < wanted.effective_on) {
        Some(end) => {
            Err(Error::rule(Code::DateOrder, "/effective_on", format!("It ends by itself before that, on {end}.")))
        }
        None => Ok(()),
    }
}

/// What the date alone makes of an agreement in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByDate {
    Expiring,
    /// Automatic renewal has moved its end.
    Prolonged(NaiveDate),
    /// Another agreement continues it.
    Renewed,
    Expired,
    Terminated,
}

/// What decides about an agreement in force when days go by.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    pub status: AgreementStatus,
    pub ends_on: Option<NaiveDate>,
    pub terminates_on: Option<NaiveDate>,
    /// The end that was signed, and by how many months automatic renewal moves it.
    pub prolonged: Option<(NaiveDate, u32)>,
    pub has_successor: bool,
}

/// What `today` makes of it, if anything.
pub fn by_date(term: &Term, today: NaiveDate) -> Option<ByDate> {
    if term.terminates_on.is_some_and(|day| day <= today) {
        return Some(ByDate::Terminated);
    }
    let end = term.ends_on?;
    if end < today {
        let later = term.prolonged.filter(|_| !term.has_successor).and_then(|(signed, months)| {
            // Counted from the end that was signed, so that the 31st stays the 31st.
            let ends = (1..).map_while(|times: u32| signed.checked_add_months(Months::new(times.checked_mul(months)?)));
            ends.take(1200).find(|later| *later >= today)
        });
        return Some(match (later, term.has_successor) {
            (Some(later), _) => ByDate::Prolonged(later),
            (None, true) => ByDate::Renewed,
            (None, false) => ByDate::Expired,
        });
    }
    (term.status == Active && standing(Some(end), today) == Expiring).then_some(ByDate::Expiring)
}

#[cfg(test)]
mod tests;
