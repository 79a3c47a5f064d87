//! The queries of commitments. Reads start from the caller's scope; every write moves the tallies.

mod list;
mod suggested;
mod terms;

pub use list::{in_order, is_open, list_at_risk, list_commitments};
pub use suggested::{list_candidates, suggest};
pub use terms::{Clockworks, Terms, clockworks, find_terms};

use super::entity::{Column, Entity, Model};
use super::rules::{self, Judgement, Occasion};
use super::tallies::Deltas;
use super::types::{Commitment, CommitmentId, Correction, NewCommitment};
use crate::agreements::seen_by;
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{ImportId, PersonId, SupplierId};
use crate::shared::tally::slot;
use crate::suppliers::{ExternalId, find_people};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

impl From<&Model> for Commitment {
    fn from(row: &Model) -> Self {
        let row = row.clone();
        Self {
            id: row.id,
            promise_id: row.promise_id,
            promise_version: row.promise_version,
            agreement_id: row.agreement_id,
            supplier_id: row.supplier_id,
            person_id: row.person_id,
            status: row.status,
            is_promised: row.is_promised,
            made_at: row.made_at,
            due_at: row.due_at,
            breaks_at: row.breaks_at,
            fulfilled_at: row.fulfilled_at,
            value: row.value,
            day: row.day,
            job_ref: row.job_ref,
            customer_ref: row.customer_ref,
            cause: row.cause,
            note: row.note,
            external_id: row.external_id,
            supersedes_id: row.supersedes_id,
            superseded_by_id: row.superseded_by_id,
            import_id: row.import_id,
            suggested_cause: None,
            suggested_by_id: None,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Entity {
    /// Where every read of commitments starts.
    pub fn visible(by: &By) -> sea_orm::Select<Entity> {
        Entity::find().filter(seen_by(by, Column::AgreementId))
    }
}

pub async fn get_commitment(db: &impl ConnectionTrait, by: &By, id: CommitmentId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

/// Reads a commitment to change it: nobody else can until the transaction ends.
pub async fn lock_commitment(txn: &Txn, by: &By, id: CommitmentId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)
}

/// The row of something new.
pub fn row(
    clock: &Clock,
    slot: i64,
    terms: &Terms,
    new: &NewCommitment,
    occasion: &Occasion,
    judged: Judgement,
) -> Model {
    let now = clock.now();
    Model {
        id: CommitmentId::new(clock),
        promise_id: terms.promise.id,
        promise_version: judged.version,
        agreement_id: terms.promise.agreement_id,
        supplier_id: terms.promise.supplier_id,
        person_id: new.person_id,
        status: judged.status,
        is_promised: judged.is_promised,
        made_at: occasion.made_at,
        due_at: judged.due_at,
        breaks_at: judged.breaks_at,
        fulfilled_at: occasion.fulfilled_at,
        value: judged.value,
        tightest: judged.tightest,
        day: judged.day,
        slot,
        job_ref: new.job_ref.clone(),
        customer_ref: new.customer_ref.clone(),
        cause: new.cause,
        note: new.note.clone(),
        external_id: new.external_id.clone(),
        supersedes_id: None,
        superseded_by_id: None,
        import_id: None::<ImportId>,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

pub async fn insert_commitment(txn: &Txn, row: &Model) -> Result<()> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    Deltas::between(None, Some(row)).write(txn).await
}

/// Writes what a commitment became.
pub async fn update_commitment(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: by.clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    Deltas::between(Some(before), Some(&after)).write(txn).await?;
    Ok(after)
}

/// Puts a corrected row in the place of another, which counts no more.
pub async fn supersede(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let after = Model {
        supersedes_id: Some(before.id),
        superseded_by_id: None,
        slot: slot(txn),
        import_id: None,
        revision: 1,
        ..after
    };
    update_commitment(txn, by, before, Model { superseded_by_id: Some(after.id), ..before.clone() }).await?;
    insert_commitment(txn, &after).await?;
    Ok(after)
}

/// Who answers for a commitment works for the supplier.
pub async fn refuse_stranger(db: &impl ConnectionTrait, supplier: SupplierId, person: Option<PersonId>) -> Result<()> {
    let Some(person) = person else {
        return Ok(());
    };
    let found = find_people(db, vec![person], Vec::new()).await?;
    match found.iter().any(|found| found.supplier_id == supplier) {
        true => Ok(()),
        false => Err(Error::rule(Code::InvalidReference, "/person_id", "The supplier has no such person.")),
    }
}

/// Refuses a key that another commitment has, unless that one was corrected.
pub async fn refuse_known(db: &impl ConnectionTrait, by: &By, external_id: Option<&ExternalId>) -> Result<()> {
    let Some(external_id) = external_id else {
        return Ok(());
    };
    let known =
        Entity::find().filter(Column::ExternalId.eq(external_id.clone())).filter(Column::SupersededById.is_null());
    let Some(found) = known.one(db).await? else {
        return Ok(());
    };
    let refusal = Error::rule(Code::AlreadyExists, "/external_id", "Another commitment has this key.");
    match get_commitment(db, by, found.id).await {
        Ok(seen) => Err(refusal.with("existing_id", seen.id.to_string())),
        Err(_) => Err(refusal),
    }
}

/// Judges an occasion by the version that was in force when it was made.
pub async fn judge(db: &impl ConnectionTrait, by: &By, terms: &Terms, occasion: &Occasion) -> Result<Judgement> {
    judge_in(&clockworks(db, std::slice::from_ref(terms)).await?, by, terms, occasion)
}

fn judge_in(clockworks: &Clockworks, by: &By, terms: &Terms, occasion: &Occasion) -> Result<Judgement> {
    let version = rules::judging(&terms.versions, occasion.made_at)?;
    let clockwork = clockworks.get(&version.calendar_id).ok_or_else(Error::not_found)?;
    rules::judge(version, clockwork, occasion, by.clock.now())
}

/// The same for what is known of a commitment that is there.
pub async fn judge_again(db: &impl ConnectionTrait, by: &By, row: &Model, occasion: &Occasion) -> Result<Judgement> {
    let found = find_terms(db, by, vec![row.promise_id], Vec::new()).await?.pop();
    judge(db, by, &found.ok_or_else(Error::not_found)?, occasion).await
}

/// Puts what it really was in the place of a commitment.
pub async fn correct(txn: &Txn, by: &By, before: &Model, given: &Correction) -> Result<Model> {
    let found = find_terms(txn, by, vec![before.promise_id], Vec::new()).await?.pop();
    let terms = found.ok_or_else(Error::not_found)?;
    let clockworks = clockworks(txn, std::slice::from_ref(&terms)).await?;
    let version = terms.versions.iter().find(|version| version.number == before.promise_version);
    let version = version.ok_or_else(Error::not_found)?;
    let clockwork = clockworks.get(&version.calendar_id).ok_or_else(Error::not_found)?;
    let occasion = rules::corrected(before, version, clockwork, given)?;
    let judged = judge_in(&clockworks, by, &terms, &occasion)?;
    let new = NewCommitment {
        person_id: given.person_id.or(before.person_id),
        job_ref: given.job_ref.clone().or_else(|| before.job_ref.clone()),
        customer_ref: given.customer_ref.clone().or_else(|| before.customer_ref.clone()),
        cause: before.cause,
        note: given.note.clone().or_else(|| before.note.clone()),
        external_id: before.external_id.clone(),
        ..NewCommitment::default()
    };
    supersede(txn, by, before, row(&by.clock, before.slot, &terms, &new, &occasion, judged)).await
}
