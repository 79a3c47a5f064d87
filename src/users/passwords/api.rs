//! Password resets over HTTP.

use super::store;
use super::types::{PasswordReset, ResetRequest};
use crate::shared::app::App;
use crate::shared::auth::Anyone;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::rate::Policy;
use crate::shared::reply::{Accepted, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct PasswordsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1/auth", tag = "Tag::Auth")]
impl PasswordsApi {
    /// Ask for a password reset
    ///
    /// If the address has an account that can sign in, a mail with a token goes there, one a minute at
    /// most. The token works once, for 30 minutes. The answer is always the same.
    #[oai(path = "/password-reset", method = "post", operation_id = "requestPasswordReset")]
    async fn request_reset(&self, anyone: Anyone, request: Body<ResetRequest>) -> Result<Accepted<Nothing>> {
        self.app.gate.limit_peer(&anyone.context, Policy::Login)?;
        store::request(&self.app, &anyone, &request.email).await?;
        Ok(Accepted::new())
    }

    /// Reset a password
    ///
    /// With the token of the mail. All sessions of the account end, and its other links are void. A
    /// token that was used, replaced or is too old is 410 `link_expired`, one that was never ours 401
    /// `invalid_token`. An easily guessed password is 422 `weak_password`.
    #[oai(path = "/password-reset/confirm", method = "post", operation_id = "resetPassword")]
    async fn reset_password(&self, anyone: Anyone, reset: Body<PasswordReset>) -> Result<Removed<Nothing>> {
        self.app.gate.limit_peer(&anyone.context, Policy::Login)?;
        let PasswordReset { token, password } = reset.value;
        store::confirm(&self.app, &anyone, &token, password).await?;
        Ok(Removed::new())
    }
}
