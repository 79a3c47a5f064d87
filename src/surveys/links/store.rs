//! The queries of links.

use super::types::{NewSurveyLink, SurveyLink, SurveyLinkQuery, SurveyLinkStatus};
use super::{rules, tallies};
use crate::agreements::{get_agreement, seen_by};
use crate::organization::today;
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, PersonId, SupplierId, SurveyLinkId};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::tally::slot;
use crate::shared::time::Timestamp;
use crate::suppliers::{find_people, refuse_unknown};
use crate::surveys::entity::link::{ActiveModel, Column, Entity, Model};
use crate::surveys::entity::{self, Entity as Surveys};
use crate::surveys::store::published;
use crate::surveys::types::{Channel, RespondentKind, SurveyStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select,
};

/// Where every read starts: links are staff's; reviewers see those about agreements that are assigned to them.
fn visible(by: &By) -> Select<Entity> {
    Entity::find().filter(by.scope.on(Column::SupplierId)).filter(seen_by(by, Column::AgreementId))
}

pub async fn list_links(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<SurveyLinkQuery>,
) -> Result<Page<SurveyLink>> {
    let now = by.clock.now();
    let states = query.status.iter().fold(Condition::any(), |any, status| any.add(is_in(*status, now)));
    let wanted = Condition::all()
        .add_option(query.survey_id.map(|id| Column::SurveyId.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.person_id.map(|id| Column::PersonId.eq(id)))
        .add_option(query.job_ref.as_ref().map(|job| Column::JobRef.eq(job)))
        .add_option(query.customer_ref.as_ref().map(|customer| Column::CustomerRef.eq(customer)))
        .add_option((!query.status.is_empty()).then_some(states));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |link: &Model| (Key::Id(link.id.0), link.id.0),
    };
    let found = rows(db, by, visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |link| shown(link, now)))
}

/// `rules::status` as a condition.
fn is_in(status: SurveyLinkStatus, now: Timestamp) -> Condition {
    use sea_orm::sea_query::ExprTrait;
    let live = || Condition::all().add(Column::RevokedAt.is_null());
    let is_used_up = || Expr::col(Column::Uses).gte(Expr::col(Column::MaxUses));
    match status {
        SurveyLinkStatus::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
        SurveyLinkStatus::UsedUp => live().add(is_used_up()),
        SurveyLinkStatus::Expired => live().add(is_used_up().not()).add(Column::ExpiresAt.lte(now)),
        SurveyLinkStatus::Open => live().add(is_used_up().not()).add(Column::ExpiresAt.gt(now)),
    }
}

fn state(link: &Model, now: Timestamp) -> SurveyLinkStatus {
    let Model { uses, max_uses, expires_at, revoked_at, .. } = *link;
    rules::status(rules::Use { uses, max_uses, expires_at, revoked_at }, now)
}

fn shown(link: Model, now: Timestamp) -> SurveyLink {
    SurveyLink {
        status: state(&link, now),
        id: link.id,
        survey_id: link.survey_id,
        agreement_id: link.agreement_id,
        supplier_id: link.supplier_id,
        person_id: link.person_id,
        job_ref: link.job_ref,
        customer_ref: link.customer_ref,
        respondent_kind: link.respondent_kind,
        stage: link.stage,
        channel: link.channel,
        language: link.language,
        max_uses: link.max_uses,
        uses: link.uses,
        expires_at: link.expires_at,
        revoked_at: link.revoked_at,
        created_by: link.created_by,
        revision: link.revision,
        created_at: link.created_at,
        updated_at: link.updated_at,
    }
}

pub async fn get_link(db: &impl ConnectionTrait, by: &By, id: SurveyLinkId) -> Result<SurveyLink> {
    let row = visible(by).filter(Column::Id.eq(id)).one(db).await?;
    row.map(|link| shown(link, by.clock.now())).ok_or_else(Error::not_found)
}

/// Reads a link to change it: nobody else can until the transaction ends.
pub async fn lock_link(txn: &Txn, by: &By, id: SurveyLinkId) -> Result<SurveyLink> {
    let row = visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?;
    row.map(|link| shown(link, by.clock.now())).ok_or_else(Error::not_found)
}

