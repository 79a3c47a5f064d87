//! The shapes of health, version and the catalogue of problems.

use crate::shared::error::Code;
use poem_openapi::Object;
use serde::Serialize;

/// How the process is.
#[derive(Debug, Object, Serialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// What is running.
#[derive(Debug, Object, Serialize)]
pub struct Version {
    /// Version of the program and of the document (semantic versioning).
    pub version: String,
}

/// One kind of refusal.
#[derive(Debug, Object, Serialize)]
pub struct ProblemKind {
    /// The stable code in every problem document.
    pub code: String,
    /// Its HTTP status.
    pub status: u16,
    /// Its title.
    pub title: String,
    /// Whether, and how, the same request may be sent again.
    pub retry: String,
    /// The `type` of such a problem.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub uri: String,
}

/// The catalogue of problems.
#[derive(Debug, Object, Serialize)]
pub struct ProblemCatalogue {
    /// All kinds, by status.
    pub data: Vec<ProblemKind>,
}

impl ProblemKind {
    pub fn of(code: Code, public_url: &str) -> Self {
        Self {
            code: code.name().to_owned(),
            status: code.status(),
            title: code.title().to_owned(),
            retry: code.retry().to_owned(),
            uri: format!("{public_url}/problems/{}", code.name()),
        }
    }
}
