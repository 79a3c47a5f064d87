//! Feedback from files: what a batch refers to is looked up at once, judged row by row in memory, and written with a
//! handful of statements.

use super::entity::{Column, Entity, Model};
use super::follow_ups::drop_of;
use super::store::{self, Draft, Guards, Named, Subjects};
use super::tallies::Deltas;
use super::types::{FeedbackId, FeedbackStatus, ImportedFeedback, QuarantineReason};
use crate::organization::time_zone;
use crate::shared::db::{Txn, Writing, insert_all};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SurveyId;
use crate::shared::import::{Batch, ImportMode, Importer, Outcome};
use crate::shared::permission::feedback::Create;
use crate::shared::tally::slot_of;
use crate::surveys::{Asked, SurveyTerms, asked, asked_then};
use jiff::tz::TimeZone;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub const IMPORTER: Importer = Importer::of::<ImportedFeedback, Create>("feedback", write);

fn write<'a>(txn: &'a Txn, batch: &'a Batch) -> Writing<'a, Vec<Outcome>> {
    Box::pin(async move {
        let rows: Vec<_> = batch.rows.iter().map(|row| row.read::<ImportedFeedback>()).collect();
        let known = Known::find(txn, batch, &rows).await?;
        let read: Vec<_> = rows.iter().map(|row| known.read(batch, row)).collect();
        let fresh: Vec<_> = read.iter().flatten().collect();
        let guards = Guards::find(txn, &fresh).await?;
        let mut changes = Changes { guards, ..Changes::new(&known) };
        let outcomes = read.into_iter().map(|row| match row {
            Ok(row) => changes.decide(batch, row),
            Err(error) => Outcome::Failed(error),
        });
        let outcomes = outcomes.collect();
        changes.write(txn, batch).await?;
        Ok(outcomes)
    })
}

/// What the rows of a batch refer to.
struct Known {
    surveys: HashMap<SurveyId, Asked>,
    /// What was asked of those that are there already.
    before: HashMap<(SurveyId, i64), Arc<SurveyTerms>>,
    feedback: HashMap<String, Model>,
    subjects: Subjects,
    zone: TimeZone,
    slot: i64,
}

fn named(row: &ImportedFeedback) -> Named {
    Named {
        agreement_key: row.agreement_external_id.clone(),
        supplier_key: row.supplier_external_id.clone(),
        person_key: row.person_external_id.clone(),
        ..Named::from(&row.new)
    }
}

impl Known {
    async fn find(txn: &Txn, batch: &Batch, rows: &[Result<ImportedFeedback>]) -> Result<Self> {
        let read: Vec<_> = rows.iter().flatten().collect();
        let surveys: HashSet<_> = read.iter().map(|row| row.new.survey_id).collect();
        let keys: Vec<_> = read.iter().filter_map(|row| row.new.external_id.clone()).collect();
        let feedback = match keys.is_empty() {
            true => Vec::new(),
            false => {
                let known = Entity::find().filter(Column::ExternalId.is_in(keys));
                known.filter(Column::SupersededById.is_null()).lock_exclusive().all(txn).await?
            }
        };
        let versions: HashSet<_> = feedback.iter().map(|row| (row.survey_id, row.survey_version)).collect();
        let named: Vec<_> = read.iter().map(|row| named(row)).collect();
        let keyed = feedback.into_iter().filter_map(|row| Some((row.external_id.as_ref()?.to_string(), row)));
        Ok(Self {
            surveys: asked(txn, surveys.into_iter().collect()).await?,
            before: asked_then(txn, versions.into_iter().collect()).await?,
            feedback: keyed.collect(),
            subjects: Subjects::find(txn, &batch.by, &named).await?,
            zone: time_zone(txn).await?,
            slot: slot_of(txn, batch.import_id.0),
        })
    }

    /// The row as it would be recorded.
    fn read(&self, batch: &Batch, row: &Result<ImportedFeedback>) -> Result<Model> {
        let row = row.as_ref().map_err(Clone::clone)?;
        let asked = store::may_be_answered(self.surveys.get(&row.new.survey_id))?;
        let subject = self.subjects.of(&named(row))?;
        let (new, answers, zone, slot) = (&row.new, row.answers(), &self.zone, self.slot);
        let made = store::row(&batch.by.clock, Draft { new, answers, subject, asked, zone, slot });
        let made = made.map_err(|error| placed(row, error))?;
        let before = made.external_id.as_ref().and_then(|key| self.feedback.get(&**key));
        match before {
            Some(before) if batch.mode == ImportMode::Create => {
                let refusal = Error::rule(Code::AlreadyExists, "/external_id", "Another answer has this key.");
                Err(refusal.with("existing_id", before.id.to_string()))
            }
            Some(before) if (before.survey_id, before.supplier_id) != (made.survey_id, made.supplier_id) => {
                let detail = "The answer with this key is to another survey, or about another supplier.";
                Err(Error::rule(Code::RuleViolated, "/external_id", detail))
            }
            _ => Ok(Model { import_id: Some(batch.import_id), ..made }),
        }
    }
}

