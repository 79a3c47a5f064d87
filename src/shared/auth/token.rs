//! Access tokens: JWT as RFC 9068 says, EdDSA, 15 minutes. Every claim is required, the type in
//! the header is compared, and the algorithm is ours, never the token's.

use super::{Keys, SessionId};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TYPE: &str = "at+jwt";
const ISSUER: &str = "accord";
const AUDIENCE: &str = "accord-api";
const LEEWAY: i64 = 30;
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// A signed access token.
pub struct AccessToken(pub String);

#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    pub sub: AccountId,
    pub sid: SessionId,
    pub role: Role,
    pub supplier_id: Option<SupplierId>,
    client_id: String,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Claims {
    /// When nobody accepts it any more.
    pub fn expires(&self) -> Timestamp {
        DateTime::from_timestamp(self.exp + LEEWAY, 0).unwrap_or_default().into()
    }
}

impl AccessToken {
    pub fn issue(
        keys: &Keys,
        account: &super::account::Model,
        sid: SessionId,
        jti: Uuid,
        now: Timestamp,
    ) -> Result<Self> {
        let key = keys.signing(now)?;
        let header = Header { typ: Some(TYPE.to_owned()), kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        let iat = now.instant().timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.id,
            sid,
            role: account.role,
            supplier_id: account.supplier_id,
            client_id: "accord".to_owned(),
            jti,
            iat,
            nbf: iat,
            exp: iat + LIFETIME.num_seconds(),
        };
        encode(&header, &claims, &key.signs).map(Self).map_err(Error::internal)
    }
}

pub fn verify(keys: &Keys, token: &str, now: Timestamp) -> Result<Claims> {
    let header = decode_header(token).map_err(|_| invalid())?;
    if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
        return Err(invalid());
    }
    let key = header.kid.as_deref().and_then(|id| keys.verifying(id, now)).ok_or_else(invalid)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    // Times are compared below, by our own clock.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    let claims = decode::<Claims>(token, &key.verifies, &rules).map_err(|_| invalid())?.claims;
    check_times(&claims, now)?;
    Ok(claims)
}

/// Whether the token may be used now.
pub fn check_times(claims: &Claims, now: Timestamp) -> Result<()> {
    let now = now.instant().timestamp();
    if claims.exp + LEEWAY <= now {
        return Err(Error::new(Code::TokenExpired, "The access token has expired. Refresh it, or sign in again."));
    }
    if claims.nbf - LEEWAY > now {
        return Err(invalid());
    }
    Ok(())
}

fn invalid() -> Error {
    Error::new(Code::InvalidToken, "The access token is not one of ours, or it was changed.")
}
