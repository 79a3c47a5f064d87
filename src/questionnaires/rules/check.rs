//! Whether the terms of a questionnaire fit together, and what they say where they leave something open.

use super::conditions::{self, circle};
use super::kinds::{has_words, is_on, is_possible};
use crate::questionnaires::types::{
    AnswerChoice, AnswerScale, EvidenceNeed, Question, QuestionKind, QuestionSection, QuestionnaireTerms,
};
use crate::shared::error::{Code, Error, Result};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

const MOST_QUESTIONS: usize = 500;
const WHOLE: i64 = 10_000;
/// What is read can be sent again: a body holds somewhat more than this.
const MOST_BYTES: usize = 1_000_000;
const MOST_VALUES: usize = 19_000;

/// The terms with everything said that they leave open, if they may stand.
pub fn checked(terms: QuestionnaireTerms) -> Result<QuestionnaireTerms> {
    let terms = completed(terms);
    check_keys(&terms)?;
    let known: HashMap<&str, &Question> = terms.questions().map(|question| (&*question.key, question)).collect();
    for (place, section) in terms.sections.iter().enumerate() {
        let at = format!("/sections/{place}");
        for (place, question) in section.questions.iter().enumerate() {
            check_question(&format!("{at}/questions/{place}"), question, &known)?;
        }
        check_weights(&at, section)?;
    }
    check_section_weights(&terms)?;
    check_circle(&terms)?;
    check_size(&terms)?;
    Ok(terms)
}

fn wrong<T>(at: &str, detail: impl Into<String>) -> Result<T> {
    Err(Error::rule(Code::RuleViolated, &format!("/terms{at}"), detail))
}

fn completed(mut terms: QuestionnaireTerms) -> QuestionnaireTerms {
    let questions = terms.sections.iter_mut().flat_map(|section| &mut section.questions);
    for question in questions.filter(|question| question.kind == QuestionKind::File) {
        if question.evidence == EvidenceNeed::None {
            question.evidence = EvidenceNeed::Required;
        }
    }
    terms
}

fn check_keys(terms: &QuestionnaireTerms) -> Result<()> {
    let (mut sections, mut questions) = (BTreeSet::new(), BTreeSet::new());
    for (place, section) in terms.sections.iter().enumerate() {
        let at = format!("/sections/{place}");
        if !sections.insert(&section.key) {
            return wrong(&format!("{at}/key"), "Another section has this key.");
        }
        for (place, question) in section.questions.iter().enumerate() {
            if !questions.insert(&question.key) {
                return wrong(&format!("{at}/questions/{place}/key"), "Another question has this key.");
            }
            if questions.len() > MOST_QUESTIONS {
                let detail = format!("A questionnaire has {MOST_QUESTIONS} questions at most.");
                return wrong(&format!("{at}/questions/{place}"), detail);
            }
        }
    }
    Ok(())
}

fn check_question(at: &str, question: &Question, known: &HashMap<&str, &Question>) -> Result<()> {
    use QuestionKind::{Multi, Number, Scale, Single, Text, YesNo};
    let has_choices = matches!(question.kind, Single | Multi);
    let only_for: [(&str, bool, bool); 7] = [
        ("good_answer", question.good_answer.is_some(), question.kind == YesNo),
        ("scale", question.scale.is_some(), question.kind == Scale),
        ("choices", !question.choices.is_empty(), has_choices),
        ("bounds", question.bounds.is_some(), question.kind == Number),
        ("max_words", question.max_words.is_some(), question.kind == Text),
        ("pass_rule", question.pass_rule.is_some(), has_words(question.kind)),
        ("weight", question.weight > 0, has_words(question.kind)),
    ];
    if let Some((member, ..)) = only_for.iter().find(|(_, is_given, is_possible)| *is_given && !is_possible) {
        return wrong(&format!("{at}/{member}"), "Questions of this kind have none.");
    }
    if question.kind == YesNo && question.weight > 0 && question.good_answer.is_none() {
        return wrong(&format!("{at}/good_answer"), "It has weight: say which answer is good.");
    }
    match &question.scale {
        Some(scale) => check_scale(&format!("{at}/scale"), scale)?,
        None if question.kind == Scale => return wrong(&format!("{at}/scale"), "Say on which scale it is answered."),
        None => {}
    }
    if has_choices {
        check_choices(&format!("{at}/choices"), &question.choices, question.weight > 0)?;
    }
    let bounds = question.bounds.as_ref().and_then(|bounds| bounds.min.zip(bounds.max));
    if bounds.is_some_and(|(min, max)| min > max) {
        return wrong(&format!("{at}/bounds/max"), "The highest number is not below the lowest.");
    }
    if question.kind == QuestionKind::File && question.evidence != EvidenceNeed::Required {
        return wrong(&format!("{at}/evidence"), "A file is the evidence: `required`.");
    }
    let words = question.pass_rule.iter().flat_map(|rule| &rule.must_be_in).enumerate();
    if let Some((place, _)) = words.into_iter().find(|(_, word)| !is_possible(question, word)) {
        return wrong(&format!("{at}/pass_rule/must_be_in/{place}"), "The question has no such answer.");
    }
    let condition = question.condition.as_ref().map_or(Ok(()), |one| conditions::check(question, one, known));
    condition.or_else(|(below, detail)| wrong(&format!("{at}/condition{below}"), detail))
}