/// What is wrong with a number that stands in a column of its own is told of that column.
fn placed(row: &ImportedFeedback, error: Error) -> Error {
    let answers = row.answers();
    let column = |pointer: &str| {
        let (place, member) = pointer.strip_prefix("#/answers/")?.split_once('/')?;
        let place: usize = place.parse().ok().filter(|place| *place >= row.new.answers.len())?;
        let columns = match member {
            "expectation" => "expectations",
            "minimum" => "minimums",
            _ => "values",
        };
        Some(format!("#/{columns}/{}", &*answers.get(place)?.item))
    };
    let mut fields = error.fields.clone();
    for field in &mut fields {
        field.pointer = field.pointer.take().map(|pointer| column(&pointer).unwrap_or(pointer));
    }
    error.fields(fields)
}

/// What a batch writes.
struct Changes<'a> {
    known: &'a Known,
    guards: Guards,
    new: Vec<Model>,
    superseded: Vec<(FeedbackId, FeedbackId)>,
    deltas: Deltas,
}

impl<'a> Changes<'a> {
    fn new(known: &'a Known) -> Self {
        Self { known, guards: Guards::default(), new: Vec::new(), superseded: Vec::new(), deltas: Deltas::default() }
    }

    fn decide(&mut self, batch: &Batch, mut row: Model) -> Outcome {
        let before = row.external_id.as_ref().and_then(|key| self.known.feedback.get(&**key));
        if let Some(before) = before {
            // Who was erased does not come back.
            if before.erased_at.is_some() || is_same(before, &row) {
                return Outcome::Unchanged(before.id.0);
            }
            row.is_hidden = before.is_hidden;
            if before.status == FeedbackStatus::Counted {
                self.guards.forget(before);
            }
            self.superseded.push((before.id, row.id));
            row.supersedes_id = Some(before.id);
            if let Some(terms) = self.known.before.get(&(before.survey_id, before.survey_version)) {
                self.deltas.count(terms, before, -1);
            }
        }
        (row.status, row.quarantine_reason) = match before.map(|before| (before.status, before.quarantine_reason)) {
            // What somebody decided stands.
            Some(decided @ (_, Some(QuarantineReason::ByStaff))) => decided,
            _ => self.guards.judge(&row),
        };
        if let Some(asked) = self.known.surveys.get(&row.survey_id) {
            self.deltas.count(&asked.terms, &row, 1);
        }
        let (id, is_new) = (row.id.0, before.is_none());
        row.import_id = Some(batch.import_id);
        self.new.push(row);
        if is_new { Outcome::Created(id) } else { Outcome::Updated(id) }
    }

    /// Superseded rows first: they free their keys for those that take their place.
    async fn write(self, txn: &Txn, batch: &Batch) -> Result<()> {
        supersede(txn, batch, &self.superseded).await?;
        let before = self.superseded.iter().map(|(before, _)| *before);
        drop_of(txn, &batch.by.clock, before.collect()).await?;
        let asked = |row: &Model| self.known.surveys.get(&row.survey_id);
        let low: Vec<_> = self.new.iter().filter_map(|row| Some((row, asked(row)?))).collect();
        insert_all(txn, self.new.iter().cloned().map(Model::into_active_model).collect()).await?;
        store::open_follow_ups(txn, &batch.by.clock, &low).await?;
        self.deltas.write(txn).await
    }
}

async fn supersede(txn: &Txn, batch: &Batch, superseded: &[(FeedbackId, FeedbackId)]) -> Result<()> {
    if superseded.is_empty() {
        return Ok(());
    }
    let mut by = sea_orm::sea_query::CaseStatement::new();
    for (before, after) in superseded {
        by = by.case(Column::Id.eq(*before), Expr::value(after.0));
    }
    Entity::update_many()
        .col_expr(Column::SupersededById, by.into())
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(batch.by.clock.now()))
        .filter(Column::Id.is_in(superseded.iter().map(|(before, _)| *before)))
        .exec(txn)
        .await?;
    Ok(())
}

/// Whether a row says nothing that is not known.
fn is_same(before: &Model, after: &Model) -> bool {
    let facts = |row: &Model| {
        let about = (row.agreement_id, row.person_id, row.job_ref.clone(), row.customer_ref.clone());
        let how = (row.respondent_kind, row.stage, row.channel, row.language.clone(), row.answered_at);
        let said = (row.answers.clone(), row.importance.clone(), row.comment.clone(), row.is_comment_shared);
        let contact = (row.contact_name.clone(), row.contact_email.clone(), row.contact_phone.clone());
        (about, how, said, contact, row.compliment.clone(), row.complimented_id)
    };
    facts(before) == facts(after)
}
