//! What becomes of an assessment, step by step.

use super::answering::store_answers;
use super::sheet::Sheet;
use super::{duties, save};
use crate::assessments::entity::{Model, answer};
use crate::assessments::rules::{self, Said, Verb, four_eyes, standing};
use crate::assessments::types::{AnswerVerdict, Attestation, DueExtension, NewVerdict, VerdictKind};
use crate::organization::today;
use crate::questionnaires::asked_questions;
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use sea_orm::prelude::Uuid;
use serde_json::{Map, Value, json};

/// What is done, with what is said to it.
#[derive(Clone)]
pub enum Step {
    Submit(Attestation),
    StartReview,
    Verify(Vec<NewVerdict>),
    RequestChanges(String),
    Accept,
    Reopen(String),
    Extend(DueExtension),
    Cancel(String),
    StopRepeating,
}

impl Step {
    fn verb(&self) -> Verb {
        match self {
            Step::Submit(_) => Verb::Submit,
            Step::StartReview => Verb::StartReview,
            Step::Verify(_) => Verb::Verify,
            Step::RequestChanges(_) => Verb::RequestChanges,
            Step::Accept => Verb::Accept,
            Step::Reopen(_) => Verb::Reopen,
            Step::Extend(_) => Verb::Extend,
            Step::Cancel(_) => Verb::Cancel,
            Step::StopRepeating => Verb::StopRepeating,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Step::RequestChanges(reason) | Step::Reopen(reason) | Step::Cancel(reason) => Some(reason),
            Step::Extend(extension) => Some(&extension.reason),
            _ => None,
        }
    }
}

/// Takes the step on an assessment as it was read under lock, and returns it as it is then.
pub async fn take(txn: &Txn, by: &By, before: &Model, step: &Step) -> Result<Model> {
    let status = match step {
        Step::Extend(_) => rules::may_extend(before.status, before.extended_from.is_some()),
        Step::StopRepeating => rules::may_stop(before.status, before.repeats_on.is_some()),
        _ => step.verb().apply(before.status),
    }?;
    let mut after = Model { status, ..before.clone() };
    let today = today(txn, &by.clock).await?;
    let mut said = Map::new();
    match step {
        Step::Submit(attestation) => submit(txn, by, &mut after, attestation).await?,
        Step::StartReview => four_eyes(before.attested_by, by.caller.id())?,
        Step::Verify(verdicts) => said = verify(txn, by, before, verdicts).await?,
        Step::RequestChanges(note) => {
            four_eyes(before.attested_by, by.caller.id())?;
            after.status_reason = Some(note.clone());
        }
        Step::Accept => accept(txn, by, &mut after).await?,
        Step::Reopen(reason) => {
            // What it was worth is not known any more.
            (after.accepted_at, after.verified_score) = (None, None);
            after.status_reason = Some(reason.clone());
        }
        Step::Extend(extension) => {
            after.expires_on = rules::check_extension(before.due_on, before.expires_on, extension.due_on, today)?;
            (after.extended_from, after.due_on) = (Some(before.due_on), extension.due_on);
        }
        Step::Cancel(reason) => {
            // What is not wanted does not come again.
            after.repeats_on = None;
            after.status_reason = Some(reason.clone());
        }
        Step::StopRepeating => after.repeats_on = None,
    }
    let after = save(txn, by, before, after).await?;
    tell(txn, by, &after, step).await?;
    let shown = |row: &Model, said: Map<String, Value>| -> Result<Map<String, Value>> {
        let shown = serde_json::to_value(row.clone().shown(by.scope, today)).map_err(Error::internal)?;
        Ok(shown.as_object().cloned().unwrap_or_default().into_iter().chain(said).collect())
    };
    let entry = Entry::new(step.verb().action(), before.id.0).about(before.supplier_id).because(step.reason());
    let entry = entry.between(Some(&shown(before, Map::new())?), Some(&shown(&after, said)?));
    history::record(txn, by, entry).await?;
    Ok(after)
}

