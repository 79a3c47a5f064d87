//! The queries of questionnaires.

mod known;
mod versions;

pub use known::{asked_now, published_terms};
pub use versions::{get_version, list_versions, list_versions_of_all, version_at};

use super::entity::{ActiveModel, Column, Entity, Model, version as version_table};
use super::rules;
use super::types::{
    NewQuestionnaire, Questionnaire, QuestionnaireChange, QuestionnaireQuery, QuestionnaireSort, QuestionnaireStatus,
    QuestionnaireSummary, QuestionnaireTerms,
};
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Stored, Txn, merge};
use crate::shared::drafts::Verb;
use crate::shared::error::{Error, Result};
use crate::shared::id::QuestionnaireId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::{search, text};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveValue, QueryFilter, QuerySelect};

/// Under which words of the index questionnaires are found.
const SEARCHED: &str = "questionnaire";

pub async fn list_questionnaires(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<QuestionnaireQuery>,
) -> Result<Page<QuestionnaireSummary>> {
    let matching = Condition::all()
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.q.as_ref().map(|q| search::matching(SEARCHED, Column::Id, Scope::Everything, q)));
    let select = Entity::find().filter(matching);
    Ok(Page::of(rows(db, by, select, order(query.sort), &query.paging, &query.filter).await?, |item| item))
}

fn order(sort: QuestionnaireSort) -> Order<Column, QuestionnaireSummary> {
    match sort {
        QuestionnaireSort::Name | QuestionnaireSort::NameDescending => Order {
            column: Column::SortKey,
            id: Column::Id,
            descending: sort == QuestionnaireSort::NameDescending,
            key: |questionnaire| (Key::Folded(text::sort_key(&questionnaire.name)), questionnaire.id.0),
        },
        QuestionnaireSort::CreatedAt | QuestionnaireSort::CreatedAtDescending => Order {
            column: Column::CreatedAt,
            id: Column::Id,
            descending: sort == QuestionnaireSort::CreatedAtDescending,
            key: |questionnaire| (Key::At(questionnaire.created_at), questionnaire.id.0),
        },
    }
}

pub async fn get_questionnaire(db: &impl ConnectionTrait, id: QuestionnaireId) -> Result<Questionnaire> {
    let summary = Entity::find_by_id(id).into_partial_model::<QuestionnaireSummary>().one(db).await?;
    let summary = summary.ok_or_else(Error::not_found)?;
    // One of the two is always there.
    let shown_version = summary.draft_version.or(summary.version).unwrap_or(1);
    Ok(Questionnaire { terms: version_at(db, id, shown_version).await?.terms.0, summary, shown_version })
}

/// Reads a questionnaire to change it: nobody else can until the transaction ends.
pub async fn lock_questionnaire(txn: &Txn, id: QuestionnaireId) -> Result<Questionnaire> {
    let there = Entity::find_by_id(id).lock_exclusive().one(txn).await?;
    there.ok_or_else(Error::not_found)?;
    get_questionnaire(txn, id).await
}