pub async fn insert_link(txn: &Txn, by: &By, new: &NewSurveyLink) -> Result<SurveyLink> {
    let survey = published(txn, new.survey_id).await?;
    let survey = survey.ok_or_else(|| unknown("/survey_id", "There is no such survey."))?;
    let now = by.clock.now();
    let expires_at = rules::checked(new, &survey, now)?;
    let (agreement_id, supplier_id, person_id) = about(txn, by, new).await?;
    let link = Model {
        id: SurveyLinkId::new(&by.clock),
        survey_id: new.survey_id,
        agreement_id,
        supplier_id,
        person_id,
        job_ref: new.job_ref.clone(),
        customer_ref: new.customer_ref.clone(),
        respondent_kind: new.respondent_kind.unwrap_or(RespondentKind::ExternalCustomer),
        stage: new.stage,
        channel: new.channel.unwrap_or(Channel::Web),
        language: new.language.clone(),
        max_uses: new.max_uses,
        uses: 0,
        expires_at,
        revoked_at: None,
        day: today(txn, &by.clock).await?,
        slot: slot(txn),
        created_by: Some(by.caller.id()),
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    let row = sea_orm::ActiveModelTrait::reset_all(link.clone().into_active_model());
    Entity::insert(row).exec_without_returning(txn).await?;
    tallies::count(txn, &link, 1, 0).await?;
    Ok(shown(link, now))
}

/// What answers are about. Customers may speak about suspended suppliers, too.
async fn about(txn: &Txn, by: &By, new: &NewSurveyLink) -> Result<(Option<AgreementId>, SupplierId, Option<PersonId>)> {
    let person = match new.person_id {
        Some(id) => {
            let found = find_people(txn, vec![id], Vec::new()).await?.pop();
            Some(found.ok_or_else(|| unknown("/person_id", "There is no such person."))?)
        }
        None => None,
    };
    let supplier = match (new.agreement_id, new.supplier_id, &person) {
        (Some(id), ..) => Some(supplier_of(txn, by, id).await?),
        (None, ..) if by.caller.is(Role::Reviewer) => {
            let detail = "Reviewers make links about agreements that are assigned to them.";
            return Err(Error::rule(Code::RuleViolated, "/agreement_id", detail));
        }
        (None, Some(id), _) => {
            refuse_unknown(txn, by.scope, id, "/supplier_id").await?;
            Some(id)
        }
        (None, None, person) => person.as_ref().map(|person| person.supplier_id),
    };
    let supplier = supplier.ok_or_else(|| unknown("/supplier_id", "There is no such supplier."))?;
    if person.as_ref().is_some_and(|person| person.supplier_id != supplier) {
        return Err(unknown("/person_id", "The supplier has no such person."));
    }
    Ok((new.agreement_id, supplier, new.person_id))
}

async fn supplier_of(txn: &Txn, by: &By, id: AgreementId) -> Result<SupplierId> {
    let agreement = get_agreement(txn, by, id).await.map_err(|error| match error.code {
        Code::NotFound => unknown("/agreement_id", "There is no such agreement."),
        _ => error,
    })?;
    match agreement.version_in_force {
        Some(_) => Ok(agreement.supplier_id),
        None => Err(Error::rule(Code::RuleViolated, "/agreement_id", "The agreement was never in force.")),
    }
}

fn unknown(pointer: &str, detail: &str) -> Error {
    Error::rule(Code::InvalidReference, pointer, detail)
}

pub async fn revoke_link(txn: &Txn, by: &By, before: &SurveyLink) -> Result<SurveyLink> {
    rules::may_revoke(before.status)?;
    let (revision, now) = (before.revision + 1, by.clock.now());
    let row = ActiveModel {
        id: Set(before.id),
        revoked_at: Set(Some(now)),
        revision: Set(revision),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update(row).exec_without_returning(txn).await?;
    get_link(txn, by, before.id).await
}

/// The link that somebody holds, if it can be used now: 401 `invalid_token` when there is none, 410 when it is over.
pub async fn open_link(db: &impl ConnectionTrait, id: SurveyLinkId, now: Timestamp) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    refuse_over(db, row, now).await
}

/// Counts one answer under the link, within the transaction that stores the answer. Refuses as `open_link` does.
pub async fn use_link(txn: &Txn, id: SurveyLinkId, now: Timestamp) -> Result<Model> {
    let row = Entity::find_by_id(id).lock_exclusive().one(txn).await?;
    let link = refuse_over(txn, row, now).await?;
    let used = ActiveModel {
        id: Set(id),
        uses: Set(link.uses + 1),
        revision: Set(link.revision + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update(used).exec_without_returning(txn).await?;
    tallies::count(txn, &link, 0, 1).await?;
    Ok(Model { uses: link.uses + 1, revision: link.revision + 1, updated_at: now, ..link })
}

async fn refuse_over(db: &impl ConnectionTrait, link: Option<Model>, now: Timestamp) -> Result<Model> {
    let link = link.ok_or_else(rules::unknown)?;
    let survey = Surveys::find_by_id(link.survey_id).select_only().column(entity::Column::Status);
    let survey = survey.into_tuple::<SurveyStatus>().one(db).await?.ok_or_else(rules::unknown)?;
    rules::refuse_over(state(&link, now), survey)?;
    Ok(link)
}

/// Takes a customer's pseudonym off its links. Returns how many there were.
pub async fn forget_customer(txn: &Txn, customer_ref: &str) -> Result<u64> {
    let forgotten = ActiveModel { customer_ref: Set(None), ..Default::default() };
    let links = Entity::update_many().set(forgotten).filter(Column::CustomerRef.eq(customer_ref));
    Ok(links.exec(txn).await?.rows_affected)
}
