//! Questionnaires as they are answered, for the rooms that keep the answers.

use super::version_at;
use crate::questionnaires::entity::Entity;
use crate::questionnaires::types::QuestionnaireTerms;
use crate::shared::drafts;
use crate::shared::error::{Error, Result};
use crate::shared::id::QuestionnaireId;
use sea_orm::{ConnectionTrait, EntityTrait};

/// The version that suppliers are asked now, and its terms; `None` when there is no such questionnaire, 409
/// `invalid_state` when it is not published.
pub async fn asked_now(db: &impl ConnectionTrait, id: QuestionnaireId) -> Result<Option<(i64, QuestionnaireTerms)>> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    drafts::refuse_closed(row.status, "questionnaire")?;
    // A published questionnaire has a version.
    let version = row.version.unwrap_or(1);
    Ok(Some((version, published_terms(db, id, version).await?)))
}

/// The terms of a version, frozen since it was published; 404 when there is none or it is a draft.
pub async fn published_terms(
    db: &impl ConnectionTrait,
    id: QuestionnaireId,
    version: i64,
) -> Result<QuestionnaireTerms> {
    let row = version_at(db, id, version).await?;
    row.published_at.map(|_| row.terms.0).ok_or_else(Error::not_found)
}