pub async fn insert_questionnaire(txn: &Txn, by: &By, new: &NewQuestionnaire) -> Result<Questionnaire> {
    let terms = rules::checked(rules::terms_of(new.template, new.terms.clone())?)?;
    let (id, now) = (QuestionnaireId::new(&by.clock), by.clock.now());
    let row = ActiveModel {
        id: Set(id),
        name: Set(new.name.clone()),
        sort_key: Set(text::sort_key(&new.name).into_bytes()),
        status: Set(QuestionnaireStatus::Draft),
        version: Set(None),
        draft_version: Set(Some(1)),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    search::index(txn, SEARCHED, id.0, &new.name, true).await?;
    insert_draft(txn, by, id, 1, terms).await?;
    get_questionnaire(txn, id).await
}

async fn insert_draft(txn: &Txn, by: &By, id: QuestionnaireId, number: i64, terms: QuestionnaireTerms) -> Result<()> {
    let row = version_table::ActiveModel {
        questionnaire_id: Set(id),
        number: Set(number),
        terms: Set(Stored(terms)),
        published_at: Set(None),
        created_at: Set(by.clock.now()),
    };
    version_table::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Applies a patch to the questionnaire as it was read under lock, and returns it as it is then.
pub async fn update_questionnaire(
    txn: &Txn,
    by: &By,
    before: &Questionnaire,
    change: &QuestionnaireChange,
) -> Result<Questionnaire> {
    let (status, draft) = (before.summary.status, before.summary.draft_version);
    if let Some(name) = change.name.wanted() {
        Verb::Rename.check(status, draft.is_some())?;
        search::index(txn, SEARCHED, before.summary.id.0, name, false).await?;
    }
    let mut is_rewritten = false;
    if let Some(terms) = change.terms.wanted() {
        Verb::Update.check(status, draft.is_some())?;
        let terms = rules::checked(terms.clone())?;
        is_rewritten = terms != before.terms;
        let row = version_table::ActiveModel {
            questionnaire_id: Set(before.summary.id),
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

async fn row(txn: &Txn, questionnaire: &Questionnaire) -> Result<Model> {
    Entity::find_by_id(questionnaire.summary.id).one(txn).await?.ok_or_else(Error::not_found)
}

/// Freezes the draft as the version that is answered from now on.
pub async fn publish_questionnaire(txn: &Txn, by: &By, before: &Questionnaire) -> Result<Questionnaire> {
    Verb::Publish.check(before.summary.status, before.summary.draft_version.is_some())?;
    let frozen = version_table::ActiveModel {
        questionnaire_id: Set(before.summary.id),
        number: Set(before.shown_version),
        published_at: Set(Some(by.clock.now())),
        ..Default::default()
    };
    version_table::Entity::update(frozen).exec_without_returning(txn).await?;
    let (status, version) = (Set(QuestionnaireStatus::Published), Set(Some(before.shown_version)));
    save(txn, by, before, ActiveModel { status, version, draft_version: Set(None), ..Default::default() }).await
}

/// Opens the next version as a copy of the last.
pub async fn revise_questionnaire(txn: &Txn, by: &By, before: &Questionnaire) -> Result<Questionnaire> {
    Verb::Revise.check(before.summary.status, before.summary.draft_version.is_some())?;
    let next = before.shown_version + 1;
    insert_draft(txn, by, before.summary.id, next, before.terms.clone()).await?;
    save(txn, by, before, ActiveModel { draft_version: Set(Some(next)), ..Default::default() }).await
}

/// Ends the questionnaire; a draft that was begun is dropped.
pub async fn retire_questionnaire(txn: &Txn, by: &By, before: &Questionnaire) -> Result<Questionnaire> {
    Verb::Retire.check(before.summary.status, before.summary.draft_version.is_some())?;
    if let Some(draft) = before.summary.draft_version {
        version_table::Entity::delete_by_id((before.summary.id, draft)).exec(txn).await?;
    }
    let status = Set(QuestionnaireStatus::Retired);
    save(txn, by, before, ActiveModel { status, draft_version: Set(None), ..Default::default() }).await
}

pub async fn delete_questionnaire(txn: &Txn, before: &Questionnaire) -> Result<()> {
    Verb::Delete.check(before.summary.status, before.summary.draft_version.is_some())?;
    let id = before.summary.id;
    search::forget(txn, id.0).await?;
    version_table::Entity::delete_many().filter(version_table::Column::QuestionnaireId.eq(id)).exec(txn).await?;
    Entity::delete_by_id(id).exec(txn).await?;
    Ok(())
}

async fn save(txn: &Txn, by: &By, before: &Questionnaire, row: ActiveModel) -> Result<Questionnaire> {
    let row = ActiveModel {
        id: Set(before.summary.id),
        revision: Set(before.summary.revision + 1),
        updated_at: Set(by.clock.now()),
        ..row
    };
    Entity::update(row).exec_without_returning(txn).await?;
    get_questionnaire(txn, before.summary.id).await
}
