//! Signing in over HTTP.

use super::types::{Login, Token};
use crate::shared::app::App;
use crate::shared::auth::{AccessToken, Anyone, TOKEN_LIFETIME, account, password};
use crate::shared::body::Body;
use crate::shared::error::{Code, Error, Result};
use crate::shared::rate::Policy;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct AuthApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Auth")]
impl AuthApi {
    /// Sign in
    ///
    /// An access token for 15 minutes. Wrong e-mail address and wrong password answer the same.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(&self, anyone: Anyone, login: Body<Login>) -> Result<Listed<Token>> {
        self.app.gate.limit_peer(&anyone.context, Policy::Login)?;
        let account = account::by_email(self.app.db.fresh(), &login.email).await?;
        let usable = account.filter(|account| account.disabled_at.is_none());
        let stored = usable.as_ref().map(|account| account.password_hash.clone());
        let fits = password::verify(login.value.password, stored, self.app.password_cost).await?;
        let (true, Some(account)) = (fits, usable) else {
            return Err(Error::new(Code::InvalidCredentials, "Email or password is wrong."));
        };
        let input = (self.app.clock.clone(), account.id);
        let session_id =
            self.app.db.write(input, |txn, (clock, id)| Box::pin(account::open_session(txn, clock, *id))).await?;
        let (keys, now) = (self.app.gate.keys(), self.app.clock.now());
        let token = AccessToken::issue(keys, &account, session_id, self.app.clock.uuid(), now)?;
        let (token_type, expires_in) = ("Bearer".to_owned(), TOKEN_LIFETIME.num_seconds());
        Listed::new(&Token { access_token: token.0, token_type, expires_in, session_id })
    }
}
