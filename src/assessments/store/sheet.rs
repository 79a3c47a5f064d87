//! An assessment with everything that its answers are read from.

use crate::assessments::entity::{Model, answer};
use crate::assessments::rules::{Answers, Said, standing};
use crate::assessments::types::{AnswerVerdict, AssessmentAnswer, AssessmentStatus};
use crate::files::{FileFacts, FileStatus, facts};
use crate::questionnaires::{
    Given, Question, QuestionKey, QuestionnaireTerms, asked_questions, outcome, published_terms,
};
use crate::shared::auth::{By, Scope};
use crate::shared::error::{Error, Result};
use crate::shared::id::{AssessmentId, FileId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{HashMap, HashSet};

pub struct Sheet {
    pub row: Model,
    pub terms: QuestionnaireTerms,
    /// By question; where nothing was ever said there is none.
    pub rows: HashMap<String, answer::Model>,
    /// Those of the assessment before.
    before: HashMap<String, answer::Model>,
    pub files: HashMap<FileId, FileFacts>,
    scope: Scope,
}

impl Sheet {
    pub async fn read(db: &impl ConnectionTrait, by: &By, row: Model) -> Result<Self> {
        let terms = published_terms(db, row.questionnaire_id, row.version).await?;
        let mut rows = answers_of(db, row.id).await?;
        let before = match row.previous_id {
            Some(previous) => answers_of(db, previous).await?,
            None => HashMap::new(),
        };
        if !shows_verdicts(by.scope, row.status) {
            rows.values_mut().for_each(hide_verdict);
        }
        let ids: Vec<_> = rows.values().flat_map(|row| row.evidence.iter().copied()).collect();
        let files = facts(db, &ids).await?.into_iter().map(|file| (file.id, file)).collect();
        Ok(Self { row, terms, rows, before, files, scope: by.scope })
    }

    /// The question with this key; 404 when there is none.
    pub fn question(&self, key: &str) -> Result<&Question> {
        self.terms.questions().find(|question| *question.key == *key).ok_or_else(Error::not_found)
    }

    /// The answers as rules read them.
    pub fn answers(&self) -> Answers {
        let is_there = |id: &FileId| self.files.get(id).is_some_and(|file| file.status != FileStatus::Rejected);
        let said = |row: &answer::Model| Said {
            given: row.given.clone().map(|given| given.0),
            is_not_applicable: row.not_applicable_reason.is_some(),
            has_evidence: row.evidence.iter().any(is_there),
            adjusted: row.adjusted.clone().map(|given| given.0),
            verdict: row.verdict,
        };
        self.rows.values().map(|row| (QuestionKey::of(&row.question), said(row))).collect()
    }

    /// The questions that are asked as the supplier answered, with what is answered, in order.
    pub fn shown(&self) -> Vec<AssessmentAnswer> {
        let answers = self.answers();
        let claimed = standing(self.terms.questions(), &answers, Said::claimed);
        let asked = asked_questions(&self.terms, &claimed);
        asked.into_iter().map(|question| self.one(question, &answers, true)).collect()
    }

    /// One question, asked or not.
    pub fn shown_at(&self, key: &str) -> Result<AssessmentAnswer> {
        let question = self.question(key)?;
        let answers = self.answers();
        let claimed = standing(self.terms.questions(), &answers, Said::claimed);
        let asked: HashSet<_> = asked_questions(&self.terms, &claimed).into_iter().map(|one| &one.key).collect();
        Ok(self.one(question, &answers, asked.contains(&question.key)))
    }

    fn one(&self, question: &Question, answers: &Answers, is_asked: bool) -> AssessmentAnswer {
        let row = self.rows.get(&*question.key).cloned();
        let said = answers.get(&question.key).and_then(|said| said.claimed(question));
        let before = self.before.get(&*question.key);
        let previous = before.and_then(accepted);
        let differs = before.map(|before| {
            let was_left_out = before.adjusted.is_none() && before.not_applicable_reason.is_some();
            let is_left_out = row.as_ref().is_some_and(|row| row.not_applicable_reason.is_some());
            let given = row.as_ref().and_then(|row| row.given.as_ref()).map(|given| &given.0);
            given != previous.as_ref() || was_left_out != is_left_out
        });
        let evidence = row.iter().flat_map(|row| row.evidence.iter()).filter_map(|id| self.files.get(id).cloned());
        AssessmentAnswer {
            question: question.key.clone(),
            is_asked,
            evidence: evidence.collect(),
            previous,
            differs,
            outcome: said.map(|said| outcome(question, &said)).into(),
            is_prefilled: row.as_ref().is_some_and(|row| row.is_prefilled),
            answered_by: row.as_ref().and_then(|row| row.answered_by),
            answered_at: row.as_ref().map(|row| row.answered_at),
            verdict: row.as_ref().map(|row| row.verdict).unwrap_or_default(),
            verified_by: row.as_ref().and_then(|row| row.verified_by).filter(|_| self.scope == Scope::Everything),
            verified_at: row.as_ref().and_then(|row| row.verified_at),
            revision: row.as_ref().map_or(0, |row| row.revision),
            given: row.as_ref().and_then(|row| row.given.clone()).map(|given| given.0),
            adjusted: row.as_ref().and_then(|row| row.adjusted.clone()).map(|given| given.0),
            not_applicable_reason: row.as_ref().and_then(|row| row.not_applicable_reason.clone()),
            note: row.as_ref().and_then(|row| row.note.clone()),
            reason: row.and_then(|row| row.reason),
        }
    }
}

/// What was accepted of an answer.
pub fn accepted(row: &answer::Model) -> Option<Given> {
    row.adjusted.clone().or(row.given.clone()).map(|given| given.0)
}

async fn answers_of(db: &impl ConnectionTrait, id: AssessmentId) -> Result<HashMap<String, answer::Model>> {
    let rows = answer::Entity::find().filter(answer::Column::AssessmentId.eq(id)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.question.clone(), row)).collect())
}

/// Suppliers read what was said of their answers when it is handed to them: the assessment comes back or is accepted.
fn shows_verdicts(scope: Scope, status: AssessmentStatus) -> bool {
    use AssessmentStatus::{Reopened, Submitted, UnderReview};
    scope == Scope::Everything || ![Submitted, UnderReview, Reopened].contains(&status)
}

fn hide_verdict(row: &mut answer::Model) {
    row.verdict = AnswerVerdict::Open;
    (row.adjusted, row.reason, row.verified_by, row.verified_at) = (None, None, None, None);
}
