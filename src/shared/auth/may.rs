//! `May<P>`: the caller has permission `P`. `Anyone`: the operation is public. One of the two is
//! the first argument of every operation, so that nothing is read before rights are known.

use super::{By, Scope};
use crate::shared::context::Context;
use crate::shared::error::{Code, Error, Result};
use crate::shared::params::check_names;
use crate::shared::permission::{Permission, Role};
use poem::http::header::AUTHORIZATION;
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
                description: Some("`Authorization: Bearer <access token>` from `POST /v1/auth/login`."),
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
        require::<P>(by.caller.role)?;
        by.gate.limit_caller(Context::of(request)?, by.caller.account_id)?;
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
        Ok(Self { context })
    }
}

async fn authenticate(request: &Request) -> Result<By> {
    let context = Context::of(request)?;
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .ok_or_else(|| Error::new(Code::MissingCredentials, "Send `Authorization: Bearer <access token>`."))?;
    if request.headers().get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(Error::new(Code::InvalidToken, "Send one Authorization header."));
    }
    let token = given
        .to_str()
        .ok()
        .and_then(|given| given.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Error::new(Code::InvalidToken, "The Authorization header is not `Bearer <token>`."))?;
    let caller = context.gate.caller(token).await?;
    let _ = context.caller.set(caller.clone());
    let scope = match (caller.role.is_supplier(), caller.supplier_id) {
        (false, _) => Scope::Everything,
        (true, Some(own)) => Scope::Supplier(own),
        (true, None) => return Err(Error::new(Code::Forbidden, "This account belongs to no supplier.")),
    };
    let (gate, request_id) = (context.gate.clone(), context.request_id.clone());
    Ok(By { caller, scope, request_id, clock: gate.clock().clone(), gate })
}

fn require<P: Permission>(role: Role) -> Result<()> {
    let column = Role::ALL.iter().position(|known| *known == role);
    if column.is_some_and(|column| P::ROLES[column]) {
        return Ok(());
    }
    let detail = format!("The role {} does not include {}.", role.name(), P::NAME);
    Err(Error::new(Code::Forbidden, detail).with("required_permission", P::NAME))
}
