//! What stands on the page, and how it becomes HTML. Pure: no SQL.

use crate::shared::error::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// One version of an agreement, in words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Document {
    pub title: String,
    pub version: i64,
    /// Where the version stands: `In force`.
    pub status: String,
    /// What is stamped on a page that is not, or no longer, the agreement: `DRAFT`.
    pub stamp: Option<String>,
    pub organization: String,
    pub supplier: String,
    /// Dates, notice, renewal, calendar, reviews and the target, in the order they are shown.
    pub terms: Vec<Term>,
    pub owed_to_us: Vec<Clause>,
    pub owed_by_us: Vec<Clause>,
    pub owed_to_customers: Vec<Clause>,
    pub to_do: Vec<String>,
    pub not_to_do: Vec<String>,
    pub signatures: Vec<Signed>,
    /// SHA-256 of the content in hexadecimal digits; once it was agreed.
    pub content_hash: Option<String>,
    pub printed_at: String,
}

/// A line of the terms.
#[derive(Clone, Debug, Serialize)]
pub struct Term {
    pub name: &'static str,
    pub value: String,
}

/// An expectation.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Clause {
    pub number: i64,
    pub dimension: &'static str,
    pub text: String,
    /// `within 48 hours, 95 of 100 times`
    pub measure: Option<String>,
    pub is_gate: bool,
    /// The numbers of the clauses it depends on: `2, 5`.
    pub depends_on: Option<String>,
    pub promises: Vec<Promised>,
}

/// A promise that makes a clause explicit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Promised {
    pub wording: String,
    pub measure: String,
    pub status: &'static str,
}

/// A signature; without a name, a line to sign on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Signed {
    pub side: String,
    pub name: Option<String>,
    pub title: Option<String>,
    pub date: Option<String>,
    pub is_on_paper: bool,
    pub hash: Option<String>,
}

/// The page. Whatever people wrote is escaped: it can be read, never run.
pub fn render(document: &Document) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(Error::internal)?;
    environment.set_syntax(syntax);
    environment.add_template("agreement.html", include_str!("agreement.html")).map_err(Error::internal)?;
    let template = environment.get_template("agreement.html").map_err(Error::internal)?;
    template.render(Serde(document)).map_err(Error::internal)
}
