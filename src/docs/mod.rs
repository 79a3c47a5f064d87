//! The documentation page: Swagger UI on a page of our own. Everything it loads comes from this
//! process, under a content security policy that allows nothing else.

use bytes::Bytes;
use poem::error::InternalServerError;
use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use poem::web::Data;
use poem::{Response, Route, get, handler};
use serde_json::Value;
use std::sync::{Arc, LazyLock};

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

/// The published documents, as they are served: made when somebody asks for one.
pub struct Documents(LazyLock<[Bytes; 2], Box<dyn FnOnce() -> [Bytes; 2] + Send>>);

impl Documents {
    /// `make` makes the 3.1 document and its 3.0 twin.
    pub fn of(make: impl FnOnce() -> [Value; 2] + Send + 'static) -> Arc<Self> {
        Arc::new(Self(LazyLock::new(Box::new(|| make().map(|document| document.to_string().into())))))
    }
}

async fn document(documents: &Arc<Documents>, which: usize) -> poem::Result<Response> {
    let documents = documents.clone();
    let made = tokio::task::spawn_blocking(move || documents.0[which].clone()).await.map_err(InternalServerError)?;
    Ok(Response::builder().header(CONTENT_TYPE, "application/json").body(made))
}

#[handler]
async fn document_31(documents: Data<&Arc<Documents>>) -> poem::Result<Response> {
    document(&documents, 0).await
}

#[handler]
async fn document_30(documents: Data<&Arc<Documents>>) -> poem::Result<Response> {
    document(&documents, 1).await
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
