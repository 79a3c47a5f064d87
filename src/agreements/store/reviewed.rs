//! Which agreements are to be reviewed when: for the room that calls the reviews.

use super::super::entity::{Column, Entity, reviewer, version};
use super::super::types::{AgreementStatus, Cadence, VersionStatus};
use crate::organization::time_zone;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, AgreementId, SupplierId};
use crate::shared::zone;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// An agreement in force, as far as its reviews depend on it.
#[derive(Clone, Debug)]
pub struct Reviewed {
    pub id: AgreementId,
    pub supplier_id: SupplierId,
    /// The version in force.
    pub version: i64,
    /// When it is reviewed; versions in force have one.
    pub cadence: Option<Cadence>,
    /// The first of the versions that have named this cadence without a break up to the one in force.
    pub cadence_version: i64,
    /// The first day of that version.
    pub cadence_since: NaiveDate,
    /// The day from whose week or month the cadence counts.
    pub starts_on: NaiveDate,
    /// The first day in force, or the day on which it was written down here when that is later: history that is
    /// loaded is not reviewed.
    pub since: NaiveDate,
    /// The last day, if there is one.
    pub ends_on: Option<NaiveDate>,
    /// Owner and reviewers on our side.
    pub people: Vec<AccountId>,
}

const IN_FORCE: [AgreementStatus; 3] = [AgreementStatus::Active, AgreementStatus::Amending, AgreementStatus::Expiring];

/// The agreements in force with their suppliers and the number of the version, in one order.
pub async fn to_review(db: &impl ConnectionTrait) -> Result<Vec<(AgreementId, SupplierId, i64)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SupplierId, Column::VersionInForce])
        .filter(Column::Status.is_in(IN_FORCE))
        .filter(Column::VersionInForce.is_not_null())
        .order_by_asc(Column::Id);
    Ok(found.into_tuple().all(db).await?)
}

/// One of them; none when it is not in force.
pub async fn reviewed(db: &impl ConnectionTrait, id: AgreementId) -> Result<Option<Reviewed>> {
    let row = Entity::find_by_id(id).filter(Column::Status.is_in(IN_FORCE)).one(db).await?;
    let Some((row, number)) = row.and_then(|row| row.version_in_force.map(|number| (row, number))) else {
        return Ok(None);
    };
    let versions = version::Entity::find()
        .filter(version::Column::AgreementId.eq(id))
        .filter(version::Column::Status.is_in([VersionStatus::InForce, VersionStatus::Superseded]))
        .order_by_desc(version::Column::Number)
        .all(db)
        .await?;
    let Some(terms) = versions.iter().find(|version| version.number == number) else {
        return Ok(None);
    };
    let written_on = zone::day_of(&time_zone(db).await?, row.created_at);
    let begins = |version: &version::Model| version.effective_from.unwrap_or(version.starts_on);
    let named = |version: &version::Model| (version.cadence.clone().map(|cadence| cadence.0), version.starts_on);
    let same = versions.iter().take_while(|version| named(version) == named(terms)).last().unwrap_or(terms);
    Ok(Some(Reviewed {
        id,
        supplier_id: row.supplier_id,
        version: number,
        cadence: terms.cadence.clone().map(|cadence| cadence.0),
        cadence_version: same.number,
        cadence_since: begins(same),
        starts_on: terms.starts_on,
        since: versions.last().map_or(terms.starts_on, begins).max(written_on),
        ends_on: row.terminates_on.into_iter().chain(row.ends_on).min(),
        people: people_of(db, vec![id]).await?.remove(&id).unwrap_or_default(),
    }))
}

/// Owners and reviewers of some agreements, whether they are in force or not.
pub async fn people_of(
    db: &impl ConnectionTrait,
    ids: Vec<AgreementId>,
) -> Result<HashMap<AgreementId, Vec<AccountId>>> {
    let mut people: HashMap<AgreementId, Vec<AccountId>> = HashMap::new();
    let reviewers = reviewer::Entity::find().filter(reviewer::Column::AgreementId.is_in(ids.clone()));
    for reviewer in reviewers.all(db).await? {
        people.entry(reviewer.agreement_id).or_default().push(reviewer.account_id);
    }
    for (id, owner) in super::owners_of(db, ids).await? {
        let people = people.entry(id).or_default();
        people.extend(Some(owner).filter(|owner| !people.contains(owner)));
    }
    Ok(people)
}

/// What some agreements are called.
pub async fn titles_of(db: &impl ConnectionTrait, ids: Vec<AgreementId>) -> Result<HashMap<AgreementId, String>> {
    let select = Entity::find().filter(Column::Id.is_in(ids)).select_only().columns([Column::Id, Column::Title]);
    Ok(select.into_tuple::<(AgreementId, String)>().all(db).await?.into_iter().collect())
}
