//! What an API key may be given, and when it works. Pure: no HTTP, no SQL.

use super::types::{ApiKey, ApiKeyChange, ApiKeyStatus, NewApiKey};
use crate::shared::auth::api_key::{KeyNetwork, KeyScope};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::permission::{POLICY, Role, SERVICE, scope};
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use ipnet::IpNet;
use jiff::{Span, SpanRelativeTo};

/// How long an old key works after a rotation,
const OVERLAP: TimeDelta = TimeDelta::hours(24);
/// and at most.
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

pub fn status(key: &ApiKey, now: Timestamp) -> ApiKeyStatus {
    match (key.revoked_at, key.expires_at) {
        (Some(_), _) => ApiKeyStatus::Revoked,
        (None, Some(end)) if end <= now => ApiKeyStatus::Expired,
        _ => ApiKeyStatus::Active,
    }
}

pub fn check_new(new: &NewApiKey, supplier: Option<SupplierId>, now: Timestamp) -> Result<()> {
    check_scopes(&new.scopes.0, supplier)?;
    check_expiry(new.expires_at, now)?;
    check_networks(&new.allowed_cidrs.0)
}

pub fn check_change(before: &ApiKey, change: &ApiKeyChange, now: Timestamp) -> Result<()> {
    if before.status == ApiKeyStatus::Revoked {
        return Err(invalid_state(before, &[]));
    }
    if let Some(scopes) = change.scopes.wanted() {
        check_scopes(&scopes.0, before.supplier_id)?;
    }
    if let Some(networks) = change.allowed_cidrs.wanted() {
        check_networks(&networks.0)?;
    }
    check_expiry(change.expires_at.wanted().copied(), now)
}

/// An expired key is given a later end first; a revoked one stays so.
pub fn may_rotate(key: &ApiKey) -> Result<()> {
    match key.status {
        ApiKeyStatus::Active => Ok(()),
        ApiKeyStatus::Expired => Err(invalid_state(key, &["update", "revoke"])),
        ApiKeyStatus::Revoked => Err(invalid_state(key, &[])),
    }
}

pub fn may_revoke(key: &ApiKey) -> Result<()> {
    match key.status {
        ApiKeyStatus::Revoked => Err(invalid_state(key, &[])),
        _ => Ok(()),
    }
}

fn invalid_state(key: &ApiKey, allowed: &[&str]) -> Error {
    Error::new(Code::InvalidState, "The API key does not allow this in its state.")
        .with("current_status", serde_json::to_value(key.status).unwrap_or_default())
        .with("allowed", allowed)
}

/// A key does what its column of the policy table reaches; a scope beyond it would promise more.
fn check_scopes(scopes: &[KeyScope], supplier: Option<SupplierId>) -> Result<()> {
    let admin = Role::ALL.iter().position(|role| *role == Role::SupplierAdmin);
    let column = supplier.and(admin).unwrap_or(SERVICE);
    for (place, wanted) in scopes.iter().enumerate() {
        if !POLICY.iter().any(|(name, cells)| cells[column] && scope(name) == **wanted) {
            let detail = format!("A key of a supplier cannot have the scope {}.", &**wanted);
            return Err(Error::rule(Code::RuleViolated, &format!("/scopes/{place}"), detail));
        }
    }
    Ok(())
}

fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match expires_at {
        Some(end) if end <= now => {
            Err(Error::rule(Code::RuleViolated, "/expires_at", "The end of a key lies in the future."))
        }
        _ => Ok(()),
    }
}

/// A network has one way to be written. Guessing what `10.1.2.3/8` was meant to be might let in
/// sixteen million addresses.
fn check_networks(networks: &[KeyNetwork]) -> Result<()> {
    for (place, given) in networks.iter().enumerate() {
        let wrong = |detail: String| Err(Error::rule(Code::RuleViolated, &format!("/allowed_cidrs/{place}"), detail));
        let Ok(network) = given.parse::<IpNet>() else {
            return wrong("This is not a network.".to_owned());
        };
        if network.addr() != network.addr().to_canonical() {
            return wrong("Write an IPv4 network as such.".to_owned());
        }
        let plain = network.trunc().to_string();
        if plain != **given {
            return wrong(format!("Write the network as {plain}, or the single address with its full length."));
        }
    }
    Ok(())
}

/// How long the old key goes on working.
pub fn overlap(given: Option<&str>) -> Result<TimeDelta> {
    let wrong = || Error::rule(Code::RuleViolated, "/overlap", "An overlap lasts 7 days at most.");
    let Some(given) = given else {
        return Ok(OVERLAP);
    };
    let span: Span = given.parse().map_err(|_| wrong())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    let length = TimeDelta::try_seconds(length.as_secs()).ok_or_else(wrong)?;
    if length > LONGEST_OVERLAP { Err(wrong()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_a_day_unless_said_and_a_week_at_most() {
        let hours = |given| overlap(given).ok().map(|length| length.num_hours());
        assert_eq!(hours(None), Some(24));
        for (given, length) in [("PT0S", 0), ("PT36H", 36), ("P2DT60M", 49), ("P7D", 168), ("PT604800S", 168)] {
            assert_eq!(hours(Some(given)), Some(length), "{given}");
        }
        for given in ["P8D", "PT604801S", "P7DT1S", "P", "a day"] {
            assert_eq!(hours(Some(given)), None, "{given}");
        }
    }
}
