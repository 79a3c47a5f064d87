//! What stands on the page, and how it becomes HTML. Pure: no SQL.

use crate::shared::error::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// The evidence of a review, in words.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Page {
    pub title: String,
    pub supplier: String,
    pub number: i64,
    pub version: i64,
    pub period: String,
    pub frozen_at: String,
    pub hash: String,
    /// What both sides kept of what they owe each other.
    pub reciprocity: Vec<Line>,
    pub weaker: String,
    pub owed_to_us: Vec<Line>,
    pub owed_by_us: Vec<Line>,
    pub owed_to_customers: Vec<Line>,
    pub customers: Vec<Line>,
    pub alignment: Vec<Line>,
    pub assessment: Vec<Line>,
    pub actions: Vec<Line>,
    pub warnings: Vec<Line>,
    pub expectations: Vec<Line>,
}

/// Something, and what is to be said of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    pub what: String,
    pub value: String,
}

/// The page. Whatever people wrote is escaped: it can be read, never run.
pub fn render(page: &Page) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(Error::internal)?;
    environment.set_syntax(syntax);
    environment.add_template("pack.html", include_str!("pack.html")).map_err(Error::internal)?;
    let template = environment.get_template("pack.html").map_err(Error::internal)?;
    template.render(Serde(page)).map_err(Error::internal)
}
