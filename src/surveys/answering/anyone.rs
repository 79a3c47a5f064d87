//! `AnyoneWithLink`: the operation is public for whoever holds the token of a survey link.

use crate::shared::auth::bearer;
use crate::shared::context::Context;
use crate::shared::id::SurveyLinkId;
use crate::shared::params::check_names;
use crate::shared::rate::Policy;
use crate::surveys::links;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::sync::Arc;

/// Somebody who holds the token of this link. Whether the link can still be used stands in its row:
/// `open_link` and `use_link` look.
pub struct AnyoneWithLink {
    pub context: Arc<Context>,
    pub link: SurveyLinkId,
}

impl<'a> ApiExtractor<'a> for AnyoneWithLink {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            "surveyLink",
            MetaSecurityScheme {
                ty: "http",
                description: Some("`Authorization: Bearer acc_fb_...`: the token of a survey link."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("acc_fb_"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["surveyLink"]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let context = Context::of(request)?.clone();
        context.gate.limit_peer(&context, Policy::Public)?;
        let link = links::proved(&context.gate.keys().link_key(), bearer(request)?)?;
        check_names(request)?;
        Ok(Self { context, link })
    }
}
