//! Commitments from files: what a batch refers to is looked up at once, judged row by row in memory, and
//! written with a handful of statements.

use super::entity::{Column, Entity, Model};
use super::excuses;
use super::rules::{self, Occasion};
use super::store::{self, Clockworks, Terms, clockworks, find_terms};
use super::tallies::Deltas;
use super::types::{CommitmentId, CommitmentStatus, ImportedCommitment, NewCommitment};
use crate::shared::db::{Txn, Writing, insert_all};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{PersonId, PromiseId, SupplierId};
use crate::shared::import::{Batch, ImportMode, Importer, Outcome};
use crate::shared::permission::commitments::Create;
use crate::shared::tally::slot_of;
use crate::suppliers::{Entity as Suppliers, KnownPerson, SupplierStatus, find_people};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};

pub const IMPORTER: Importer = Importer::of::<ImportedCommitment, Create>("commitments", write);

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 1000;

fn write<'a>(txn: &'a Txn, batch: &'a Batch) -> Writing<'a, Vec<Outcome>> {
    Box::pin(async move {
        let rows: Vec<_> = batch.rows.iter().map(|row| row.read::<ImportedCommitment>()).collect();
        let known = Known::find(txn, batch, rows.iter().flatten()).await?;
        let mut changes = Changes::default();
        let slot = slot_of(txn, batch.import_id.0);
        let decide = |row: &Result<ImportedCommitment>| match row {
            Ok(row) => changes.decide(&known, batch, slot, row).unwrap_or_else(Outcome::Failed),
            Err(error) => Outcome::Failed(error.clone()),
        };
        let outcomes = rows.iter().map(decide).collect();
        changes.write(txn, batch).await?;
        Ok(outcomes)
    })
}

/// What the rows of a batch refer to.
struct Known {
    terms: Vec<Terms>,
    by_id: HashMap<PromiseId, usize>,
    by_key: HashMap<String, usize>,
    people: Vec<KnownPerson>,
    clockworks: Clockworks,
    suspended: HashSet<SupplierId>,
    commitments: HashMap<String, Model>,
}

impl Known {
    async fn find(txn: &Txn, batch: &Batch, rows: impl Iterator<Item = &ImportedCommitment> + Clone) -> Result<Self> {
        let keys: Vec<_> = rows.clone().filter_map(|row| row.new.external_id.clone()).collect();
        let commitments = Entity::visible(&batch.by)
            .filter(Column::ExternalId.is_in(keys))
            .filter(Column::SupersededById.is_null())
            .lock_exclusive()
            .all(txn)
            .await?;
        let named = rows.clone().filter_map(|row| row.new.promise_id);
        let ids: HashSet<_> = named.chain(commitments.iter().map(|row| row.promise_id)).collect();
        let keys: HashSet<_> =
            rows.clone().filter_map(|row| Some(row.new.promise_external_id.as_ref()?.to_string())).collect();
        let terms = find_terms(txn, &batch.by, ids.into_iter().collect(), keys.into_iter().collect()).await?;
        let ids: HashSet<_> = rows.clone().filter_map(|row| row.new.person_id).collect();
        let keys: HashSet<_> = rows.filter_map(|row| Some(row.person_external_id.as_ref()?.to_string())).collect();
        let people = find_people(txn, ids.into_iter().collect(), keys.into_iter().collect()).await?;
        let keyed = commitments.into_iter().filter_map(|row| Some((row.external_id.as_ref()?.to_string(), row)));
        let places = || terms.iter().enumerate();
        Ok(Self {
            by_id: places().map(|(place, terms)| (terms.promise.id, place)).collect(),
            by_key: places()
                .filter_map(|(place, terms)| Some((terms.promise.external_id.as_ref()?.to_string(), place)))
                .collect(),
            clockworks: clockworks(txn, &terms).await?,
            suspended: suspended(txn, &terms).await?,
            commitments: keyed.collect(),
            terms,
            people,
        })
    }

    /// The promise that a row names, or that of the commitment it changes. What is known already may change
    /// when nothing new may be made.
    fn terms(&self, row: &ImportedCommitment, before: Option<&Model>) -> Result<&Terms> {
        let (pointer, place) = match (row.new.promise_id, &row.new.promise_external_id, before) {
            (Some(id), None, _) => ("/promise_id", self.by_id.get(&id)),
            (None, Some(key), _) => ("/promise_external_id", self.by_key.get(&**key)),
            (None, None, Some(before)) => ("/promise_id", self.by_id.get(&before.promise_id)),
            _ => {
                let detail = "Name the promise by `promise_id` or by `promise_external_id`.";
                return Err(Error::rule(Code::RuleViolated, "/promise_id", detail));
            }
        };
        let terms = place.and_then(|place| self.terms.get(*place));
        let terms = terms.ok_or_else(|| Error::rule(Code::InvalidReference, pointer, "There is no such promise."))?;
        match before {
            Some(before) if before.promise_id == terms.promise.id => return Ok(terms),
            // What is noted on it is the other supplier's.
            Some(before) if before.agreement_id != terms.promise.agreement_id => {
                let detail = "The commitment with this key was made within another agreement.";
                return Err(Error::rule(Code::RuleViolated, pointer, detail));
            }
            _ => {}
        }
        rules::may_be_made(terms.promise.status)?;
        if self.suspended.contains(&terms.promise.supplier_id) {
            return Err(Error::new(Code::InvalidState, "The supplier is suspended: it gets no new commitments."));
        }
        Ok(terms)
    }

