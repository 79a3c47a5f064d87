//! The form behind a survey link: `/s#<token>`. The token stands in the fragment, which browsers never send; the
//! page reads it and shows it to the API only, as a header. Everything it loads comes from this process.

use poem::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use poem::{Response, Route, get, handler};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn asset(media_type: &'static str, content: &'static str) -> Response {
    Response::builder()
        .header(CONTENT_TYPE, format!("{media_type}; charset=utf-8"))
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(CACHE_CONTROL, "public, max-age=300")
        .body(content)
}

macro_rules! assets {
    ($($name:ident $media_type:literal $file:literal)*) => {
        $(
            #[handler]
            fn $name() -> Response {
                asset($media_type, include_str!($file))
            }
        )*
    };
}

assets! {
    page   "text/html"       "index.html"
    style  "text/css"        "form.css"
    form   "text/javascript" "form.js"
    fields "text/javascript" "fields.js"
    words  "text/javascript" "words.js"
}

/// Adds the page and its parts.
pub fn mount(route: Route) -> Route {
    route
        .at("/s", get(page))
        .at("/s/form.css", get(style))
        .at("/s/form.js", get(form))
        .at("/s/fields.js", get(fields))
        .at("/s/words.js", get(words))
}
