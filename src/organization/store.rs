//! The queries of the organisation.

use super::entity::{ActiveModel, Column, Entity, ID};
use super::types::{Organization, OrganizationChange};
use crate::shared::auth::{By, Scope};
use crate::shared::clock::Clock;
use crate::shared::db::{Db, Txn, merge};
use crate::shared::error::{Error, Result};
use crate::shared::text::Language;
use crate::shared::zone;
use chrono::NaiveDate;
use jiff::tz::TimeZone;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveValue, QuerySelect};
use std::sync::Arc;
use uuid::Uuid;

/// Reads the row; the first reader makes it.
pub async fn get_organization(db: &Db, clock: &Clock) -> Result<Organization> {
    if let Some(found) = find(db.fresh()).await? {
        return Ok(found);
    }
    db.write(clock.clone(), |txn, clock| {
        Box::pin(async move {
            insert_default(txn, clock).await?;
            find(txn).await?.ok_or_else(Error::not_found)
        })
    })
    .await
}

/// Reads the row to change it: nobody else can until the transaction ends.
pub async fn lock_organization(txn: &Txn, by: &By) -> Result<Organization> {
    insert_default(txn, &by.clock).await?;
    let row = Entity::find_by_id(ID).lock_exclusive();
    row.into_partial_model::<Organization>().one(txn).await?.ok_or_else(Error::not_found)
}

/// The zone in which the organisation's days begin and end; UTC until somebody chose one.
pub async fn time_zone(db: &impl ConnectionTrait) -> Result<TimeZone> {
    let name = Entity::find_by_id(ID).select_only().column(Column::TimeZone).into_tuple::<String>().one(db).await?;
    Ok(name.map_or(TimeZone::UTC, |name| zone::known(&name)))
}

/// The same, remembered where that is possible: numbers and answers ask for it each time.
pub async fn home(db: &Db) -> Result<Arc<TimeZone>> {
    db.hot(Entity, Scope::Everything, Uuid::nil(), time_zone(db.fresh())).await
}

/// Today, where the organisation is.
pub async fn today(db: &impl ConnectionTrait, clock: &Clock) -> Result<NaiveDate> {
    Ok(zone::day_of(&time_zone(db).await?, clock.now()))
}

async fn find(db: &impl ConnectionTrait) -> Result<Option<Organization>> {
    Ok(Entity::find_by_id(ID).into_partial_model::<Organization>().one(db).await?)
}

/// Does nothing when the row is there, also when somebody else is just making it.
async fn insert_default(txn: &Txn, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let row = ActiveModel {
        id: Set(ID.to_owned()),
        name: Set("Our organisation".to_owned()),
        time_zone: Set("UTC".to_owned()),
        language: Set(Language::default()),
        contact_email: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).on_conflict_do_nothing().exec_without_returning(txn).await?;
    Ok(())
}

/// Applies a patch to the row as it was read under lock, and returns it as it is then.
pub async fn update_organization(
    txn: &Txn,
    by: &By,
    before: &Organization,
    change: &OrganizationChange,
) -> Result<Organization> {
    let time_zone = change.time_zone.wanted().map(|zone| zone::checked(zone, "/time_zone")).transpose()?;
    let patch = ActiveModel {
        name: change.name.clone().into_active_value(),
        time_zone: time_zone.map_or(NotSet, Set),
        language: change.language.clone().into_active_value(),
        contact_email: change.contact_email.clone().into_active_value(),
        ..Default::default()
    };
    let row = Entity::find_by_id(ID).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, patch) else {
        return Ok(before.clone());
    };
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    find(txn).await?.ok_or_else(Error::not_found)
}
