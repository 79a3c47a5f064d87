//! What is asked of the page.

use poem_openapi::Object;

/// Which version.
#[derive(Debug, Clone, Object)]
pub struct DocumentQuery {
    /// The version. Absent: the one in force; before the first activation, the first one.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub version: Option<i64>,
}
