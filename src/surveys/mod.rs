//! Surveys: what customers are asked, in versions that never change once they were published, and the
//! links under which they answer.
//!
//! - A version is written as a draft and frozen when it is published; answers name their version.
//! - A key that was published keeps its meaning, so that numbers of all versions add up.
//! - A link's token is signed and never stored; it reveals nothing but the form.

mod entity;
mod measures;
mod types;

use crate::shared::db::schema::Mapped;

pub use entity::Entity;
pub use measures::items_measuring;
pub use types::{
    Channel, FollowUpRule, ItemKey, ItemKind, Measure, RespondentKind, Scale, ScaleDirection, Stage, SurveyItem,
    SurveyTerms, Variant, Weights, Wording,
};

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
