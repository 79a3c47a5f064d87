//! What is asked, version by version.

use crate::questionnaires::entity::Entity as Questionnaires;
use crate::questionnaires::entity::version::{Column, Entity, Model};
use crate::questionnaires::types::{QuestionnaireVersion, QuestionnaireVersionQuery, QuestionnaireVersionSummary};
use crate::shared::auth::By;
use crate::shared::error::{Error, Result};
use crate::shared::id::QuestionnaireId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// One version, draft or published.
pub async fn version_at(db: &impl ConnectionTrait, id: QuestionnaireId, number: i64) -> Result<Model> {
    Entity::find_by_id((id, number)).one(db).await?.ok_or_else(Error::not_found)
}

pub async fn get_version(db: &impl ConnectionTrait, id: QuestionnaireId, number: i64) -> Result<QuestionnaireVersion> {
    let Model { questionnaire_id, number, terms, published_at, created_at } = version_at(db, id, number).await?;
    let summary = QuestionnaireVersionSummary { questionnaire_id, version: number, published_at, created_at };
    Ok(QuestionnaireVersion { summary, terms: terms.0 })
}

pub async fn list_versions(
    db: &impl ConnectionTrait,
    by: &By,
    id: QuestionnaireId,
    query: &Params<QuestionnaireVersionQuery>,
) -> Result<Page<QuestionnaireVersionSummary>> {
    if Questionnaires::find_by_id(id).count(db).await? == 0 {
        return Err(Error::not_found());
    }
    page(db, by, Column::QuestionnaireId.eq(id).into(), query).await
}

/// The versions of all questionnaires, for an export.
pub async fn list_versions_of_all(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<QuestionnaireVersionQuery>,
) -> Result<Page<QuestionnaireVersionSummary>> {
    page(db, by, Condition::all(), query).await
}

async fn page(
    db: &impl ConnectionTrait,
    by: &By,
    of: Condition,
    query: &Params<QuestionnaireVersionQuery>,
) -> Result<Page<QuestionnaireVersionSummary>> {
    let order = Order {
        column: Column::Number,
        id: Column::QuestionnaireId,
        descending: false,
        key: |row: &QuestionnaireVersionSummary| (Key::Number(row.version), row.questionnaire_id.0),
    };
    let found = rows(db, by, Entity::find().filter(of), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |item| item))
}
