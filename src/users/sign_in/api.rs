//! Signing in over HTTP.

use super::store;
use super::types::{Key, KeySet, Login, Refresh, Token};
use crate::shared::app::App;
use crate::shared::auth::{AccessToken, Anyone, May, SessionId, TOKEN_LIFETIME, account, session};
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::permission::me::Update;
use crate::shared::rate::Policy;
use crate::shared::reply::{Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use crate::users::sessions;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use poem_openapi::OpenApi;

pub struct AuthApi {
    pub app: App,
}

#[OpenApi(tag = "Tag::Auth")]
impl AuthApi {
    /// Sign in
    ///
    /// An access token for 15 minutes and a refresh token for the next ones. An unknown account, a
    /// wrong password and a disabled account answer the same. After some failures every further
    /// attempt has to wait (429 with `Retry-After`), a minute at most.
    #[oai(path = "/v1/auth/login", method = "post", operation_id = "login")]
    async fn login(&self, anyone: Anyone, login: Body<Login>) -> Result<Listed<Token>> {
        self.app.gate.limit_peer(&anyone.context, Policy::Login)?;
        let Login { email, password } = login.value;
        let account = store::identify(&self.app, &anyone.context, &email, password).await?;
        let (session, refresh_token) = store::open(&self.app, &anyone, &account).await?;
        token(&self.app, &account, session, refresh_token)
    }

    /// Refresh the access token
    ///
    /// Gives another pair; the presented refresh token is used up. Presenting a used one ends the
    /// session (401 `refresh_token_reused`), except in the ten seconds after its first use, when the
    /// answer may have been lost. A session ends after 7 days without use, or after 30 days.
    #[oai(path = "/v1/auth/refresh", method = "post", operation_id = "refreshToken")]
    async fn refresh(&self, anyone: Anyone, refresh: Body<Refresh>) -> Result<Listed<Token>> {
        let (account, session, refresh_token) = store::refresh(&self.app, &anyone, &refresh.refresh_token).await?;
        token(&self.app, &account, session, refresh_token)
    }

    /// Sign out
    ///
    /// Ends the session of the access token, on all instances within a second.
    #[oai(path = "/v1/auth/logout", method = "post", operation_id = "logout")]
    async fn logout(&self, by: May<Update>) -> Result<Removed<Nothing>> {
        if let Some(session) = by.session() {
            sessions::end(&self.app, &by, session).await?;
        }
        Ok(Removed::new())
    }

    /// List the keys of access tokens
    ///
    /// For services that verify access tokens themselves (RFC 7517). A new key is listed a minute
    /// before it signs.
    #[oai(path = "/.well-known/jwks.json", method = "get", operation_id = "listTokenKeys")]
    async fn keys(&self, _anyone: Anyone) -> Result<Listed<KeySet>> {
        let keys = self.app.gate.keys();
        let keys = keys.accepted(self.app.clock.now()).map(|key| Key {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: BASE64.encode(&key.public),
            kid: key.id.clone(),
            usage: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
        });
        Listed::new(&KeySet { keys: keys.collect() })
    }
}

fn token(app: &App, account: &account::Model, session_id: SessionId, refresh_token: String) -> Result<Listed<Token>> {
    let (keys, now) = (app.gate.keys(), app.clock.now());
    Listed::new(&Token {
        access_token: AccessToken::issue(&keys, account, session_id, app.clock.uuid(), now)?.0,
        token_type: "Bearer".to_owned(),
        expires_in: TOKEN_LIFETIME.num_seconds(),
        refresh_token,
        refresh_expires_in: session::IDLE.num_seconds(),
        session_id,
        password_change_required: account.must_change_password,
    })
}