async fn submit(txn: &Txn, by: &By, after: &mut Model, attestation: &Attestation) -> Result<()> {
    let account = by.account().ok_or_else(|| Error::new(Code::Forbidden, "People attest, not programs."))?;
    let sheet = Sheet::read(txn, by, after.clone()).await?;
    let answers = sheet.answers();
    rules::refuse_incomplete(&rules::completeness(&sheet.terms, &answers))?;
    let claimed = standing(sheet.terms.questions(), &answers, Said::claimed);
    after.self_score = rules::sheet(&sheet.terms, &claimed).total;
    after.attested_name = Some(attestation.name.clone());
    after.attested_position = Some(attestation.position.clone());
    after.attested_statement.clone_from(&attestation.statement);
    after.attested_by = Some(account.0);
    after.submitted_at = Some(by.clock.now());
    after.status_reason = None;
    Ok(())
}

/// Writes the verdicts; what history keeps of them.
async fn verify(txn: &Txn, by: &By, before: &Model, verdicts: &[NewVerdict]) -> Result<Map<String, Value>> {
    four_eyes(before.attested_by, by.caller.id())?;
    let mut sheet = Sheet::read(txn, by, before.clone()).await?;
    rules::check_verdicts(&sheet.terms, &sheet.answers(), verdicts)?;
    let (judge, now) = (by.caller.id(), by.clock.now());
    for new in verdicts {
        four_eyes(sheet.rows.get(&*new.question).and_then(|row| row.answered_by), judge)?;
    }
    let judged = verdicts.iter().filter_map(|new| {
        let row = sheet.rows.remove(&*new.question)?;
        Some(answer::Model { verified_at: Some(now), ..with_verdict(row, new, judge) })
    });
    let judged: Vec<_> = judged.collect();
    let trace = |row: &answer::Model| {
        let said = json!({"verdict": row.verdict, "adjusted": row.adjusted, "reason": row.reason});
        (format!("answers/{}", row.question), said)
    };
    let said = judged.iter().map(trace).collect();
    store_answers(txn, judged).await?;
    Ok(said)
}

fn with_verdict(row: answer::Model, new: &NewVerdict, judge: Uuid) -> answer::Model {
    answer::Model {
        verdict: match new.verdict {
            VerdictKind::Confirmed => AnswerVerdict::Confirmed,
            VerdictKind::Adjusted => AnswerVerdict::Adjusted,
            VerdictKind::EvidenceRequested => AnswerVerdict::EvidenceRequested,
        },
        adjusted: new.given.clone().map(Stored),
        reason: new.reason.clone(),
        verified_by: Some(judge),
        revision: row.revision + 1,
        ..row
    }
}

async fn accept(txn: &Txn, by: &By, after: &mut Model) -> Result<()> {
    four_eyes(after.attested_by, by.caller.id())?;
    let sheet = Sheet::read(txn, by, after.clone()).await?;
    let answers = sheet.answers();
    let verified = standing(sheet.terms.questions(), &answers, Said::verified);
    rules::refuse_unverified(&asked_questions(&sheet.terms, &verified), &answers)?;
    after.verified_score = rules::sheet(&sheet.terms, &verified).total;
    after.accepted_at = Some(by.clock.now());
    after.status_reason = None;
    Ok(())
}

/// From whom something is due then.
async fn tell(txn: &Txn, by: &By, after: &Model, step: &Step) -> Result<()> {
    let clock = &by.clock;
    match step {
        Step::Submit(_) => duties::review_due(txn, clock, after).await,
        Step::RequestChanges(_) => duties::changes_due(txn, clock, after).await,
        Step::Accept => duties::review_done(txn, clock, after).await,
        Step::Extend(_) => duties::answers_due(txn, clock, std::slice::from_ref(after)).await,
        Step::Cancel(_) => duties::forget_due(txn, vec![after.id]).await,
        Step::StartReview | Step::Verify(_) | Step::Reopen(_) | Step::StopRepeating => Ok(()),
    }
}
