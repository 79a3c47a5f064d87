//! Surveys: what customers are asked, in versions that never change once they were published, and the
//! links under which they answer.
//!
//! - A version is written as a draft and frozen when it is published; answers name their version.
//! - A key that was published keeps its meaning, so that numbers of all versions add up.
//! - Stored items are complete: what was left open when they were written is said.
//! - A link's token is signed and never stored; it reveals nothing but the form.
//!
//! Staff reads and writes surveys; suppliers see neither surveys nor links.

pub mod answering;
pub mod api;
mod asked;
mod entity;
pub mod form;
pub mod links;
mod measures;
mod rules;
mod store;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::surveys::Read;

pub use answering::AnyoneWithLink;
pub use asked::{Asked, asked, asked_hot, asked_then, items, items_of};
pub use entity::Entity;
pub use entity::link::Model as OpenLink;
pub use links::{EXPORT as LINKS_EXPORT, differences, forget_customer, open_link, response_counts, use_link};
pub use measures::items_measuring;
pub use types::{
    Channel, Choice, FollowUpRule, ItemKey, ItemKind, Measure, RespondentKind, Scale, ScaleDirection, Stage,
    SurveyItem, SurveyStatus, SurveyTerms, Variant, Weights, Wording,
};

pub const EXPORT: Source =
    crate::source!("surveys", Read, types::SurveyQuery, types::SurveySummary, store::list_surveys);
pub const VERSIONS_EXPORT: Source = crate::source!(
    "survey_versions",
    Read,
    types::SurveyVersionQuery,
    types::SurveyVersion,
    store::list_versions_of_all
);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![
        Mapped::of(Entity),
        Mapped::of(entity::version::Entity),
        Mapped::of(entity::item::Entity),
        Mapped::of(entity::link::Entity),
        Mapped::of(entity::link_tally::Entity),
    ]
}