    fn person(&self, row: &ImportedCommitment, supplier: SupplierId) -> Result<Option<PersonId>> {
        let is_named = |person: &&KnownPerson| match (row.new.person_id, &row.person_external_id) {
            (Some(id), _) => person.id == id,
            (None, key) => key.is_some() && person.external_id.as_deref() == key.as_deref(),
        };
        let pointer = match (row.new.person_id, &row.person_external_id) {
            (None, None) => return Ok(None),
            (Some(_), None) => "/person_id",
            (None, Some(_)) => "/person_external_id",
            (Some(_), Some(_)) => {
                let detail = "Name the person by `person_id` or by `person_external_id`.";
                return Err(Error::rule(Code::RuleViolated, "/person_external_id", detail));
            }
        };
        let found = self.people.iter().filter(|person| person.supplier_id == supplier).find(is_named);
        let person = found.map(|person| person.id);
        let missing = || Error::rule(Code::InvalidReference, pointer, "The supplier has no such person.");
        person.map(Some).ok_or_else(missing)
    }
}

async fn suspended(txn: &Txn, terms: &[Terms]) -> Result<HashSet<SupplierId>> {
    type Supplier = <Suppliers as EntityTrait>::Column;
    let named = terms.iter().map(|terms| terms.promise.supplier_id);
    let found = Suppliers::find()
        .select_only()
        .column(Supplier::Id)
        .filter(Supplier::Id.is_in(named))
        .filter(Supplier::Status.eq(SupplierStatus::Suspended))
        .into_tuple::<SupplierId>();
    Ok(found.all(txn).await?.into_iter().collect())
}

/// What a batch writes.
#[derive(Default)]
struct Changes {
    new: Vec<Model>,
    changed: Vec<Model>,
    deltas: Deltas,
}

impl Changes {
    fn decide(&mut self, known: &Known, batch: &Batch, slot: i64, row: &ImportedCommitment) -> Result<Outcome> {
        let key = row.new.external_id.as_ref();
        let before = key.and_then(|key| known.commitments.get(&**key));
        if let (Some(before), ImportMode::Create) = (before, batch.mode) {
            let refusal = Error::rule(Code::AlreadyExists, "/external_id", "Another commitment has this key.");
            return Err(refusal.with("existing_id", before.id.to_string()));
        }
        let terms = known.terms(row, before)?;
        let person = known.person(row, terms.promise.supplier_id)?;
        let (occasion, new) = said(row, before, person, terms, known, batch)?;
        let version = rules::judging(&terms.versions, occasion.made_at)?;
        let clockwork = known.clockworks.get(&version.calendar_id).ok_or_else(Error::not_found)?;
        let judged = rules::judge(version, clockwork, &occasion, batch.by.clock.now())?;
        let after = store::row(&batch.by.clock, slot, terms, &new, &occasion, judged);
        let after = Model { import_id: Some(batch.import_id), ..after };
        Ok(match before {
            None => {
                self.deltas.count(&after, 1);
                let id = after.id;
                self.new.push(after);
                Outcome::Created(id.0)
            }
            Some(before) if is_same(before, &after) => Outcome::Unchanged(before.id.0),
            Some(before) if is_late(before, &after) => Outcome::Updated(self.fulfil_late(before, &after).0),
            Some(before) => Outcome::Updated(self.replace(before, after).0),
        })
    }

    /// Nothing but the fulfilment is recorded: what was decided, and its excuse, stands.
    fn fulfil_late(&mut self, before: &Model, after: &Model) -> CommitmentId {
        let (fulfilled_at, value, tightest) = (after.fulfilled_at, after.value, after.tightest);
        let (revision, updated_at) = (before.revision + 1, after.updated_at);
        let late = Model { fulfilled_at, value, tightest, revision, updated_at, ..before.clone() };
        self.deltas.count(before, -1);
        self.deltas.count(&late, 1);
        self.changed.push(late);
        before.id
    }

