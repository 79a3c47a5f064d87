//! What a link may be, where it stands, and its token.

use super::types::{NewSurveyLink, SurveyLinkStatus};
use crate::shared::auth::secret;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SurveyLinkId;
use crate::shared::time::Timestamp;
use crate::surveys::types::{SurveyStatus, SurveyTerms};
use chrono::TimeDelta;

const USUAL: TimeDelta = TimeDelta::days(30);
const LONGEST: TimeDelta = TimeDelta::days(366);
/// A link has one token for good.
const ROUND: i64 = 1;

/// How often and until when a link is used.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    pub uses: i64,
    pub max_uses: i64,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

pub fn status(of: Use, now: Timestamp) -> SurveyLinkStatus {
    match of {
        Use { revoked_at: Some(_), .. } => SurveyLinkStatus::Revoked,
        Use { uses, max_uses, .. } if uses >= max_uses => SurveyLinkStatus::UsedUp,
        Use { expires_at, .. } if expires_at <= now => SurveyLinkStatus::Expired,
        Use { .. } => SurveyLinkStatus::Open,
    }
}

/// Refuses an answer that comes too late.
pub fn refuse_over(status: SurveyLinkStatus, survey: SurveyStatus) -> Result<()> {
    let (code, detail) = match status {
        SurveyLinkStatus::Revoked => (Code::Gone, "This link was taken back."),
        SurveyLinkStatus::UsedUp => (Code::LinkUsedUp, "This link was used already."),
        SurveyLinkStatus::Expired => (Code::LinkExpired, "The time to answer under this link is over."),
        SurveyLinkStatus::Open if survey == SurveyStatus::Retired => (Code::Gone, "Nobody is asked this any more."),
        SurveyLinkStatus::Open => return Ok(()),
    };
    Err(Error::new(code, detail))
}

/// Refuses to take back what cannot be used anyway.
pub fn may_revoke(status: SurveyLinkStatus) -> Result<()> {
    let name = match status {
        SurveyLinkStatus::Open => return Ok(()),
        SurveyLinkStatus::UsedUp => "used_up",
        SurveyLinkStatus::Expired => "expired",
        SurveyLinkStatus::Revoked => "revoked",
    };
    let allowed: [&str; 0] = [];
    let detail = format!("The link is {}: nobody can answer under it.", name.replace('_', " "));
    Err(Error::new(Code::InvalidState, detail).with("current_status", name).with("allowed", allowed.as_slice()))
}

/// What can be said of a new link before anything is looked up; until when it can be used.
pub fn checked(new: &NewSurveyLink, terms: &SurveyTerms, now: Timestamp) -> Result<Timestamp> {
    let wrong = |pointer: &str, detail: &str| Err(Error::rule(Code::RuleViolated, pointer, detail));
    if new.agreement_id.is_none() && new.supplier_id.is_none() && new.person_id.is_none() {
        return wrong("/agreement_id", "Say what answers are about: an agreement, a supplier or a person.");
    }
    if new.agreement_id.is_some() && new.supplier_id.is_some() {
        return wrong("/supplier_id", "The supplier is that of the agreement: name one of the two.");
    }
    if new.max_uses > 1 && new.customer_ref.is_some() {
        return wrong("/customer_ref", "Where several may answer, each customer names itself.");
    }
    if new.language.as_ref().is_some_and(|language| !terms.languages.contains(language)) {
        return wrong("/language", "The survey has no words in this language.");
    }
    match new.expires_at {
        None => Ok(now.plus(USUAL)),
        Some(at) if at <= now => Err(Error::rule(Code::RuleViolated, "/expires_at", "It is in the past.")),
        Some(at) if at > now.plus(LONGEST) => {
            Err(Error::rule(Code::RuleViolated, "/expires_at", "A link can be used for a year at most."))
        }
        Some(at) => Ok(at),
    }
}

pub fn token(key: &[u8], id: SurveyLinkId) -> String {
    secret::signed(key, secret::FEEDBACK, id.0, ROUND)
}

/// The link whose token this is.
pub fn proved(key: &[u8], token: &str) -> Result<SurveyLinkId> {
    let named = secret::names(secret::FEEDBACK, token);
    let proved = named.filter(|id| secret::is_signed(key, secret::FEEDBACK, token, *id, ROUND));
    proved.map(SurveyLinkId).ok_or_else(unknown)
}

pub fn unknown() -> Error {
    Error::new(Code::InvalidToken, "The token is not that of a survey link.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().into()
    }

    #[test]
    fn a_link_is_open_until_it_is_used_up_over_or_taken_back() {
        let link = Use { uses: 0, max_uses: 2, expires_at: at(10), revoked_at: None };
        assert_eq!(status(link, at(9)), SurveyLinkStatus::Open);
        assert_eq!(status(link, at(10)), SurveyLinkStatus::Expired);
        assert_eq!(status(Use { uses: 1, ..link }, at(9)), SurveyLinkStatus::Open);
        assert_eq!(status(Use { uses: 2, ..link }, at(11)), SurveyLinkStatus::UsedUp);
        assert_eq!(status(Use { uses: 2, revoked_at: Some(at(1)), ..link }, at(9)), SurveyLinkStatus::Revoked);
    }

    #[test]
    fn every_end_has_its_code() {
        let code = |status, survey| refuse_over(status, survey).err().map(|error| error.code);
        assert_eq!(code(SurveyLinkStatus::Open, SurveyStatus::Published), None);
        assert_eq!(code(SurveyLinkStatus::Open, SurveyStatus::Retired), Some(Code::Gone));
        assert_eq!(code(SurveyLinkStatus::Revoked, SurveyStatus::Published), Some(Code::Gone));
        assert_eq!(code(SurveyLinkStatus::UsedUp, SurveyStatus::Published), Some(Code::LinkUsedUp));
        assert_eq!(code(SurveyLinkStatus::Expired, SurveyStatus::Published), Some(Code::LinkExpired));
    }

    #[test]
    fn a_token_proves_its_own_link_only() {
        let (key, id) = ([7; 32], SurveyLinkId(Uuid::from_u128(5)));
        let token = token(&key, id);
        assert!(token.starts_with("acc_fb_"));
        assert_eq!(proved(&key, &token).expect("ours"), id);
        assert!(proved(&[8; 32], &token).is_err());
        assert!(proved(&key, &secret::signed(&key, secret::INVITATION, id.0, 1)).is_err());
        assert!(proved(&key, "acc_fb_").is_err());
    }
}
