//! What can be said of answers.

use super::Answers;
use crate::assessments::types::{AnswerVerdict, NewVerdict, VerdictKind};
use crate::questionnaires::{Question, QuestionnaireTerms, check_given};
use crate::shared::error::{Code, Error, FieldError, Result};
use std::collections::{HashMap, HashSet};

/// Refuses verdicts on what nobody answered, twice on the same, or without what they need.
pub fn check_verdicts(terms: &QuestionnaireTerms, answers: &Answers, verdicts: &[NewVerdict]) -> Result<()> {
    let questions: HashMap<&str, &Question> = terms.questions().map(|one| (&*one.key, one)).collect();
    let mut seen = HashSet::new();
    for (place, new) in verdicts.iter().enumerate() {
        let at = format!("/verdicts/{place}");
        let wrong = |member: &str, detail| Err(Error::rule(Code::RuleViolated, &format!("{at}/{member}"), detail));
        let answered = answers.get(&new.question).and_then(|said| {
            let question = questions.get(&*new.question)?;
            said.claimed(question).map(|_| *question)
        });
        let Some(question) = answered else {
            let detail = "Nothing is answered there.";
            return Err(Error::rule(Code::InvalidReference, &format!("{at}/question"), detail));
        };
        if !seen.insert(&*new.question) {
            return wrong("question", "One verdict per question.");
        }
        match (new.verdict, &new.given) {
            (VerdictKind::Adjusted, Some(given)) => check_given(&format!("{at}/given"), question, given)?,
            (VerdictKind::Adjusted, None) => return wrong("given", "Say what is true instead."),
            (_, Some(_)) => return wrong("given", "Only an adjusted answer has another value."),
            _ => {}
        }
        if new.reason.is_none() && new.verdict != VerdictKind::Confirmed {
            return wrong("reason", "Say why.");
        }
    }
    Ok(())
}

/// Refuses to accept what nobody has looked at, or what evidence was requested for.
pub fn refuse_unverified(asked: &[&Question], answers: &Answers) -> Result<()> {
    use AnswerVerdict::{Adjusted, Confirmed};
    let open = asked.iter().filter(|question| {
        let said = answers.get(&question.key).filter(|said| said.claimed(question).is_some());
        said.is_some_and(|said| ![Adjusted, Confirmed].contains(&said.verdict))
    });
    let field = |question: &&Question| FieldError {
        pointer: Some(format!("#/answers/{}/verdict", &*question.key)),
        code: Code::RuleViolated.name().to_owned(),
        detail: "It is neither confirmed nor adjusted.".to_owned(),
        ..FieldError::default()
    };
    let fields: Vec<_> = open.map(field).collect();
    match fields.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Code::RuleViolated, "Some answers are not verified yet.").fields(fields)),
    }
}
