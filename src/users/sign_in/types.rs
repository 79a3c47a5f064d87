//! The shapes of signing in.

use crate::shared::auth::SessionId;
use poem_openapi::Object;
use serde::Serialize;

/// Who signs in.
#[derive(Clone, Object)]
pub struct Login {
    /// E-mail address of the account.
    #[oai(validator(min_length = 3, max_length = 254))]
    pub email: String,
    /// Its password.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub password: String,
}

/// A refresh token to be exchanged.
#[derive(Clone, Object)]
pub struct Refresh {
    /// The `refresh_token` of the last answer. It works once.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub refresh_token: String,
}

/// Proof of having signed in, for the `Authorization` header.
#[derive(Object, Serialize)]
pub struct Token {
    /// Send it as `Authorization: Bearer <access_token>`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Exchange it for the next pair with `POST /v1/auth/refresh`. It works once.
    pub refresh_token: String,
    /// Seconds until the refresh token expires, if it is not used.
    pub refresh_expires_in: i64,
    /// The session that this sign-in began.
    pub session_id: SessionId,
    /// Whether somebody else chose the password: nothing but changing it is allowed then.
    pub password_change_required: bool,
}

/// The keys that access tokens are verified with (RFC 7517).
#[derive(Object, Serialize)]
pub struct KeySet {
    /// Every key whose tokens are accepted, and the one that will sign next.
    pub keys: Vec<Key>,
}

/// A public key (RFC 8037).
#[derive(Object, Serialize)]
pub struct Key {
    /// The key type: `OKP`.
    pub kty: String,
    /// The curve: `Ed25519`.
    pub crv: String,
    /// The public key, base64url.
    pub x: String,
    /// The id that tokens name in their header.
    pub kid: String,
    /// What the key is for: `sig`.
    #[oai(rename = "use")]
    #[serde(rename = "use")]
    pub usage: String,
    /// The algorithm: `EdDSA`.
    pub alg: String,
}
