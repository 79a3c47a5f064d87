//! What surveys ask, for the rooms that keep the answers.

use super::entity::{Column, Entity, item, version};
use super::types::{SurveyItem, SurveyStatus, SurveyTerms};
use crate::shared::db::Stored;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use std::collections::HashMap;
use std::sync::Arc;

/// A survey as it can be answered now.
#[derive(Clone, Debug)]
pub struct Asked {
    pub survey_id: SurveyId,
    pub status: SurveyStatus,
    pub version: i64,
    pub terms: Arc<SurveyTerms>,
}

/// The surveys with their published versions; those that never were published are left out.
pub async fn asked(db: &impl ConnectionTrait, ids: Vec<SurveyId>) -> Result<HashMap<SurveyId, Asked>> {
    let published = Entity::belongs_to(version::Entity)
        .from((Column::Id, Column::Version))
        .to((version::Column::SurveyId, version::Column::Number));
    let rows = Entity::find()
        .join(JoinType::InnerJoin, published.into())
        .filter(Column::Id.is_in(ids))
        .select_only()
        .columns([Column::Id, Column::Status])
        .columns([version::Column::Number, version::Column::Terms])
        .into_tuple::<(SurveyId, SurveyStatus, i64, Stored<SurveyTerms>)>();
    let each = rows.all(db).await?.into_iter().map(|(survey_id, status, version, terms)| {
        (survey_id, Asked { survey_id, status, version, terms: Arc::new(terms.0) })
    });
    Ok(each.collect())
}

/// What versions of surveys asked.
pub async fn asked_then(
    db: &impl ConnectionTrait,
    versions: Vec<(SurveyId, i64)>,
) -> Result<HashMap<(SurveyId, i64), Arc<SurveyTerms>>> {
    if versions.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = versions.into_iter().fold(Condition::any(), |any, (survey, number)| {
        any.add(Condition::all().add(version::Column::SurveyId.eq(survey)).add(version::Column::Number.eq(number)))
    });
    let rows = version::Entity::find().filter(wanted).all(db).await?;
    Ok(rows.into_iter().map(|row| ((row.survey_id, row.number), Arc::new(row.terms.0))).collect())
}

/// What the keys of surveys mean.
pub async fn items(
    db: &impl ConnectionTrait,
    surveys: Vec<SurveyId>,
) -> Result<HashMap<(SurveyId, String), SurveyItem>> {
    let rows = item::Entity::find().filter(item::Column::SurveyId.is_in(surveys)).all(db).await?;
    Ok(rows.into_iter().map(|row| ((row.survey_id, row.key), row.content.0)).collect())
}
