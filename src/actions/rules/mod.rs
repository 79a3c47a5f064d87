//! What an action may be, where it can go, and whether it worked. Pure: no HTTP, no SQL.

mod effect;
mod states;

pub use effect::{Comparison, counted_after, counted_before, decide};
pub use states::{ENDED, UNDONE, Verb, four_eyes, has_contact, of_side, other_proposes, own_proposal, refuse_twice};

use super::types::{ActionMetric, ActionMetricKind, ActionTerms};
use crate::agreements::{AgreementStatus, Side};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AccountId;
use chrono::NaiveDate;

/// How many days show how it was before, unless it is said otherwise.
const USUAL_DAYS: i64 = 90;

/// Improvements are proposed, countered and signed under agreements in force.
pub fn refuse_not_in_force(status: AgreementStatus) -> Result<()> {
    use AgreementStatus::{Active, Amending, Expiring};
    match [Active, Amending, Expiring].contains(&status) {
        true => Ok(()),
        false => Err(Error::rule(Code::RuleViolated, "/agreement_id", "The agreement is not in force.")),
    }
}

/// What the document cannot say about terms; filled up with what is usual. `owner` is who owns the agreement.
pub fn complete(mut terms: ActionTerms, owner: Option<AccountId>, today: NaiveDate) -> Result<ActionTerms> {
    let wrong = |member: &str, detail: &str| Err(Error::rule(Code::RuleViolated, member, detail));
    if terms.due_on < today {
        return wrong("/due_on", "It is due today or later.");
    }
    if terms.side == Side::Us {
        terms.owner_id = terms.owner_id.or(owner);
    }
    match (terms.side, terms.owner_id, terms.person_id) {
        (Side::Us, None, _) => wrong("/owner_id", "Nobody owns the agreement: say who of the staff answers for it."),
        (Side::Us, _, Some(_)) => wrong("/person_id", "It is ours: somebody of the staff answers for it."),
        (Side::Supplier, _, None) => wrong("/person_id", "Say which person of the supplier answers for it."),
        (Side::Supplier, Some(_), _) => wrong("/owner_id", "It is the supplier's: a person of it answers for it."),
        _ => Ok(ActionTerms { metric: complete_metric(terms.metric)?, ..terms }),
    }
}

fn complete_metric(metric: ActionMetric) -> Result<ActionMetric> {
    use ActionMetricKind::{Judgement, KeptRate};
    let ActionMetric { kind, promise_id, target, baseline_days } = metric;
    let needed = [
        ("promise_id", kind == KeptRate, promise_id.is_some()),
        ("target", kind != Judgement, target.is_some()),
        ("baseline_days", kind != Judgement, baseline_days.is_some() || kind != Judgement),
    ];
    for (member, is_needed, is_given) in needed {
        let detail = match (is_needed, is_given) {
            (true, false) => "This metric needs it.",
            (false, true) => "This metric has none.",
            _ => continue,
        };
        return Err(Error::rule(Code::RuleViolated, &format!("/metric/{member}"), detail));
    }
    let baseline_days = (kind != Judgement).then(|| baseline_days.unwrap_or(USUAL_DAYS));
    Ok(ActionMetric { kind, promise_id, target, baseline_days })
}

#[cfg(test)]
mod tests;
