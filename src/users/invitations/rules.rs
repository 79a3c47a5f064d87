//! Who may invite whom, where an invitation stands, and its token.

use super::types::{InvitationId, InvitationStatus};
use crate::shared::auth::{Scope, secret};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use crate::users::rules::check_place;
use chrono::TimeDelta;
use secret::INVITATION;

/// How long an invitation can be accepted.
pub const VALID: TimeDelta = TimeDelta::days(7);
/// Before it is sent again.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Into one supplier.
pub const MOST_PENDING: u64 = 50;
/// So many of the older tokens are told from what never was one.
const REMEMBERED: i64 = 100;

pub fn status(
    accepted_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    expires_at: Timestamp,
    now: Timestamp,
) -> InvitationStatus {
    match (accepted_at, revoked_at) {
        (Some(_), _) => InvitationStatus::Accepted,
        (_, Some(_)) => InvitationStatus::Revoked,
        _ if now < expires_at => InvitationStatus::Pending,
        _ => InvitationStatus::Expired,
    }
}

/// The supplier somebody is invited into; `None` for staff.
pub fn admit(
    inviter: Option<Role>,
    scope: Scope,
    role: Role,
    supplier: Option<SupplierId>,
) -> Result<Option<SupplierId>> {
    if inviter != Some(Role::Owner) && !role.is_supplier() {
        let detail = format!("Only owners invite people of the role {}.", role.name());
        return Err(Error::rule(Code::Forbidden, "/role", detail));
    }
    let supplier = match scope {
        Scope::Supplier(own) => supplier.or(Some(own)),
        Scope::Everything => supplier,
    };
    check_place(role, supplier)?;
    Ok(supplier)
}

/// Refuses to take back, or to send again, what is over.
pub fn refuse_over(status: InvitationStatus, allowed: &[InvitationStatus]) -> Result<()> {
    if allowed.contains(&status) {
        return Ok(());
    }
    let name = |status: &InvitationStatus| match status {
        InvitationStatus::Pending => "pending",
        InvitationStatus::Accepted => "accepted",
        InvitationStatus::Revoked => "revoked",
        InvitationStatus::Expired => "expired",
    };
    let allowed: Vec<_> = allowed.iter().map(name).collect();
    let detail = format!("The invitation is {}; possible while it is {}.", name(&status), allowed.join(" or "));
    Err(Error::new(Code::InvalidState, detail).with("current_status", name(&status)).with("allowed", allowed))
}

/// Refuses to mail the same person again at once; when it was last sent follows from its end.
pub fn refuse_too_soon(expires_at: Timestamp, now: Timestamp) -> Result<()> {
    let again = expires_at.plus(PAUSE - VALID).instant() - now.instant();
    match u64::try_from(again.num_milliseconds()).unwrap_or(0).div_ceil(1000) {
        0 => Ok(()),
        seconds => {
            let detail = format!("It was sent a moment ago. It can be sent again in {seconds} s.");
            Err(Error::new(Code::RateLimited, detail).with("policy", "invitation").retry_after(seconds))
        }
    }
}

/// Whether whoever sent the invitation could send it now.
pub fn still_invites(inviter: Option<(Role, Option<SupplierId>)>, role: Role, supplier: Option<SupplierId>) -> bool {
    let Some((own_role, own_supplier)) = inviter else {
        return false;
    };
    let scope = own_supplier.map_or(Scope::Everything, Scope::Supplier);
    let may_write = [Role::Owner, Role::Manager, Role::SupplierAdmin].contains(&own_role);
    let is_own = own_supplier.is_none_or(|own| supplier == Some(own));
    may_write && is_own && admit(Some(own_role), scope, role, supplier).is_ok()
}

/// The token of one round.
pub fn token(key: &[u8], id: InvitationId, round: i64) -> String {
    secret::signed(key, INVITATION, id.0, round)
}

/// The invitation a token names. Not proved yet.
pub fn named(token: &str) -> Result<InvitationId> {
    secret::names(INVITATION, token).map(InvitationId).ok_or_else(unknown)
}

/// Refuses what is not the token of this round.
pub fn check_token(key: &[u8], given: &str, id: InvitationId, round: i64) -> Result<()> {
    let is_of = |round: &i64| secret::is_signed(key, INVITATION, given, id.0, *round);
    match (is_of(&round), (1.max(round - REMEMBERED)..round).any(|older| is_of(&older))) {
        (true, _) => Ok(()),
        (false, true) => Err(over("It was sent again: take the token of the latest mail.")),
        (false, false) => Err(unknown()),
    }
}

pub fn unknown() -> Error {
    Error::new(Code::InvalidToken, "The token is not one of ours.")
}

pub fn over(why: &str) -> Error {
    Error::new(Code::InvitationExpired, format!("The invitation cannot be accepted any more. {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn nobody_invites_to_a_role_above_their_own() {
        let own = SupplierId(Uuid::from_u128(1));
        for role in Role::ALL {
            let supplier = role.is_supplier().then_some(own);
            assert!(admit(Some(Role::Owner), Scope::Everything, role, supplier).is_ok(), "{role:?}");
            assert_eq!(admit(Some(Role::Manager), Scope::Everything, role, supplier).is_ok(), role.is_supplier());
            let admin = admit(Some(Role::SupplierAdmin), Scope::Supplier(own), role, None);
            assert_eq!(admin.ok(), role.is_supplier().then_some(Some(own)), "{role:?}");
        }
    }

    #[test]
    fn the_token_of_an_older_round_is_over_and_a_made_up_one_unknown() {
        let (key, id) = ([7; 32], InvitationId(Uuid::from_u128(1)));
        let check = |given: &str, round| check_token(&key, given, id, round).map_err(|error| error.code);
        let first = token(&key, id, 1);
        assert_eq!(check(&first, 1), Ok(()));
        assert_eq!(check(&first, 2), Err(Code::InvitationExpired));
        assert_eq!(check(&token(&[8; 32], id, 1), 1), Err(Code::InvalidToken));
        assert_eq!(check(&token(&key, id, 3), 2), Err(Code::InvalidToken));
    }
}
