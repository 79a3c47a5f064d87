//! The shapes of password resets.

use poem_openapi::Object;

/// Whose password was forgotten.
#[derive(Clone, Object)]
pub struct ResetRequest {
    /// E-mail address of the account.
    #[oai(validator(min_length = 3, max_length = 254))]
    pub email: String,
}

/// Another password for whoever holds the token.
#[derive(Clone, Object)]
pub struct PasswordReset {
    /// The token of the mail. It works once.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub token: String,
    /// The new password: 12 to 128 characters of any kind, not easily guessed.
    #[oai(validator(min_length = 12, max_length = 128))]
    pub password: String,
}
