//! Who takes part, and whether enough did.

use crate::agreements::Side;
use crate::reviews::types::{Attendee, AttendeeRef};
use crate::shared::error::{Code, Error, Result};

/// Refuses what names nobody, two at once, or the same one twice; `at` is where the list stands.
pub fn check_refs(refs: &[AttendeeRef], at: &str) -> Result<()> {
    for (place, one) in refs.iter().enumerate() {
        let wrong = |detail: &str| Err(Error::rule(Code::RuleViolated, &format!("{at}/{place}"), detail));
        if one.account_id.is_some() == one.person_id.is_some() {
            return wrong("Name an account or a person, one of the two.");
        }
        if refs[..place].contains(one) {
            return wrong("Everybody is named once.");
        }
    }
    Ok(())
}

/// Refuses to call it a review when one side was missing, or nobody was there who speaks for the supplier.
pub fn check_present(present: &[Attendee]) -> Result<()> {
    let wrong = |detail: &str| Err(Error::rule(Code::RuleViolated, "/present", detail));
    let is_there = |side| present.iter().any(|attendee| attendee.side == side);
    if !is_there(Side::Us) {
        return wrong("Nobody of our side was there: record it as missed.");
    }
    if !is_there(Side::Supplier) {
        return wrong("Nobody of the supplier was there: record it as missed.");
    }
    match present.iter().any(|attendee| attendee.is_main_contact) {
        true => Ok(()),
        false => wrong("No main employee contact of the supplier was there: record it as missed."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(side: Side, is_main_contact: bool) -> Attendee {
        let (account_id, person_id, is_present) = (None, None, Some(true));
        Attendee { side, account_id, person_id, name: "Somebody".to_owned(), is_main_contact, is_present }
    }

    #[test]
    fn both_sides_and_a_main_contact_make_a_review() {
        let (us, them) = (somebody(Side::Us, false), somebody(Side::Supplier, false));
        let contact = somebody(Side::Supplier, true);
        assert!(check_present(&[us.clone(), contact.clone()]).is_ok());
        assert!(check_present(&[us.clone(), them.clone()]).is_err());
        assert!(check_present(&[contact, them]).is_err());
        assert!(check_present(&[us]).is_err());
    }
}
