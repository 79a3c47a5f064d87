//! What other rooms ask of surveys.

use super::terms_at;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use crate::surveys::entity::{Entity, item};
use crate::surveys::rules::refuse_closed;
use crate::surveys::types::{SurveyItem, SurveyTerms};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// A survey as it is answered now.
#[derive(Clone, Debug)]
pub struct Published {
    pub id: SurveyId,
    pub name: String,
    pub version: i64,
    pub terms: SurveyTerms,
}

/// The survey as it is answered now; `None` when there is no such survey, 409 `invalid_state` when it is not
/// published.
pub async fn published(db: &impl ConnectionTrait, id: SurveyId) -> Result<Option<Published>> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    refuse_closed(row.status)?;
    // A published survey has a version.
    let version = row.version.unwrap_or(1);
    Ok(Some(Published { id, name: row.name, version, terms: terms_at(db, id, version).await? }))
}

/// Every item that the surveys ever published, as it was published first.
pub async fn items_of(db: &impl ConnectionTrait, ids: Vec<SurveyId>) -> Result<HashMap<SurveyId, Vec<SurveyItem>>> {
    let mut items: HashMap<_, Vec<_>> = HashMap::new();
    if ids.is_empty() {
        return Ok(items);
    }
    let rows = item::Entity::find().filter(item::Column::SurveyId.is_in(ids)).order_by_asc(item::Column::Key);
    for row in rows.all(db).await? {
        items.entry(row.survey_id).or_default().push(row.content.0);
    }
    Ok(items)
}