fn check_scale(at: &str, scale: &AnswerScale) -> Result<()> {
    if scale.min >= scale.max {
        return wrong(&format!("{at}/max"), "The highest number is above the lowest.");
    }
    if (scale.max - scale.min) % scale.step != 0 {
        return wrong(&format!("{at}/step"), "The steps do not lead from the lowest number to the highest.");
    }
    let mut labelled = BTreeSet::new();
    for (place, label) in scale.labels.iter().enumerate() {
        let at = format!("{at}/labels/{place}/value");
        if !is_on(scale, label.value as f64) {
            return wrong(&at, "The scale has no such number.");
        }
        if !labelled.insert(label.value) {
            return wrong(&at, "The number has a label already.");
        }
    }
    Ok(())
}

fn check_choices(at: &str, choices: &[AnswerChoice], is_scored: bool) -> Result<()> {
    if choices.len() < 2 {
        return wrong(at, "There are two choices at least.");
    }
    let mut keys = BTreeSet::new();
    for (place, choice) in choices.iter().enumerate() {
        if !keys.insert(&choice.key) {
            return wrong(&format!("{at}/{place}/key"), "Another choice has this key.");
        }
        if is_scored && choice.score.is_none() {
            return wrong(&format!("{at}/{place}/score"), "The question has weight: give every choice its points.");
        }
    }
    Ok(())
}

/// The questions of a section count as a whole, or not at all.
fn check_weights(at: &str, section: &QuestionSection) -> Result<()> {
    let sum: i64 = section.questions.iter().map(|question| question.weight).sum();
    if sum != 0 && sum != WHOLE {
        let detail = format!("The weights of its questions add up to {sum}, not to {WHOLE}.");
        return Err(Error::rule(Code::WeightsSum, &format!("/terms{at}/questions"), detail));
    }
    if sum == 0 && section.weight > 0 {
        return wrong(&format!("{at}/weight"), "No question of the section has weight: it has none either.");
    }
    Ok(())
}

fn check_section_weights(terms: &QuestionnaireTerms) -> Result<()> {
    let sum: i64 = terms.sections.iter().map(|section| section.weight).sum();
    let is_scored = terms.questions().any(|question| question.weight > 0);
    if is_scored && sum != WHOLE {
        let detail = format!("The weights of the sections add up to {sum}, not to {WHOLE}.");
        return Err(Error::rule(Code::WeightsSum, "/terms/sections", detail));
    }
    // Otherwise it would be scored and count for nothing.
    let idle = |section: &QuestionSection| section.weight == 0 && section.questions.iter().any(|one| one.weight > 0);
    match terms.sections.iter().position(idle) {
        Some(place) => wrong(&format!("/sections/{place}/weight"), "Its questions have weight: it has some, too."),
        None => Ok(()),
    }
}

fn check_circle(terms: &QuestionnaireTerms) -> Result<()> {
    let questions: Vec<&Question> = terms.questions().collect();
    let Some(circle) = circle(&questions) else {
        return Ok(());
    };
    let shown = match circle.len() {
        0..=20 => circle.join(", "),
        many => format!("{}, ... {} more, {}", circle[..18].join(", "), many - 19, circle[many - 1]),
    };
    let detail = format!("Questions depend on each other in a circle: {shown}.");
    let place = |section: &QuestionSection| section.questions.iter().position(|one| Some(&&*one.key) == circle.first());
    let at = terms.sections.iter().enumerate().find_map(|(number, section)| {
        place(section).map(|place| format!("/sections/{number}/questions/{place}/condition"))
    });
    wrong(&at.unwrap_or_default(), detail)
}

fn check_size(terms: &QuestionnaireTerms) -> Result<()> {
    let written = serde_json::to_value(terms).map_err(Error::internal)?;
    let (bytes, values) = (written.to_string().len(), count(&written));
    if bytes > MOST_BYTES || values > MOST_VALUES {
        let detail = format!(
            "Written out in full it holds {bytes} bytes and {values} values; {MOST_BYTES} and {MOST_VALUES} at most."
        );
        return wrong("", detail);
    }
    Ok(())
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
