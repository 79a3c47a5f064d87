//! Assessments as they are assigned, to many suppliers with a handful of statements.

use super::answering::store_answers;
use super::duties::answers_due;
use super::sheet::accepted;
use crate::assessments::entity::{ActiveModel, Column, Entity, Model, answer};
use crate::assessments::rules::{Dates, OPEN, check_dates, repeats_on};
use crate::assessments::types::{AnswerVerdict, AssessmentStatus, Assignment};
use crate::organization::today;
use crate::questionnaires::{Question, QuestionKind, QuestionnaireTerms, asked_now, check_given};
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn, insert_all};
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AccountId, AssessmentId, QuestionnaireId, SupplierId};
use crate::suppliers::{SupplierStatus, lock_suppliers};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// What is assigned, to whom.
pub struct Plan<'a> {
    pub questionnaire_id: QuestionnaireId,
    pub version: i64,
    pub terms: &'a QuestionnaireTerms,
    pub suppliers: &'a [SupplierId],
    pub dates: Dates,
    /// After how many months the next one follows, and when.
    pub repeats: Option<(i64, NaiveDate)>,
    pub assigned_by: Option<AccountId>,
}

/// Whether a supplier can do anything with an assessment. The users of others may only read.
pub fn is_possible(status: SupplierStatus) -> bool {
    use SupplierStatus::{Exited, Rejected, Suspended};
    ![Exited, Rejected, Suspended].contains(&status)
}

/// Assigns what is asked now to all of these suppliers, or to none.
pub async fn assign(txn: &Txn, by: &By, new: &Assignment) -> Result<Vec<Model>> {
    let asked = asked_now(txn, new.questionnaire_id).await?;
    let unknown = || Error::rule(Code::InvalidReference, "/questionnaire_id", "There is no such questionnaire.");
    let (version, terms) = asked.ok_or_else(unknown)?;
    let today = today(txn, &by.clock).await?;
    let dates = check_dates((new.period_from, new.period_to), new.due_on, new.expires_after_days, today)?;
    let standing = lock_suppliers(txn, new.supplier_ids.clone()).await?;
    refuse_impossible(&new.supplier_ids, &standing)?;
    if let Some(open) = open_ones(txn, new.questionnaire_id, &new.supplier_ids, dates).await?.first() {
        let detail = format!("The supplier {} has one for this period already.", open.supplier_id);
        return Err(Error::new(Code::AlreadyExists, detail).with("existing_id", open.id.to_string()));
    }
    let plan = Plan {
        questionnaire_id: new.questionnaire_id,
        version,
        terms: &terms,
        suppliers: &new.supplier_ids,
        dates,
        repeats: new.repeats_every_months.map(|months| (months, repeats_on(today, months))),
        assigned_by: by.account(),
    };
    assign_to(txn, &by.clock, Author::caller(&by.caller, &by.request_id), &plan).await
}

fn refuse_impossible(suppliers: &[SupplierId], standing: &HashMap<SupplierId, SupplierStatus>) -> Result<()> {
    let wrong = suppliers.iter().enumerate().filter_map(|(place, id)| {
        let (code, detail) = match standing.get(id) {
            None => (Code::InvalidReference, "There is no such supplier."),
            Some(status) if !is_possible(*status) => {
                (Code::RuleViolated, "The supplier is suspended or has left: its users may only read.")
            }
            Some(_) => return None,
        };
        let (pointer, code, detail) =
            (Some(format!("#/supplier_ids/{place}")), code.name().to_owned(), detail.to_owned());
        Some((code == Code::InvalidReference.name(), FieldError { pointer, code, detail, ..FieldError::default() }))
    });
    let wrong: Vec<_> = wrong.collect();
    let code =
        if wrong.iter().any(|(is_unknown, _)| *is_unknown) { Code::InvalidReference } else { Code::RuleViolated };
    match wrong.len() {
        0 => Ok(()),
        many => {
            let detail = format!("{many} of the suppliers cannot be asked.");
            Err(Error::new(code, detail).fields(wrong.into_iter().map(|(_, field)| field).collect()))
        }
    }
}

/// Those that are open for the same period.
pub async fn open_ones(
    db: &impl ConnectionTrait,
    questionnaire: QuestionnaireId,
    suppliers: &[SupplierId],
    dates: Dates,
) -> Result<Vec<Model>> {
    let open = Entity::find()
        .filter(Column::QuestionnaireId.eq(questionnaire))
        .filter(Column::SupplierId.is_in(suppliers.iter().copied()))
        .filter(Column::Status.is_in(OPEN))
        .filter(Column::PeriodFrom.eq(dates.period_from))
        .filter(Column::PeriodTo.eq(dates.period_to));
    Ok(open.order_by_asc(Column::Id).all(db).await?)
}

