//! What credentials may become, and what their dates mean. Pure: no HTTP, no SQL.

use super::types::{Credential, CredentialStatus, Validity};
use crate::shared::auth::Caller;
use crate::shared::error::{Code, Error, Result};
use chrono::{NaiveDate, TimeDelta};

/// A credential that ends within this time is `expiring`.
const WARNING: TimeDelta = TimeDelta::days(30);

/// What the dates say: both days included, a missing one means no limit.
pub fn validity(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Validity {
    match (from, to) {
        (_, Some(to)) if to < today => Validity::Expired,
        (Some(from), _) if today < from => Validity::NotYetValid,
        (_, Some(to)) if to <= today + WARNING => Validity::Expiring,
        _ => Validity::Valid,
    }
}

/// What somebody decides about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Verify,
    Reject,
    Revoke,
}

impl Decision {
    pub fn action(self) -> &'static str {
        match self {
            Decision::Verify => "credential.verify",
            Decision::Reject => "credential.reject",
            Decision::Revoke => "credential.revoke",
        }
    }

    /// The state it leads to, or why it does not lead there.
    pub fn apply(self, from: CredentialStatus) -> Result<CredentialStatus> {
        use CredentialStatus::{Rejected, Revoked, Submitted, Verified};
        match (self, from) {
            (Decision::Verify, Submitted) => Ok(Verified),
            (Decision::Reject, Submitted) => Ok(Rejected),
            (Decision::Revoke, Verified) => Ok(Revoked),
            (_, Submitted) => Err(invalid_state(from, &["verify", "reject"])),
            (_, Verified) => Err(invalid_state(from, &["revoke"])),
            (_, Rejected | Revoked) => Err(invalid_state(from, &[])),
        }
    }
}

fn invalid_state(from: CredentialStatus, allowed: &[&str]) -> Error {
    Error::new(Code::InvalidState, "The credential does not allow this in its state.")
        .with("current_status", serde_json::to_value(from).unwrap_or_default())
        .with("allowed", allowed)
}

/// Whoever decides is not the one whose credential it is.
pub fn may_decide(caller: &Caller, credential: &Credential) -> Result<()> {
    match caller.supplier_id == Some(credential.supplier_id) {
        true => Err(Error::new(Code::Forbidden, "A supplier does not verify its own credentials.")),
        false => Ok(()),
    }
}

pub fn may_change(status: CredentialStatus) -> Result<()> {
    match status {
        CredentialStatus::Submitted => Ok(()),
        CredentialStatus::Verified => Err(invalid_state(status, &["revoke"])),
        _ => Err(invalid_state(status, &[])),
    }
}

pub fn check_dates(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => {
            Err(Error::rule(Code::DateOrder, "/valid_to", "It would end before it begins."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 11, day)
    }

    #[test]
    fn dates_alone_make_a_credential_expiring_and_expired() {
        let today = day(10).expect("a day");
        assert_eq!(validity(None, None, today), Validity::Valid);
        assert_eq!(validity(day(11), None, today), Validity::NotYetValid);
        assert_eq!(validity(None, day(9), today), Validity::Expired);
        assert_eq!(validity(None, day(10), today), Validity::Expiring);
        assert_eq!(validity(None, NaiveDate::from_ymd_opt(2026, 12, 10), today), Validity::Expiring);
        assert_eq!(validity(None, NaiveDate::from_ymd_opt(2026, 12, 11), today), Validity::Valid);
    }

    #[test]
    fn a_decided_credential_is_only_revoked_and_only_when_verified() {
        use CredentialStatus::{Rejected, Revoked, Submitted, Verified};
        assert_eq!(Decision::Revoke.apply(Verified).ok(), Some(Revoked));
        for (decision, from) in [
            (Decision::Revoke, Submitted),
            (Decision::Verify, Verified),
            (Decision::Verify, Rejected),
            (Decision::Reject, Revoked),
        ] {
            assert!(decision.apply(from).is_err(), "{decision:?} from {from:?}");
        }
    }
}
