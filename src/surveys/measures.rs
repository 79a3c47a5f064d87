//! What items measure: for those who read numbers of many surveys together.

use super::entity::item::Entity;
use super::types::Measure;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use sea_orm::{ConnectionTrait, EntityTrait};
use std::collections::HashMap;

/// The keys of all published items that measure something, by survey.
pub async fn items_measuring(db: &impl ConnectionTrait, what: Measure) -> Result<HashMap<SurveyId, Vec<String>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for item in Entity::find().all(db).await? {
        if item.content.measure == Some(what) {
            found.entry(item.survey_id).or_default().push(item.key);
        }
    }
    Ok(found)
}
