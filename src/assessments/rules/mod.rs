//! What may become of an assessment, and what its answers mean. Pure: no HTTP, no SQL.

mod calibration;
mod completeness;
mod dates;
mod scoring;
mod states;
mod verdicts;

pub use calibration::calibration;
pub use completeness::{completeness, refuse_incomplete};
pub use dates::{Dates, check_dates, check_extension, later, repeats_on};
pub use scoring::{judged, sheet};
pub use states::{EDITABLE, OPEN, RUNNING, Verb, four_eyes, may_answer, may_extend, may_stop};
pub use verdicts::{check_verdicts, refuse_unverified};

use super::types::AnswerVerdict;
use crate::questionnaires::{Answered, EvidenceNeed, Given, Question, QuestionKey, QuestionKind, check_given};
use crate::shared::error::{Code, Error, Result};
use std::collections::BTreeMap;

/// What stands at a question, and what was said of it.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub given: Option<Given>,
    pub is_not_applicable: bool,
    /// Whether there is a file that can be looked at.
    pub has_evidence: bool,
    pub adjusted: Option<Given>,
    pub verdict: AnswerVerdict,
}

pub type Answers = BTreeMap<QuestionKey, Said>;
pub type Standing = BTreeMap<QuestionKey, Answered>;

impl Said {
    /// As the supplier said it. A file is an answer of its own.
    pub fn claimed(&self, question: &Question) -> Option<Answered> {
        match &self.given {
            _ if self.is_not_applicable => Some(Answered::NotApplicable),
            Some(given) => Some(Answered::Given(given.clone())),
            None if question.kind == QuestionKind::File && self.has_evidence => Some(Answered::Given(Given::default())),
            None => None,
        }
    }

    /// As it was adjusted, if it was.
    pub fn verified(&self, question: &Question) -> Option<Answered> {
        let adjusted = self.adjusted.clone().filter(|_| self.verdict == AnswerVerdict::Adjusted);
        adjusted.map(Answered::Given).or_else(|| self.claimed(question))
    }
}

/// The answers by question, read by `as_said`.
pub fn standing<'a>(
    questions: impl Iterator<Item = &'a Question>,
    answers: &Answers,
    as_said: fn(&Said, &Question) -> Option<Answered>,
) -> Standing {
    let each = questions.filter_map(|one| Some((one.key.clone(), as_said(answers.get(&one.key)?, one)?)));
    each.collect()
}

/// What a question is called.
pub fn title(question: &Question) -> String {
    question.title.as_deref().unwrap_or(&question.wording).to_owned()
}

/// Refuses an answer that the question cannot have.
pub fn check_answer(question: &Question, given: Option<&Given>, has_reason: bool, has_files: bool) -> Result<()> {
    let wrong = |at: &str, detail| Err(Error::rule(Code::RuleViolated, at, detail));
    match given {
        Some(_) if has_reason => {
            wrong("/not_applicable_reason", "Either an answer or why the question does not apply.")
        }
        Some(given) => check_given("/given", question, given),
        None if has_reason && !question.allows_not_applicable => {
            wrong("/not_applicable_reason", "The question applies to everybody.")
        }
        None => Ok(()),
    }?;
    let takes_files = question.kind == QuestionKind::File || question.evidence != EvidenceNeed::None;
    match has_files && !takes_files {
        true => wrong("/evidence", "The question asks for no files."),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
