//! What surveys ask, for the rooms that keep the answers.

use super::entity::{Column, Entity, item, version};
use super::types::{SurveyItem, SurveyStatus, SurveyTerms};
use crate::shared::auth::Scope;
use crate::shared::db::{Db, Stored};
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};
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

/// A survey as it can be answered now, remembered where that is possible: a published version does not change.
pub async fn asked_hot(db: &Db, id: SurveyId) -> Result<Option<Asked>> {
    let read = async { Ok(asked(db.fresh(), vec![id]).await?.remove(&id)) };
    Ok((*db.hot(Entity, Scope::Everything, id.0, read).await?).clone())
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

/// What the keys of a survey mean.
pub async fn items_of(db: &impl ConnectionTrait, survey: SurveyId) -> Result<Vec<(String, SurveyItem)>> {
    let rows = item::Entity::find().filter(item::Column::SurveyId.eq(survey)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.content.0)).collect())
}

/// What the keys of surveys mean, remembered where that is possible.
pub async fn items(db: &Db, surveys: HashSet<SurveyId>) -> Result<HashMap<(SurveyId, String), SurveyItem>> {
    let mut all = HashMap::new();
    for survey in surveys {
        let of_it = db.hot(item::Entity, Scope::Everything, survey.0, items_of(db.fresh(), survey)).await?;
        all.extend(of_it.iter().map(|(key, item)| ((survey, key.clone()), item.clone())));
    }
    Ok(all)
}
