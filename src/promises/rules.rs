//! What promises may say and become. Pure: no HTTP, no SQL.

use super::entity::version::Model as Version;
use super::types::{NewPromiseTerms, PromiseStatus};
use crate::agreements::{AgreementStatus, Comparison, Direction, Expectation, Measure, Metric, Said};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::time::Timestamp;
use crate::suppliers::SupplierStatus;

use PromiseStatus::{Checked, Draft, Paused, Published, Retired};

/// The version in force at an instant; none before the first. `versions` may stand in any order.
pub fn in_force(versions: &[Version], at: Timestamp) -> Option<&Version> {
    let begun = versions.iter().filter(|version| version.effective_from <= at);
    begun.max_by_key(|version| (version.effective_from, version.number))
}

/// What may be done with a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Check,
    Publish,
    Pause,
    Resume,
    Retire,
    /// To give it a new version.
    Revise,
    /// To change its wording in place.
    Reword,
    Delete,
}

impl Verb {
    /// The word in paths (a new version, a patch and a deletion have none).
    const ALL: [(Verb, &'static str); 5] = [
        (Verb::Check, "check"),
        (Verb::Publish, "publish"),
        (Verb::Pause, "pause"),
        (Verb::Resume, "resume"),
        (Verb::Retire, "retire"),
    ];

    /// The word in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Check => "promise.check",
            Verb::Publish => "promise.publish",
            Verb::Pause => "promise.pause",
            Verb::Resume => "promise.resume",
            Verb::Retire => "promise.retire",
            Verb::Revise => "promise.revise",
            Verb::Reword => "promise.update",
            Verb::Delete => "promise.delete",
        }
    }

    /// From which states it leads to which. What is checked is a version: a new one is checked anew.
    fn path(self, from: PromiseStatus) -> Option<PromiseStatus> {
        Some(match (self, from) {
            (Verb::Check, Draft | Checked) => Checked,
            (Verb::Publish, Checked) => Published,
            (Verb::Pause, Published) => Paused,
            (Verb::Resume, Paused) => Published,
            (Verb::Retire, Draft | Checked | Published | Paused) => Retired,
            (Verb::Revise, Draft | Checked) => Draft,
            (Verb::Revise, Published | Paused) => from,
            (Verb::Reword, Draft | Checked) => from,
            (Verb::Delete, Draft) => from,
            // What is paused or published may also be looked at again.
            (Verb::Check, Published | Paused) => from,
            _ => return None,
        })
    }

    /// The state it leads to, or why it does not lead there.
    pub fn apply(self, from: PromiseStatus) -> Result<PromiseStatus> {
        self.path(from).ok_or_else(|| {
            let allowed = Verb::ALL.into_iter().filter(|(verb, _)| verb.path(from).is_some());
            let status = serde_json::to_value(from).unwrap_or_default();
            let what = match self {
                Verb::Delete => "Only a draft can be deleted. Use retire.".to_owned(),
                Verb::Reword => "The wording of what was published changes by a new version.".to_owned(),
                Verb::Revise => "A retired promise gets no new version.".to_owned(),
                _ => format!("Not possible while the promise is {}.", status.as_str().unwrap_or_default()),
            };
            Error::new(Code::InvalidState, what)
                .with("current_status", status)
                .with("allowed", allowed.map(|(_, word)| word).collect::<Vec<_>>())
        })
    }
}

/// The longest grace.
const MOST_GRACE: Duration = Duration::of_days(366);

/// The numbers of a promise: those of its clause, or, towards customers, our own.
pub fn measure(clause: &Expectation, given: &NewPromiseTerms) -> Result<Measure> {
    let is_signed = clause.direction != Direction::SupplierToCustomer;
    let target = clause.target_duration.filter(|_| is_signed).unwrap_or(MOST_GRACE);
    if given.grace > target.min(MOST_GRACE) {
        let detail = "Grace is a year at most, and no longer than what both sides have signed.";
        return Err(broken("/grace", detail));
    }
    if is_signed {
        refuse_others(clause, given)?;
    }
    let metric = given.metric.or(clause.metric);
    let Some(metric) = metric else {
        let detail = match is_signed {
            true => "The clause has no numbers to promise.",
            false => "The clause has no numbers: give your own.",
        };
        return Err(broken(if is_signed { "/expectation_id" } else { "/metric" }, detail));
    };
    // The clause's numbers are about the clause's metric.
    let same = clause.metric == Some(metric);
    let default = (metric == Metric::Duration).then_some(Comparison::AtMost);
    let said = Said {
        metric,
        comparison: given.comparison.or(clause.comparison.filter(|_| same)).or(default),
        target: given.target.or(clause.target.filter(|_| same)),
        target_duration: given.target_duration.or(clause.target_duration.filter(|_| same)),
        unit: given.unit.clone().or(clause.unit.clone().filter(|_| same)),
        reliability: given.reliability.or(clause.reliability.filter(|_| same)),
    };
    said.checked()
}