/// Assigns to suppliers that are locked and can do something with it.
pub async fn assign_to(txn: &Txn, clock: &Clock, author: Author<'_>, plan: &Plan<'_>) -> Result<Vec<Model>> {
    let previous = last_accepted(txn, plan.questionnaire_id, plan.suppliers).await?;
    let row = |supplier: &SupplierId| row(clock, plan, *supplier, previous.get(supplier).copied());
    let rows: Vec<Model> = plan.suppliers.iter().map(row).collect();
    insert_all::<ActiveModel>(txn, rows.iter().cloned().map(IntoActiveModel::into_active_model).collect()).await?;
    take_over(txn, clock, plan.terms, &rows).await?;
    let today = today(txn, clock).await?;
    let entry = |row: &Model| {
        let shown = row.clone().shown(crate::shared::auth::Scope::Everything, today);
        Entry::new("assessment.assign", row.id.0).about(row.supplier_id).between(None, Some(&shown))
    };
    history::record_all(txn, clock, author, rows.iter().map(entry).collect()).await?;
    answers_due(txn, clock, &rows).await?;
    Ok(rows)
}

fn row(clock: &Clock, plan: &Plan<'_>, supplier_id: SupplierId, previous_id: Option<AssessmentId>) -> Model {
    let now = clock.now();
    Model {
        id: AssessmentId::new(clock),
        questionnaire_id: plan.questionnaire_id,
        version: plan.version,
        supplier_id,
        status: AssessmentStatus::Assigned,
        status_reason: None,
        period_from: plan.dates.period_from,
        period_to: plan.dates.period_to,
        due_on: plan.dates.due_on,
        extended_from: None,
        expires_on: plan.dates.expires_on,
        previous_id,
        repeats_every_months: plan.repeats.map(|(months, _)| months),
        repeats_on: plan.repeats.map(|(_, day)| day),
        assigned_by: plan.assigned_by,
        attested_name: None,
        attested_position: None,
        attested_statement: None,
        attested_by: None,
        submitted_at: None,
        accepted_at: None,
        self_score: None,
        verified_score: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

/// The last accepted one of each supplier.
async fn last_accepted(
    txn: &Txn,
    questionnaire: QuestionnaireId,
    suppliers: &[SupplierId],
) -> Result<HashMap<SupplierId, AssessmentId>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::SupplierId, Column::Id])
        .filter(Column::QuestionnaireId.eq(questionnaire))
        .filter(Column::SupplierId.is_in(suppliers.iter().copied()))
        .filter(Column::Status.eq(AssessmentStatus::Accepted))
        .order_by_asc(Column::AcceptedAt)
        .order_by_asc(Column::Id);
    Ok(found.into_tuple::<(SupplierId, AssessmentId)>().all(txn).await?.into_iter().collect())
}

/// Takes answers over from the assessments before, where the question allows it and the answer still fits. Files stay
/// where they are.
async fn take_over(txn: &Txn, clock: &Clock, terms: &QuestionnaireTerms, rows: &[Model]) -> Result<()> {
    let asked = terms.questions().filter(|question| question.is_prefilled && question.kind != QuestionKind::File);
    let asked: HashMap<&str, &Question> = asked.map(|question| (&*question.key, question)).collect();
    let before: HashMap<AssessmentId, AssessmentId> =
        rows.iter().filter_map(|row| Some((row.previous_id?, row.id))).collect();
    if asked.is_empty() || before.is_empty() {
        return Ok(());
    }
    let old = answer::Entity::find()
        .filter(answer::Column::AssessmentId.is_in(before.keys().copied()))
        .filter(answer::Column::Question.is_in(asked.keys().copied()))
        .all(txn)
        .await?;
    let taken = old.into_iter().filter_map(|row| {
        let (question, id) = (asked.get(&*row.question)?, before.get(&row.assessment_id)?);
        taken_over(clock, question, *id, row)
    });
    store_answers(txn, taken.collect()).await
}

fn taken_over(clock: &Clock, question: &Question, id: AssessmentId, row: answer::Model) -> Option<answer::Model> {
    let given = accepted(&row);
    let reason = row.not_applicable_reason.filter(|_| given.is_none() && question.allows_not_applicable);
    let fits = given.as_ref().is_some_and(|given| check_given("", question, given).is_ok());
    (fits || reason.is_some()).then(|| answer::Model {
        assessment_id: id,
        question: row.question,
        given: given.map(Stored),
        not_applicable_reason: reason,
        note: row.note,
        evidence: Stored(Vec::new()),
        is_prefilled: true,
        answered_by: None,
        answered_at: clock.now(),
        verdict: AnswerVerdict::Open,
        adjusted: None,
        reason: None,
        verified_by: None,
        verified_at: None,
        revision: 1,
    })
}
