//! The survey as it is answered now.

use super::terms_at;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use crate::surveys::entity::Entity;
use crate::surveys::rules::refuse_closed;
use crate::surveys::types::SurveyTerms;
use sea_orm::{ConnectionTrait, EntityTrait};

/// What it asks; `None` when there is no such survey, 409 `invalid_state` when it is not published.
pub async fn published(db: &impl ConnectionTrait, id: SurveyId) -> Result<Option<SurveyTerms>> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    refuse_closed(row.status)?;
    // A published survey has a version.
    terms_at(db, id, row.version.unwrap_or(1)).await.map(Some)
}
