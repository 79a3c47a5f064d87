//! Answers as they are given, one at a time, with the files that prove them.

use super::sheet::Sheet;
use super::{lock_assessment, save};
use crate::assessments::FILES_OF;
use crate::assessments::entity::{Entity, Model, answer};
use crate::assessments::rules::{EDITABLE, Verb, check_answer, may_answer};
use crate::assessments::types::{AnswerChange, AnswerVerdict, AssessmentAnswer};
use crate::files::{attach, detach};
use crate::questionnaires::QuestionKind;
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Error, Result};
use crate::shared::etag::MustMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::{AssessmentId, FileId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 500;

/// Applies a patch to an answer, which is made with it when there was none, and returns it as it is then.
pub async fn change_answer(
    txn: &Txn,
    by: &By,
    (id, key): (AssessmentId, &str),
    if_match: &MustMatch,
    change: &AnswerChange,
) -> Result<AssessmentAnswer> {
    let mut sheet = Sheet::read(txn, by, lock_assessment(txn, by, id).await?).await?;
    let question = sheet.question(key)?.clone();
    let before = sheet.rows.get(key).cloned();
    if_match.check(before.as_ref().map_or(0, |row| row.revision))?;
    let status = may_answer(sheet.row.status)?;
    let mut after = before.clone().unwrap_or_else(|| blank(by, id, key));
    let mut given = after.given.take().map(|given| given.0);
    change.given.apply(&mut given);
    change.not_applicable_reason.apply(&mut after.not_applicable_reason);
    change.note.apply(&mut after.note);
    change.evidence.apply(&mut after.evidence.0);
    let has_reason = after.not_applicable_reason.is_some();
    check_answer(&question, given.as_ref(), has_reason, !after.evidence.is_empty())?;
    // A file is answered with its evidence: there is nothing to say.
    after.given = given.filter(|_| question.kind != QuestionKind::File).map(Stored);
    if content(&after) == before.as_ref().map_or_else(|| content(&blank(by, id, key)), content) {
        return sheet.shown_at(key);
    }
    after = touched(by, after);
    if change.evidence.wanted().is_some() {
        hang(txn, by, &mut sheet, before.as_ref(), &after).await?;
    }
    store_answers(txn, vec![after.clone()]).await?;
    let row = sheet.row.clone();
    if status != row.status {
        sheet.row = save(txn, by, &row, Model { status, ..row.clone() }).await?;
    }
    let trace = |row: &Model, answer: Option<&answer::Model>| json!({"status": row.status, format!("answers/{key}"): answer.map(content)});
    let entry = Entry::new(Verb::Answer.action(), id.0).about(row.supplier_id);
    let entry = entry.between(Some(&trace(&row, before.as_ref())), Some(&trace(&sheet.row, Some(&after))));
    history::record(txn, by, entry).await?;
    sheet.rows.insert(key.to_owned(), after);
    sheet.shown_at(key)
}

/// An answer before anything was said.
fn blank(by: &By, assessment_id: AssessmentId, question: &str) -> answer::Model {
    answer::Model {
        assessment_id,
        question: question.to_owned(),
        given: None,
        not_applicable_reason: None,
        note: None,
        evidence: Stored(Vec::new()),
        is_prefilled: false,
        answered_by: None,
        answered_at: by.clock.now(),
        verdict: AnswerVerdict::Open,
        adjusted: None,
        reason: None,
        verified_by: None,
        verified_at: None,
        revision: 0,
    }
}

/// What the supplier says, for comparing and for history.
fn content(row: &answer::Model) -> Value {
    json!({
        "given": row.given,
        "not_applicable_reason": row.not_applicable_reason,
        "note": row.note,
        "evidence": row.evidence,
    })
}

/// It is the caller's answer now, and nobody has looked at it yet.
fn touched(by: &By, row: answer::Model) -> answer::Model {
    answer::Model {
        is_prefilled: false,
        answered_by: Some(by.caller.id()),
        answered_at: by.clock.now(),
        verdict: AnswerVerdict::Open,
        adjusted: None,
        reason: None,
        verified_by: None,
        verified_at: None,
        revision: row.revision + 1,
        ..row
    }
}

/// Attaches the files of the answer, and lets go of those that no answer names any more.
async fn hang(
    txn: &Txn,
    by: &By,
    sheet: &mut Sheet,
    before: Option<&answer::Model>,
    after: &answer::Model,
) -> Result<()> {
    let (id, supplier) = (sheet.row.id.0, sheet.row.supplier_id);
    let attached = attach(txn, by, FILES_OF, id, supplier, &after.evidence).await.map_err(at_evidence)?;
    sheet.files.extend(attached.into_iter().map(|file| (file.id, file)));
    let others = sheet.rows.values().filter(|row| row.question != after.question);
    let kept: HashSet<FileId> = others.chain([after]).flat_map(|row| row.evidence.iter().copied()).collect();
    let named = before.iter().flat_map(|row| row.evidence.iter().copied());
    let loose: Vec<_> = named.filter(|file| !kept.contains(file)).collect();
    match loose.is_empty() {
        true => Ok(()),
        false => detach(txn, by, FILES_OF, id, &loose).await,
    }
}

/// The member is called otherwise here.
fn at_evidence(error: Error) -> Error {
    let mut fields = error.fields.clone();
    for field in &mut fields {
        field.pointer = field.pointer.take().map(|at| at.replacen("/file_ids/", "/evidence/", 1));
    }
    error.fields(fields)
}

/// Inserts answers, or replaces them.
pub async fn store_answers(txn: &Txn, rows: Vec<answer::Model>) -> Result<()> {
    use answer::Column::{AssessmentId, Question};
    let others = answer::Column::iter().filter(|column| !matches!(column, AssessmentId | Question));
    let replaced = OnConflict::columns([AssessmentId, Question]).update_columns(others).to_owned();
    for rows in rows.chunks(AT_ONCE) {
        let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
        answer::Entity::insert_many(rows).on_conflict(replaced.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// Whether its answers, and so its files, stay as they are.
pub async fn is_frozen(txn: &Txn, id: AssessmentId) -> Result<bool> {
    let row = Entity::find_by_id(id).lock_exclusive().one(txn).await?;
    Ok(row.is_none_or(|row| !EDITABLE.contains(&row.status)))
}

/// A file is being deleted: no answer names it any more.
pub async fn let_go(txn: &Txn, id: AssessmentId, file: FileId) -> Result<()> {
    let all = answer::Entity::find().filter(answer::Column::AssessmentId.eq(id)).all(txn).await?;
    let naming = all.into_iter().filter(|row| row.evidence.contains(&file)).map(|mut row| {
        row.evidence.0.retain(|named| *named != file);
        row.revision += 1;
        row.verdict = AnswerVerdict::Open;
        (row.adjusted, row.reason, row.verified_by, row.verified_at) = (None, None, None, None);
        row
    });
    store_answers(txn, naming.collect()).await
}
