//! The shapes of signing in.

use crate::shared::auth::SessionId;
use poem_openapi::Object;
use serde::Serialize;

/// Who signs in.
#[derive(Object)]
pub struct Login {
    /// E-mail address of the account.
    #[oai(validator(min_length = 3, max_length = 254))]
    pub email: String,
    /// Its password.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub password: String,
}

/// Proof of having signed in, for the `Authorization` header.
#[derive(Object, Serialize)]
pub struct Token {
    /// Send it as `Authorization: Bearer <access_token>`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The session that this sign-in began.
    pub session_id: SessionId,
}
