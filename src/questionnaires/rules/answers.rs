//! Whether an answer is possible, and what it means.

use super::kinds::{is_on, words};
use crate::questionnaires::types::{Answered, Given, Question, QuestionKind, YesNo};
use crate::shared::error::{Code, Error, Result};

/// What the pass rule of a question makes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Pass,
    KnockOut,
    /// A person has to decide.
    Discretionary,
    NoRule,
}

/// Refuses a value that the question cannot have. `at` is the pointer to the value.
pub fn check_given(at: &str, question: &Question, given: &Given) -> Result<()> {
    use QuestionKind::{Date, Multi, Number, Scale, Single, Text, YesNo};
    let members: [(&str, bool, &[QuestionKind]); 5] = [
        ("yes", given.yes.is_some(), &[YesNo]),
        ("number", given.number.is_some(), &[Scale, Number]),
        ("text", given.text.is_some(), &[Text]),
        ("date", given.date.is_some(), &[Date]),
        ("choices", !given.choices.is_empty(), &[Single, Multi]),
    ];
    for (member, is_given, kinds) in members {
        match (is_given, kinds.contains(&question.kind)) {
            (true, false) => return wrong(at, member, "The question is not answered so."),
            (false, true) => return wrong(at, member, "The question is answered so."),
            _ => {}
        }
    }
    check_number(at, question, given)?;
    check_text(at, question, given)?;
    check_choices(at, question, given)
}

fn wrong<T>(at: &str, member: &str, detail: impl Into<String>) -> Result<T> {
    Err(Error::rule(Code::RuleViolated, &format!("{at}/{member}"), detail))
}

fn check_number(at: &str, question: &Question, given: &Given) -> Result<()> {
    let Some(number) = given.number else {
        return Ok(());
    };
    if question.scale.as_ref().is_some_and(|scale| !is_on(scale, number)) {
        return wrong(at, "number", "The scale has no such number.");
    }
    let (min, max) = question.bounds.as_ref().map_or((None, None), |bounds| (bounds.min, bounds.max));
    match (min.filter(|min| number < *min), max.filter(|max| number > *max)) {
        (Some(min), _) => wrong(at, "number", format!("At least {min}.")),
        (_, Some(max)) => wrong(at, "number", format!("At most {max}.")),
        _ => Ok(()),
    }
}

fn check_text(at: &str, question: &Question, given: &Given) -> Result<()> {
    let count = given.text.as_ref().map_or(0, |text| text.split_whitespace().count());
    match question.max_words.filter(|most| i64::try_from(count).is_ok_and(|count| count > *most)) {
        Some(most) => wrong(at, "text", format!("At most {most} words; these are {count}.")),
        None => Ok(()),
    }
}

fn check_choices(at: &str, question: &Question, given: &Given) -> Result<()> {
    if question.kind == QuestionKind::Single && given.choices.len() > 1 {
        return wrong(at, "choices", "Only one is chosen.");
    }
    let known = |key: &str| question.choices.iter().any(|choice| &*choice.key == key);
    match given.choices.iter().position(|key| !known(key)) {
        Some(place) => wrong(at, &format!("choices/{place}"), "There is no such choice."),
        None => Ok(()),
    }
}

/// What the pass rule says. Of several choices all have to pass; that a question does not apply is for a person to
/// judge.
pub fn outcome(question: &Question, answered: &Answered) -> Outcome {
    let Some(rule) = &question.pass_rule else {
        return Outcome::NoRule;
    };
    let Answered::Given(given) = answered else {
        return Outcome::Discretionary;
    };
    let words = words(question, given);
    let passes = |word: &String| rule.must_be_in.iter().any(|wanted| **wanted == **word);
    match (!words.is_empty() && words.iter().all(passes), rule.is_discretionary) {
        (true, _) => Outcome::Pass,
        (false, true) => Outcome::Discretionary,
        (false, false) => Outcome::KnockOut,
    }
}

/// The points (0-100) of an answer; none where the question has no weight or does not apply. A scale runs from 0 at
/// its lowest number to 100 at its highest; of several choices the points are added up, to 100 at most.
pub fn score(question: &Question, answered: &Answered) -> Option<f64> {
    let Answered::Given(given) = answered else {
        return None;
    };
    if question.weight == 0 {
        return None;
    }
    match question.kind {
        QuestionKind::YesNo => {
            let good = question.good_answer? == YesNo::Yes;
            Some(if given.yes? == good { 100.0 } else { 0.0 })
        }
        QuestionKind::Scale => {
            let scale = question.scale.as_ref()?;
            let share = (given.number? - scale.min as f64) / (scale.max - scale.min) as f64;
            Some(100.0 * share)
        }
        QuestionKind::Single | QuestionKind::Multi => {
            let points = |key: &str| question.choices.iter().find(|choice| &*choice.key == key)?.score;
            let chosen: Vec<f64> = given.choices.iter().map(|key| points(key)).collect::<Option<_>>()?;
            (!chosen.is_empty()).then(|| chosen.iter().sum::<f64>().min(100.0))
        }
        QuestionKind::Number | QuestionKind::Text | QuestionKind::Date | QuestionKind::File => None,
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
