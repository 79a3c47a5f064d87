//! Whether everything is answered.

use super::{Answers, Said, standing, title};
use crate::assessments::types::{Completeness, MissingAnswer, MissingCode};
use crate::questionnaires::{Answered, EvidenceNeed, Question, QuestionKind, QuestionnaireTerms, asked_questions};
use crate::shared::error::{Code, Error, FieldError, Result};

/// What is missing before the answers can be submitted. What is not asked as they stand is not looked at.
pub fn completeness(terms: &QuestionnaireTerms, answers: &Answers) -> Completeness {
    let standing = standing(terms.questions(), answers, Said::claimed);
    let asked = asked_questions(terms, &standing);
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let n_answered = count(asked.iter().filter(|one| standing.contains_key(&one.key)).count());
    let missing: Vec<_> = asked
        .iter()
        .filter_map(|question| {
            let has_evidence = answers.get(&question.key).is_some_and(|said| said.has_evidence);
            Some(entry(question, missing(question, standing.get(&question.key), has_evidence)?))
        })
        .collect();
    Completeness { is_complete: missing.is_empty(), n_asked: count(asked.len()), n_answered, missing }
}

fn missing(question: &Question, answered: Option<&Answered>, has_evidence: bool) -> Option<MissingCode> {
    let needs_file = question.kind == QuestionKind::File || question.evidence == EvidenceNeed::Required;
    match answered {
        None if question.is_required && question.kind == QuestionKind::File => Some(MissingCode::MissingEvidence),
        None if question.is_required => Some(MissingCode::MissingAnswer),
        Some(Answered::Given(_)) if needs_file && !has_evidence => Some(MissingCode::MissingEvidence),
        _ => None,
    }
}

fn entry(question: &Question, code: MissingCode) -> MissingAnswer {
    let member = match code {
        MissingCode::MissingAnswer => "given",
        MissingCode::MissingEvidence => "evidence",
    };
    let pointer = format!("#/answers/{}/{member}", &*question.key);
    MissingAnswer { pointer, question: question.key.clone(), code, title: title(question) }
}

/// Refuses to submit what is not complete, with everything that is missing.
pub fn refuse_incomplete(found: &Completeness) -> Result<()> {
    if found.is_complete {
        return Ok(());
    }
    let field = |one: &MissingAnswer| FieldError {
        pointer: Some(one.pointer.clone()),
        code: one.code.name().to_owned(),
        detail: one.title.clone(),
        ..FieldError::default()
    };
    let fields: Vec<_> = found.missing.iter().map(field).collect();
    let detail = match fields.len() {
        1 => "1 answer is missing, or what proves it.".to_owned(),
        many => format!("{many} answers are missing, or what proves them."),
    };
    Err(Error::new(Code::MissingAnswers, detail).fields(fields))
}
