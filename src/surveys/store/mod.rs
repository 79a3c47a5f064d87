//! The queries of surveys.

mod known;
mod versions;

pub use known::published;
pub use versions::{get_version, list_versions, list_versions_of_all, terms_at};

use super::asked::items_of;
use super::entity::{ActiveModel, Column, Entity, Model, item, version as version_table};
use super::rules;
use super::types::{
    NewSurvey, Survey, SurveyChange, SurveyQuery, SurveySort, SurveyStatus, SurveySummary, SurveyTerms,
};
use crate::calendars::refuse_unknown;
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Stored, Txn, insert_all, merge};
use crate::shared::error::{Error, Result};
use crate::shared::id::SurveyId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::{search, text};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveValue, QueryFilter, QuerySelect};

/// Under which words of the index surveys are found.
const SEARCHED: &str = "survey";

pub async fn list_surveys(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<SurveyQuery>,
) -> Result<Page<SurveySummary>> {
    let matching = Condition::all()
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option((!query.instrument.is_empty()).then(|| Column::Instrument.is_in(query.instrument.clone())))
        .add_option(query.q.as_ref().map(|q| search::matching(SEARCHED, Column::Id, Scope::Everything, q)));
    let select = Entity::find().filter(matching);
    Ok(Page::of(rows(db, by, select, order(query.sort), &query.paging, &query.filter).await?, |item| item))
}

fn order(sort: SurveySort) -> Order<Column, SurveySummary> {
    match sort {
        SurveySort::Name | SurveySort::NameDescending => Order {
            column: Column::SortKey,
            id: Column::Id,
            descending: sort == SurveySort::NameDescending,
            key: |survey| (Key::Folded(text::sort_key(&survey.name)), survey.id.0),
        },
        SurveySort::CreatedAt | SurveySort::CreatedAtDescending => Order {
            column: Column::CreatedAt,
            id: Column::Id,
            descending: sort == SurveySort::CreatedAtDescending,
            key: |survey| (Key::At(survey.created_at), survey.id.0),
        },
    }
}

pub async fn get_survey(db: &impl ConnectionTrait, id: SurveyId) -> Result<Survey> {
    let summary = Entity::find_by_id(id).into_partial_model::<SurveySummary>().one(db).await?;
    let summary = summary.ok_or_else(Error::not_found)?;
    // One of the two is always there.
    let shown_version = summary.draft_version.or(summary.version).unwrap_or(1);
    Ok(Survey { terms: terms_at(db, id, shown_version).await?, summary, shown_version })
}

/// Reads a survey to change it: nobody else can until the transaction ends.
pub async fn lock_survey(txn: &Txn, id: SurveyId) -> Result<Survey> {
    let there = Entity::find_by_id(id).lock_exclusive().one(txn).await?;
    there.ok_or_else(Error::not_found)?;
    get_survey(txn, id).await
}

