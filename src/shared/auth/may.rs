//! `May<P>`: the caller has permission `P`. `Anyone`: the operation is public. One of the two is
//! the first argument of every operation, so that nothing is read before rights are known.

use super::session::Device;
use super::{By, Caller, Identity};
use crate::shared::context::Context;
use crate::shared::error::{Code, Error, Result};
use crate::shared::params::check_names;
use crate::shared::permission::{Permission, scope};
use poem::http::header::{AUTHORIZATION, USER_AGENT};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::marker::PhantomData;
use std::sync::Arc;

/// The caller, who has the permission `P`.
pub struct May<P>(By, PhantomData<fn() -> P>);

/// A public operation: no credentials are looked at.
pub struct Anyone {
    pub context: Arc<Context>,
    user_agent: Option<String>,
}

impl Anyone {
    /// From where the request comes.
    pub fn device(&self) -> Device {
        let address = Some(self.context.peer.to_canonical().to_string());
        Device { user_agent: self.user_agent.clone(), address }
    }
}

impl<P> std::ops::Deref for May<P> {
    type Target = By;
    fn deref(&self) -> &By {
        &self.0
    }
}

impl<P> May<P> {
    /// On whose behalf a change is made.
    pub fn by(&self) -> By {
        self.0.clone()
    }
}

impl<'a, P: Permission> ApiExtractor<'a> for May<P> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            "bearerAuth",
            MetaSecurityScheme {
                ty: "http",
                description: Some(
                    "`Authorization: Bearer <access token>` from `POST /v1/auth/login`, or an API key (`acc_sk_...`).",
                ),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    /// The permission travels in the scheme's name; `openapi` takes it apart.
    fn security_schemes() -> Vec<&'static str> {
        vec![P::SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let by = authenticate(request).await?;
        if let Err(refusal) = require::<P>(&by.caller) {
            by.gate.note_denial(&by.caller, &by.request_id, P::NAME).await;
            return Err(refusal.into());
        }
        by.gate.limit_caller(Context::of(request)?, by.caller.id())?;
        check_names(request)?;
        Ok(Self(by, PhantomData))
    }
}

impl<'a> ApiExtractor<'a> for Anyone {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];
    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let context = Context::of(request)?.clone();
        check_names(request)?;
        let named = request.headers().get(USER_AGENT).and_then(|name| name.to_str().ok());
        let user_agent = named.map(|name| name.chars().take(200).collect());
        Ok(Self { context, user_agent })
    }
}

/// The token in the `Authorization` header.
pub fn bearer(request: &Request) -> Result<&str> {
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .ok_or_else(|| Error::new(Code::MissingCredentials, "Send `Authorization: Bearer <access token>`."))?;
    if request.headers().get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(Error::new(Code::InvalidToken, "Send one Authorization header."));
    }
    given
        .to_str()
        .ok()
        .and_then(|given| given.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Error::new(Code::InvalidToken, "The Authorization header is not `Bearer <token>`."))
}

async fn authenticate(request: &Request) -> Result<By> {
    let context = Context::of(request)?;
    let caller = context.gate.caller(bearer(request)?, context).await?;
    let _ = context.caller.set(caller.clone());
    let scope = caller.scope()?;
    let (gate, request_id) = (context.gate.clone(), context.request_id.clone());
    Ok(By { caller, scope, request_id, clock: gate.clock().clone(), gate })
}

fn require<P: Permission>(caller: &Caller) -> Result<()> {
    let (code, detail) = match &caller.identity {
        Identity::Account { must_change_password: true, .. } if !P::IS_OWN => {
            let detail = "Somebody else chose your password. Change it first: `POST /v1/me/password`.".to_owned();
            (Code::PasswordChangeRequired, detail)
        }
        _ if caller.may::<P>() => return Ok(()),
        Identity::Key { .. } if P::CELLS[caller.column()] => {
            (Code::InsufficientScope, format!("The API key has not the scope {}.", scope(P::NAME)))
        }
        _ => (Code::Forbidden, format!("You are {}, which does not include {}.", caller.is_what(), P::NAME)),
    };
    Err(Error::new(code, detail).with("required_permission", P::NAME))
}