/// Whether a promise has other numbers than its clause as it is now signed; one without a signed clause has. What
/// customers are promised is ours to decide.
pub fn differs(direction: Direction, clause: Option<&Expectation>, promised: &Measure) -> bool {
    if direction == Direction::SupplierToCustomer {
        return false;
    }
    let signed = clause.and_then(|clause| measure(clause, &NewPromiseTerms::default()).ok());
    signed.as_ref() != Some(promised)
}

/// Nothing is published that the signed clause says otherwise.
pub fn may_publish(direction: Direction, clause: Option<&Expectation>, promised: &Measure) -> Result<()> {
    match differs(direction, clause, promised) {
        true => Err(broken("/expectation_id", "The signed clause has other numbers: make a new version first.")),
        false => Ok(()),
    }
}

/// The numbers between the supplier and us are signed: a promise says the same. All that differ are named.
fn refuse_others(clause: &Expectation, given: &NewPromiseTerms) -> Result<()> {
    let differs = [
        ("metric", given.metric.is_some() && given.metric != clause.metric),
        ("comparison", given.comparison.is_some() && given.comparison != clause.comparison),
        ("target", given.target.is_some() && given.target != clause.target),
        ("target_duration", given.target_duration.is_some() && given.target_duration != clause.target_duration),
        ("unit", given.unit.is_some() && given.unit != clause.unit),
        ("reliability", given.reliability.is_some() && given.reliability != clause.reliability),
    ];
    let wrong = differs.iter().filter(|(_, differs)| *differs).map(|(member, _)| FieldError {
        pointer: Some(format!("#/{member}")),
        code: Code::RuleViolated.name().to_owned(),
        detail: "The signed clause says otherwise. Amend the agreement first.".to_owned(),
        ..FieldError::default()
    });
    match wrong.collect::<Vec<_>>() {
        wrong if wrong.is_empty() => Ok(()),
        wrong => {
            let detail = "A promise to or from the supplier has the numbers of its signed clause.";
            Err(Error::new(Code::RuleViolated, detail).fields(wrong))
        }
    }
}

fn broken(pointer: &str, detail: &str) -> Error {
    Error::rule(Code::RuleViolated, pointer, detail)
}

/// A paused promise does not go on with what is yet to take effect.
pub fn may_resume(latest: i64, effective_from: Timestamp, now: Timestamp) -> Result<()> {
    match effective_from > now {
        true => {
            let detail = format!("Version {latest} takes effect later, at {effective_from}: resume the promise then.");
            Err(Error::new(Code::RuleViolated, detail))
        }
        false => Ok(()),
    }
}

/// Whether an agreement is in force.
pub fn is_in_force(agreement: AgreementStatus) -> bool {
    use AgreementStatus::{Active, Amending, Expiring};
    matches!(agreement, Active | Amending | Expiring)
}

/// Promises hang on agreements that are in force, with suppliers that are not suspended or gone.
pub fn may_promise(agreement: AgreementStatus, supplier: SupplierStatus) -> Result<()> {
    if !is_in_force(agreement) {
        return Err(broken("/agreement_id", "The agreement is not in force."));
    }
    match supplier {
        SupplierStatus::Suspended | SupplierStatus::Exited | SupplierStatus::Rejected => {
            Err(broken("/agreement_id", "The supplier is suspended or has left: nothing new is promised."))
        }
        _ => Ok(()),
    }
}

/// From when on a new version judges: not in the past, and after the version before.
pub fn effective_from(wanted: Option<Timestamp>, latest: Timestamp, now: Timestamp) -> Result<Timestamp> {
    let from = wanted.unwrap_or(now);
    if from < now {
        return Err(broken("/effective_from", "Only the first version may begin in the past."));
    }
    if from <= latest {
        return Err(broken("/effective_from", "It has to begin after the version before."));
    }
    Ok(from)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
