//! What suppliers may be and become. Pure: no HTTP, no SQL.

use super::types::{LegalId, SupplierChange, SupplierStatus};
use crate::shared::auth::Scope;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::text;

/// A named transition of the lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Nominate,
    Qualify,
    Reject,
    Activate,
    Suspend,
    Reinstate,
    Exit,
    CompleteExit,
}

use SupplierStatus::{Active, Candidate, Exited, Exiting, Prospect, Qualified, Rejected, Suspended};

impl Verb {
    const ALL: [Verb; 8] = [
        Verb::Nominate,
        Verb::Qualify,
        Verb::Reject,
        Verb::Activate,
        Verb::Suspend,
        Verb::Reinstate,
        Verb::Exit,
        Verb::CompleteExit,
    ];

    /// From which states it leads to which.
    fn path(self) -> (&'static [SupplierStatus], SupplierStatus) {
        match self {
            Verb::Nominate => (&[Prospect, Rejected, Exited], Candidate),
            Verb::Qualify => (&[Candidate], Qualified),
            Verb::Reject => (&[Candidate], Rejected),
            Verb::Activate => (&[Qualified], Active),
            Verb::Suspend => (&[Qualified, Active], Suspended),
            Verb::Reinstate => (&[Suspended], Active),
            Verb::Exit => (&[Active, Suspended], Exiting),
            Verb::CompleteExit => (&[Exiting], Exited),
        }
    }

    /// The word in paths and in history.
    pub fn action(self) -> &'static str {
        match self {
            Verb::Nominate => "supplier.nominate",
            Verb::Qualify => "supplier.qualify",
            Verb::Reject => "supplier.reject",
            Verb::Activate => "supplier.activate",
            Verb::Suspend => "supplier.suspend",
            Verb::Reinstate => "supplier.reinstate",
            Verb::Exit => "supplier.exit",
            Verb::CompleteExit => "supplier.complete-exit",
        }
    }

    fn word(self) -> &'static str {
        self.action().trim_start_matches("supplier.")
    }

    /// The state it leads to, or why it does not lead there.
    pub fn apply(self, from: SupplierStatus) -> Result<SupplierStatus> {
        let (sources, to) = self.path();
        if sources.contains(&from) {
            return Ok(to);
        }
        let detail = format!("`{}` is not possible while the supplier is {}.", self.word(), name(from));
        Err(invalid_state(detail, from))
    }
}

fn name(status: SupplierStatus) -> String {
    serde_json::to_value(status).ok().and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}

fn invalid_state(detail: String, status: SupplierStatus) -> Error {
    let allowed = Verb::ALL.into_iter().filter(|verb| verb.path().0.contains(&status)).map(Verb::word);
    Error::new(Code::InvalidState, detail)
        .with("current_status", name(status))
        .with("allowed", allowed.collect::<Vec<_>>())
}

/// Only what was made by mistake may be removed; everything else has a history worth keeping.
pub fn may_delete(status: SupplierStatus) -> Result<()> {
    match status {
        Prospect => Ok(()),
        other => {
            let detail = "Only a prospect can be deleted. Use reject or exit.".to_owned();
            Err(invalid_state(detail, other))
        }
    }
}

/// Users of a supplier that is suspended or gone may only read.
pub fn may_change_own(scope: Scope, status: SupplierStatus) -> Result<()> {
    match (scope, status) {
        (Scope::Supplier(_), Suspended | Exited | Rejected) => {
            Err(Error::new(Code::Forbidden, "The supplier is suspended or has left: its users may only read."))
        }
        _ => Ok(()),
    }
}

/// A supplier keeps its own profile up to date (where it is, what it does and where); what it is and
/// to whom it belongs is for staff to change.
pub fn may_change(scope: Scope, change: &SupplierChange) -> Result<()> {
    let members = [
        ("name", change.name.is_kept()),
        ("external_id", change.external_id.is_kept()),
        ("legal_ids", change.legal_ids.is_kept()),
        ("customer_facing", change.customer_facing.is_kept()),
        ("parent_id", change.parent_id.is_kept()),
    ];
    let not_own = members.iter().filter(|(_, is_kept)| !is_kept && scope != Scope::Everything);
    let refused = not_own.map(|(member, _)| FieldError {
        pointer: Some(format!("#/{member}")),
        code: "forbidden".to_owned(),
        detail: "Changed by staff only.".to_owned(),
        ..FieldError::default()
    });
    match refused.collect::<Vec<_>>() {
        refused if refused.is_empty() => Ok(()),
        refused => {
            let detail = "A supplier changes its address, categories and regions; the rest is changed by staff.";
            Err(Error::new(Code::Forbidden, detail).fields(refused))
        }
    }
}

