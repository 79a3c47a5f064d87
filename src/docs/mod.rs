//! The documentation page: Swagger UI on a page of our own. Everything it loads comes from this
//! process, under a content security policy that allows nothing else.

use bytes::Bytes;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use poem::web::Data;
use poem::{Response, Route, get, handler};
use serde_json::Value;
use std::sync::Arc;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn asset(media_type: &'static str, content: &'static [u8]) -> Response {
    Response::builder()
        .header(CONTENT_TYPE, media_type)
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(CACHE_CONTROL, "public, max-age=3600")
        .body(content)
}

macro_rules! assets {
    ($($name:ident $media_type:literal $file:literal)*) => {
        $(
            #[handler]
            fn $name() -> Response {
                asset($media_type, include_bytes!($file))
            }
        )*
    };
}

assets! {
    page    "text/html; charset=utf-8"       "index.html"
    script  "text/javascript; charset=utf-8" "docs.js"
    style   "text/css; charset=utf-8"        "docs.css"
    icon    "image/svg+xml"                  "favicon.svg"
    bundle  "text/javascript; charset=utf-8" "swagger-ui/swagger-ui-bundle.js"
    ui      "text/css; charset=utf-8"        "swagger-ui/swagger-ui.css"
}

/// The published documents, as they are served.
pub struct Documents {
    v31: Bytes,
    v30: Bytes,
}

impl Documents {
    pub fn of(v31: &Value, v30: &Value) -> Arc<Self> {
        Arc::new(Self { v31: v31.to_string().into(), v30: v30.to_string().into() })
    }
}

#[handler]
fn document_31(documents: Data<&Arc<Documents>>) -> Response {
    Response::builder().header(CONTENT_TYPE, "application/json").body(documents.v31.clone())
}

#[handler]
fn document_30(documents: Data<&Arc<Documents>>) -> Response {
    Response::builder().header(CONTENT_TYPE, "application/json").body(documents.v30.clone())
}

/// Adds the page, its parts and the documents.
pub fn mount(route: Route) -> Route {
    route
        .at("/docs", get(page))
        .at("/docs/docs.js", get(script))
        .at("/docs/docs.css", get(style))
        .at("/docs/favicon.svg", get(icon))
        .at("/docs/swagger-ui-bundle.js", get(bundle))
        .at("/docs/swagger-ui.css", get(ui))
        .at("/openapi.json", get(document_31))
        .at("/openapi-3.0.json", get(document_30))
}
