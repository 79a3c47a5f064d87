//! What a form needs to know.

use crate::shared::text::Language;
use crate::surveys::types::{SurveyItem, Wording};
use poem_openapi::Object;
use serde::Serialize;

/// What is asked under a link, and nothing about whom.
#[derive(Clone, Debug, Object, Serialize)]
pub struct PublicSurvey {
    /// What people read above the form, by language.
    pub title: Wording,
    /// What people read before the first item, by language.
    pub introduction: Wording,
    /// What people read when they have answered, by language.
    pub thanks: Wording,
    /// In which languages it can be answered; the first stands in for others.
    pub languages: Vec<Language>,
    /// The language in which the form opens; null: that of the reader.
    pub language: Option<Language>,
    /// What is asked, in this order.
    pub items: Vec<SurveyItem>,
    /// Whether people spread 100 points over the five dimensions by how important they are to them.
    pub asks_importance: bool,
    /// Whether pairs also ask what would just be acceptable.
    pub asks_minimum: bool,
    /// Whether people have to say by `customer_ref` who they are, because several answer under the link.
    pub needs_customer_ref: bool,
}