/// Each identity once, in the form its register gives it.
pub fn check_legal_ids(ids: &[LegalId]) -> Result<()> {
    for (place, id) in ids.iter().enumerate() {
        let wrong = |detail| Err(Error::rule(Code::RuleViolated, &format!("/legal_ids/{place}/value"), detail));
        let value = comparable(id);
        if ids[..place].iter().any(|other| other.scheme == id.scheme && comparable(other) == value) {
            return wrong("The same identity is given twice.");
        }
        match &*id.scheme {
            _ if value.is_empty() => return wrong("An identity has at least one letter or digit."),
            "LEI" if !is_lei(&value) => {
                return wrong("An LEI has 20 letters and digits with a valid check (ISO 17442).");
            }
            "DUNS" if value.len() != 9 || !value.bytes().all(|byte| byte.is_ascii_digit()) => {
                return wrong("A D-U-N-S number has 9 digits.");
            }
            "IATA" if value.len() != 2 || !value.is_ascii() => {
                return wrong("An IATA airline designator has 2 letters or digits.");
            }
            _ => {}
        }
    }
    Ok(())
}

/// The form in which identities are compared: letters and digits, upper case.
pub fn comparable(id: &LegalId) -> String {
    id.value.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// ISO 17442: 20 characters whose ISO 7064 MOD 97-10 remainder is 1.
fn is_lei(value: &str) -> bool {
    let digits = value.chars().filter_map(|letter| letter.to_digit(36));
    let remainder = digits.fold(0, |rest, digit| match digit {
        0..=9 => (rest * 10 + digit) % 97,
        _ => (rest * 100 + digit) % 97,
    });
    value.is_ascii() && value.len() == 20 && remainder == 1
}

/// How alike two names are, 0-1, without words that only tell the legal form.
pub fn likeness(a: &str, b: &str) -> f64 {
    const FORMS: [&str; 14] =
        ["ag", "bv", "co", "corp", "corporation", "gmbh", "inc", "kg", "limited", "llc", "ltd", "plc", "sa", "sarl"];
    let bare = |name: &str| {
        let mut words = text::words(name);
        if words.iter().any(|word| !FORMS.contains(&word.as_str())) {
            words.retain(|word| !FORMS.contains(&word.as_str()));
        }
        words.join(" ")
    };
    strsim::jaro_winkler(&bare(a), &bare(b))
}

/// From here on names are pointed out as similar.
pub const ALIKE: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ParseFromJSON;
    use proptest::prelude::*;
    use serde_json::json;

    fn legal_id(scheme: &str, value: &str) -> LegalId {
        let id = json!({"scheme": scheme, "value": value});
        LegalId::parse_from_json(Some(id)).unwrap_or_else(|error| panic!("{}", error.into_message()))
    }

    #[test]
    fn a_suspended_supplier_is_reinstated_or_exits_and_the_refusal_says_so() {
        assert_eq!(Verb::Reinstate.apply(Suspended).ok(), Some(Active));
        let refusal = Verb::Activate.apply(Suspended).expect_err("not from suspended");
        assert_eq!(refusal.code, Code::InvalidState);
        assert_eq!(refusal.extra["current_status"], "suspended");
        assert_eq!(refusal.extra["allowed"], json!(["reinstate", "exit"]));
    }

    #[test]
    fn a_rejected_or_exited_supplier_can_come_back_as_a_candidate() {
        for from in [Rejected, Exited, Prospect] {
            assert_eq!(Verb::Nominate.apply(from).ok(), Some(Candidate));
        }
    }

    #[test]
    fn only_a_prospect_is_deleted() {
        assert!(may_delete(Prospect).is_ok());
        assert!(may_delete(Active).is_err());
    }

    #[test]
    fn leis_are_checked_by_their_check_digits() {
        // The LEI of the Global Legal Entity Identifier Foundation itself.
        assert!(check_legal_ids(&[legal_id("LEI", "5067 00GE 1G29 325QX363")]).is_ok());
        assert!(check_legal_ids(&[legal_id("LEI", "506700GE1G29325QX364")]).is_err());
    }

    #[test]
    fn the_same_identity_in_another_writing_is_the_same() {
        assert_eq!(comparable(&legal_id("VAT", "de 123.456-789")), "DE123456789");
        let twice = [legal_id("VAT", "DE123456789"), legal_id("VAT", "de 123 456 789")];
        assert!(check_legal_ids(&twice).is_err());
    }

    #[test]
    fn legal_forms_do_not_make_names_different() {
        assert!(likeness("Delta Air Lines Inc.", "delta air lines") > ALIKE);
        assert!(likeness("Delta Air Lines", "United Air Lines") < ALIKE);
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric_and_bounded(a in ".{0,20}", b in ".{0,20}") {
            let alike = likeness(&a, &b);
            prop_assert!((0.0..=1.0).contains(&alike));
            prop_assert!((alike - likeness(&b, &a)).abs() < 1e-9);
        }
    }
}