pub async fn insert_survey(txn: &Txn, by: &By, new: &NewSurvey) -> Result<Survey> {
    let terms = rules::checked(new.instrument, rules::terms_of(new.instrument, new.terms.clone())?)?;
    refuse_unknown_calendar(txn, &terms).await?;
    let (id, now) = (SurveyId::new(&by.clock), by.clock.now());
    let row = ActiveModel {
        id: Set(id),
        name: Set(new.name.clone()),
        sort_key: Set(text::sort_key(&new.name).into_bytes()),
        instrument: Set(new.instrument),
        status: Set(SurveyStatus::Draft),
        version: Set(None),
        draft_version: Set(Some(1)),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    search::index(txn, SEARCHED, id.0, &new.name, true).await?;
    insert_draft(txn, by, id, 1, terms).await?;
    get_survey(txn, id).await
}

async fn insert_draft(txn: &Txn, by: &By, id: SurveyId, number: i64, terms: SurveyTerms) -> Result<()> {
    let row = version_table::ActiveModel {
        survey_id: Set(id),
        number: Set(number),
        terms: Set(Stored(terms)),
        published_at: Set(None),
        created_at: Set(by.clock.now()),
    };
    version_table::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

async fn refuse_unknown_calendar(txn: &Txn, terms: &SurveyTerms) -> Result<()> {
    match terms.follow_up.as_ref().and_then(|rule| rule.calendar_id) {
        Some(calendar) => refuse_unknown(txn, calendar, "/terms/follow_up/calendar_id").await,
        None => Ok(()),
    }
}

/// Applies a patch to the survey as it was read under lock, and returns it as it is then.
pub async fn update_survey(txn: &Txn, by: &By, before: &Survey, change: &SurveyChange) -> Result<Survey> {
    let (status, draft) = (before.summary.status, before.summary.draft_version);
    if let Some(name) = change.name.wanted() {
        rules::Verb::Rename.check(status, draft.is_some())?;
        search::index(txn, SEARCHED, before.summary.id.0, name, false).await?;
    }
    let mut is_rewritten = false;
    if let Some(terms) = change.terms.wanted() {
        rules::Verb::Update.check(status, draft.is_some())?;
        let terms = rules::checked(before.summary.instrument, terms.clone())?;
        rules::check_published(&terms, &published_items(txn, before.summary.id).await?)?;
        refuse_unknown_calendar(txn, &terms).await?;
        is_rewritten = terms != before.terms;
        let row = version_table::ActiveModel {
            survey_id: Set(before.summary.id),
            number: Set(before.shown_version),
            terms: Set(Stored(terms)),
            ..Default::default()
        };
        version_table::Entity::update(row).exec_without_returning(txn).await?;
    }
    let sort_key = change.name.wanted().map(|name| text::sort_key(name).into_bytes());
    let patch = ActiveModel {
        name: change.name.clone().into_active_value(),
        sort_key: sort_key.map_or(sea_orm::NotSet, Set),
        ..Default::default()
    };
    match merge(row(txn, before).await?, patch) {
        None if !is_rewritten => Ok(before.clone()),
        merged => save(txn, by, before, merged.unwrap_or_default()).await,
    }
}

async fn row(txn: &Txn, survey: &Survey) -> Result<Model> {
    Entity::find_by_id(survey.summary.id).one(txn).await?.ok_or_else(Error::not_found)
}

/// Freezes the draft as the version that is answered from now on.
pub async fn publish_survey(txn: &Txn, by: &By, before: &Survey) -> Result<Survey> {
    rules::Verb::Publish.check(before.summary.status, before.summary.draft_version.is_some())?;
    let known = published_items(txn, before.summary.id).await?;
    rules::check_published(&before.terms, &known)?;
    let new = before.terms.items.iter().filter(|new| known.iter().all(|known| known.key != new.key));
    let new = new.map(|new| item::ActiveModel {
        survey_id: Set(before.summary.id),
        key: Set(new.key.to_string()),
        content: Set(Stored(new.clone())),
    });
    insert_all(txn, new.collect()).await?;
    let frozen = version_table::ActiveModel {
        survey_id: Set(before.summary.id),
        number: Set(before.shown_version),
        published_at: Set(Some(by.clock.now())),
        ..Default::default()
    };
    version_table::Entity::update(frozen).exec_without_returning(txn).await?;
    let (status, version) = (Set(SurveyStatus::Published), Set(Some(before.shown_version)));
    save(txn, by, before, ActiveModel { status, version, draft_version: Set(None), ..Default::default() }).await
}

/// Opens the next version as a copy of the last.
pub async fn revise_survey(txn: &Txn, by: &By, before: &Survey) -> Result<Survey> {
    rules::Verb::Revise.check(before.summary.status, before.summary.draft_version.is_some())?;
    let next = before.shown_version + 1;
    insert_draft(txn, by, before.summary.id, next, before.terms.clone()).await?;
    save(txn, by, before, ActiveModel { draft_version: Set(Some(next)), ..Default::default() }).await
}

/// Ends the survey; a draft that was begun is dropped.
pub async fn retire_survey(txn: &Txn, by: &By, before: &Survey) -> Result<Survey> {
    rules::Verb::Retire.check(before.summary.status, before.summary.draft_version.is_some())?;
    if let Some(draft) = before.summary.draft_version {
        version_table::Entity::delete_by_id((before.summary.id, draft)).exec(txn).await?;
    }
    let status = Set(SurveyStatus::Retired);
    save(txn, by, before, ActiveModel { status, draft_version: Set(None), ..Default::default() }).await
}

pub async fn delete_survey(txn: &Txn, before: &Survey) -> Result<()> {
    rules::Verb::Delete.check(before.summary.status, before.summary.draft_version.is_some())?;
    let id = before.summary.id;
    search::forget(txn, id.0).await?;
    version_table::Entity::delete_many().filter(version_table::Column::SurveyId.eq(id)).exec(txn).await?;
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

async fn save(txn: &Txn, by: &By, before: &Survey, row: ActiveModel) -> Result<Survey> {
    let row = ActiveModel {
        id: Set(before.summary.id),
        revision: Set(before.summary.revision + 1),
        updated_at: Set(by.clock.now()),
        ..row
    };
    Entity::update(row).exec_without_returning(txn).await?;
    get_survey(txn, before.summary.id).await
}

async fn published_items(db: &impl ConnectionTrait, id: SurveyId) -> Result<Vec<super::types::SurveyItem>> {
    Ok(items_of(db, id).await?.into_iter().map(|(_, item)| item).collect())
}
