//! What is asked, version by version.

use crate::shared::auth::By;
use crate::shared::error::{Error, Result};
use crate::shared::id::SurveyId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::surveys::entity::Entity as Surveys;
use crate::surveys::entity::version::{Column, Entity, Model};
use crate::surveys::types::{SurveyTerms, SurveyVersion, SurveyVersionQuery};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// The terms of one version, draft or published.
pub async fn terms_at(db: &impl ConnectionTrait, id: SurveyId, number: i64) -> Result<SurveyTerms> {
    let row = Entity::find_by_id((id, number)).one(db).await?;
    Ok(row.ok_or_else(Error::not_found)?.terms.0)
}

pub async fn get_version(db: &impl ConnectionTrait, id: SurveyId, number: i64) -> Result<SurveyVersion> {
    Entity::find_by_id((id, number)).one(db).await?.map(shown).ok_or_else(Error::not_found)
}

pub async fn list_versions(
    db: &impl ConnectionTrait,
    by: &By,
    id: SurveyId,
    query: &Params<SurveyVersionQuery>,
) -> Result<Page<SurveyVersion>> {
    if Surveys::find_by_id(id).count(db).await? == 0 {
        return Err(Error::not_found());
    }
    page(db, by, Column::SurveyId.eq(id).into(), query).await
}

/// The versions of all surveys, for an export.
pub async fn list_versions_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<SurveyVersionQuery>,
) -> Result<Page<SurveyVersion>> {
    page(db, by, Condition::all(), query).await
}

async fn page(
    db: &impl ConnectionTrait,
    by: &By,
    of: Condition,
    query: &Params<SurveyVersionQuery>,
) -> Result<Page<SurveyVersion>> {
    let order = Order {
        column: Column::Number,
        id: Column::SurveyId,
        descending: false,
        key: |row: &Model| (Key::Number(row.number), row.survey_id.0),
    };
    Ok(Page::of(rows(db, by, Entity::find().filter(of), order, &query.paging, &query.filter).await?, shown))
}

fn shown(row: Model) -> SurveyVersion {
    let Model { survey_id, number, terms, published_at, created_at } = row;
    SurveyVersion { survey_id, version: number, terms: terms.0, published_at, created_at }
}
