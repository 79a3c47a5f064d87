//! What makes an answer. Pure: no HTTP, no SQL.

mod counting;
pub mod guards;

#[cfg(test)]
pub use counting::bin;
pub use counting::{ANSWERS, Added, BINS, OVERALL, counted, dimension_item, points};

use super::types::{Answer, Importance};
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::surveys::{ItemKind, Measure, Scale, SurveyItem, SurveyTerms};
use std::collections::HashSet;
use uuid::Uuid;

/// A supplier is told nothing of groups of so many answers and fewer.
pub const MOST_HIDDEN: i64 = 4;

/// So many errors are told at most.
const MOST_ERRORS: usize = 50;

/// What a customer said, before anything is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub answers: &'a [Answer],
    pub importance: Option<&'a Importance>,
    pub has_text: bool,
}

/// Refuses what does not answer the survey; all that is wrong is told at once.
pub fn check(terms: &SurveyTerms, said: Said) -> Result<()> {
    let mut wrong = Vec::new();
    let mut answered = HashSet::new();
    for (place, answer) in said.answers.iter().enumerate() {
        let at = format!("/answers/{place}");
        match terms.items.iter().find(|item| item.key == answer.item) {
            None => wrong.push(field(Code::InvalidReference, format!("{at}/item"), "The survey has no such item.")),
            Some(_) if !answered.insert(&answer.item) => {
                wrong.push(field(Code::RuleViolated, format!("{at}/item"), "The item is answered twice."));
            }
            Some(item) => check_answer(terms, item, answer, &at, &mut wrong),
        }
    }
    if let Some(importance) = said.importance {
        check_importance(terms, importance, &mut wrong);
    }
    for item in terms.items.iter().filter(|item| item.is_required && !answered.contains(&item.key)) {
        let detail = format!("`{}` has to be answered.", &*item.key);
        wrong.push(field(Code::MissingAnswers, "/answers".to_owned(), detail));
    }
    if wrong.is_empty() && said.answers.is_empty() && said.importance.is_none() && !said.has_text {
        wrong.push(field(Code::MissingAnswers, "/answers".to_owned(), "Nothing is answered."));
    }
    match wrong.first().cloned() {
        None => Ok(()),
        Some(first) => {
            wrong.truncate(MOST_ERRORS);
            let is_missing = wrong.iter().all(|field| field.code == Code::MissingAnswers.name());
            let code = if is_missing { Code::MissingAnswers } else { Code::RuleViolated };
            let detail = if wrong.len() == 1 { first.detail } else { format!("{} answers are wrong.", wrong.len()) };
            Err(Error::new(code, detail).fields(wrong))
        }
    }
}

fn field(code: Code, pointer: String, detail: impl Into<String>) -> FieldError {
    let (code, detail) = (code.name().to_owned(), detail.into());
    FieldError { pointer: Some(format!("#{pointer}")), code, detail, ..FieldError::default() }
}

fn check_answer(terms: &SurveyTerms, item: &SurveyItem, answer: &Answer, at: &str, wrong: &mut Vec<FieldError>) {
    let mut refuse = |member: &str, detail: String| {
        wrong.push(field(Code::RuleViolated, format!("{at}/{member}"), detail));
    };
    let is_number = matches!(item.kind, ItemKind::Scale | ItemKind::Pair);
    let is_pair = item.kind == ItemKind::Pair;
    let numbers = [
        ("value", answer.value, is_number),
        ("expectation", answer.expectation, is_pair),
        ("minimum", answer.minimum, is_pair && terms.asks_minimum),
    ];
    for (member, number, is_asked) in numbers {
        match (number, &item.scale) {
            (Some(_), _) if !is_asked => refuse(member, "It is not asked for.".to_owned()),
            (Some(number), Some(scale)) if !is_on(scale, number) => {
                let steps = if scale.step == 1 { String::new() } else { format!(" in steps of {}", scale.step) };
                refuse(member, format!("It is not on the scale, {} to {}{steps}.", scale.min, scale.max));
            }
            _ => {}
        }
    }
    let given = answer.value.or(answer.expectation).or(answer.minimum);
    match item.kind {
        ItemKind::Scale | ItemKind::Pair if given.is_none() => refuse("value", "A number is needed.".to_owned()),
        ItemKind::Pair if item.is_required && (answer.value.is_none() || answer.expectation.is_none()) => {
            refuse("value", "Both what was expected and what was lived are needed.".to_owned());
        }
        ItemKind::Choice if answer.choices.is_empty() => refuse("choices", "A choice is needed.".to_owned()),
        ItemKind::Choice if answer.choices.len() > 1 && !item.is_multiple => {
            refuse("choices", "One can be chosen.".to_owned());
        }
        ItemKind::Text if answer.text.is_none() => refuse("text", "A text is needed.".to_owned()),
        _ => {}
    }
    for (place, choice) in answer.choices.iter().enumerate() {
        if !item.choices.iter().any(|known| known.key == *choice) {
            refuse(&format!("choices/{place}"), "It is none of the choices.".to_owned());
        }
    }
    if answer.text.is_some() && item.kind != ItemKind::Text {
        refuse("text", "No text is asked for.".to_owned());
    }
}

fn check_importance(terms: &SurveyTerms, importance: &Importance, wrong: &mut Vec<FieldError>) {
    let points: i64 = importance.points().iter().map(|(_, points)| points).sum();
    let refusal = match (terms.asks_importance, points) {
        (false, _) => "The survey does not ask how important dimensions are.".to_owned(),
        (true, 100) => return,
        (true, points) => format!("They are {points} points, not 100."),
    };
    wrong.push(field(Code::RuleViolated, "/importance".to_owned(), refusal));
}

/// Whether a number stands on a scale.
fn is_on(scale: &Scale, number: i64) -> bool {
    (scale.min..=scale.max).contains(&number) && (number - scale.min) % scale.step == 0
}

/// Whether the customer was unhappy: a satisfaction of 1-2, or a recommendation of 6 and less. `None` when
/// neither was answered.
pub fn is_unhappy(terms: &SurveyTerms, answers: &[Answer]) -> Option<bool> {
    let mut found = None;
    for answer in answers {
        let item = terms.items.iter().find(|item| item.key == answer.item);
        let is_low = match (item.and_then(|item| item.measure), answer.value) {
            (Some(Measure::Csat), Some(value)) => value <= 2,
            (Some(Measure::Nps), Some(value)) => value <= 6,
            _ => continue,
        };
        found = Some(found.unwrap_or(false) || is_low);
    }
    found
}

/// Whether the survey wants somebody to follow the answer up.
pub fn is_low(terms: &SurveyTerms, answers: &[Answer]) -> bool {
    use crate::surveys::ScaleDirection::{HigherIsBetter, LowerIsBetter};
    let Some(rule) = &terms.follow_up else {
        return false;
    };
    let scale = terms.items.iter().find(|item| item.key == rule.item).and_then(|item| item.scale.as_ref());
    let value = answers.iter().find(|answer| answer.item == rule.item).and_then(|answer| answer.value);
    match (scale.map(|scale| scale.direction), value) {
        (Some(HigherIsBetter), Some(value)) => value <= rule.threshold,
        (Some(LowerIsBetter), Some(value)) => value >= rule.threshold,
        _ => false,
    }
}

/// What a customer quotes: `FB-7K2M-Q9TA`, from the random end of the id.
pub fn receipt(id: Uuid) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = id.as_bytes();
    let digits: String = bytes[8..].iter().map(|byte| char::from(DIGITS[usize::from(*byte) % 32])).collect();
    format!("FB-{}-{}", &digits[..4], &digits[4..])
}