    /// What is open is changed in its place; what was decided is superseded.
    fn replace(&mut self, before: &Model, after: Model) -> CommitmentId {
        let stays = before.status == CommitmentStatus::Open && before.promise_id == after.promise_id;
        let (revision, updated_at) = (before.revision + 1, after.updated_at);
        self.deltas.count(before, -1);
        self.deltas.count(&after, 1);
        if stays {
            let created_at = before.created_at;
            self.changed.push(Model {
                id: before.id,
                supersedes_id: before.supersedes_id,
                revision,
                created_at,
                ..after
            });
            return before.id;
        }
        let id = after.id;
        self.changed.push(Model { superseded_by_id: Some(id), revision, updated_at, ..before.clone() });
        self.new.push(Model { supersedes_id: Some(before.id), ..after });
        id
    }

    /// Superseded rows first: they free their keys for those that take their place.
    async fn write(self, txn: &Txn, batch: &Batch) -> Result<()> {
        let superseded = self.changed.iter().filter(|row| row.superseded_by_id.is_some());
        excuses::void(txn, &batch.by, superseded.map(|row| row.id).collect()).await?;
        for rows in self.changed.chunks(AT_ONCE) {
            let insert = Entity::insert_many(rows.iter().map(|row| row.clone().into_active_model()));
            let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
            let in_place = OnConflict::column(Column::Id).update_columns(columns).to_owned();
            insert.on_conflict(in_place).exec_without_returning(txn).await?;
        }
        insert_all(txn, self.new.into_iter().map(Model::into_active_model).collect()).await?;
        self.deltas.write(txn).await
    }
}

/// What the row says together with what was known; members it leaves out stay as they were.
fn said(
    row: &ImportedCommitment,
    before: Option<&Model>,
    person: Option<PersonId>,
    terms: &Terms,
    known: &Known,
    batch: &Batch,
) -> Result<(Occasion, NewCommitment)> {
    let mut occasion = Occasion::of(&row.new, batch.by.clock.now());
    let mut new = NewCommitment { person_id: person, ..row.new.clone() };
    occasion.is_withdrawn = row.status.is_some();
    let Some(before) = before else {
        return Ok((occasion, new));
    };
    let judged_by = terms.versions.iter().find(|version| version.number == before.promise_version);
    let measured = judged_by.is_some_and(rules::is_measured);
    // Withdrawn stays withdrawn until the row says how it was fulfilled.
    let was_withdrawn = before.status == CommitmentStatus::Withdrawn;
    occasion.is_withdrawn |= was_withdrawn && row.new.fulfilled_at.is_none();
    occasion.made_at = row.new.made_at.unwrap_or(before.made_at);
    occasion.due_at = row.new.due_at.or(Some(before.due_at));
    if before.promise_id == terms.promise.id {
        let clockwork = judged_by.and_then(|version| known.clockworks.get(&version.calendar_id));
        if let (None, Some(version), Some(clockwork)) = (row.new.due_at, judged_by, clockwork) {
            occasion.due_at = rules::still_due(before, version, clockwork, occasion.made_at);
        }
        let is_when_known = (occasion.made_at, occasion.due_at) == (before.made_at, Some(before.due_at));
        occasion.breaks_at = is_when_known.then_some(before.breaks_at);
    }
    occasion.fulfilled_at = row.new.fulfilled_at.or(before.fulfilled_at);
    occasion.value = row.new.value.or(before.value.filter(|_| measured));
    new.person_id = person.or(before.person_id);
    new.job_ref = new.job_ref.or_else(|| before.job_ref.clone());
    new.customer_ref = new.customer_ref.or_else(|| before.customer_ref.clone());
    new.cause = new.cause.or(before.cause);
    new.note = new.note.or_else(|| before.note.clone());
    Ok((occasion, new))
}

/// Whether a row says nothing that is not known. States that people decided (excuses) stand until the
/// facts differ.
fn is_same(before: &Model, after: &Model) -> bool {
    let is_withdrawn = |row: &Model| row.status == CommitmentStatus::Withdrawn;
    let times = |row: &Model| (row.promise_id, row.made_at, row.due_at, row.fulfilled_at, row.person_id);
    // Asking for an excuse has set the cause.
    let has_excuse = matches!(before.status, CommitmentStatus::ExcuseRequested | CommitmentStatus::Excused);
    let words = |row: &Model| (row.job_ref.clone(), row.customer_ref.clone(), row.note.clone());
    is_withdrawn(before) == is_withdrawn(after)
        && times(before) == times(after)
        && words(before) == words(after)
        && before.value == after.value
        && (has_excuse || before.cause == after.cause)
}

/// Whether all that a row tells of something broken is that it was fulfilled after all, too late.
fn is_late(before: &Model, after: &Model) -> bool {
    use CommitmentStatus::{Broken, ExcuseRequested, Excused};
    let known = Model { fulfilled_at: before.fulfilled_at, value: before.value, ..after.clone() };
    matches!(before.status, Broken | ExcuseRequested | Excused)
        && before.fulfilled_at.is_none()
        && after.fulfilled_at.is_some_and(|at| at > before.breaks_at)
        && is_same(before, &known)
}
