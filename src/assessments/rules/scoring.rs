//! What answers are worth. Weights are basis points; what does not apply is left out and the rest weighed up; what is
//! asked and not answered counts as 0.

use super::{Standing, title};
use crate::assessments::types::{AttributeScore, DimensionScore, JudgedQuestion, ScoreSheet, SectionScore};
use crate::questionnaires::{
    Answered, Outcome, Question, QuestionSection, QuestionnaireTerms, asked_questions, outcome, score,
};
use std::collections::{BTreeMap, HashSet};

/// A weighted mean in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    weight: f64,
    n: i64,
}

impl Mean {
    fn add(&mut self, weight: f64, value: f64) {
        self.sum += weight * value;
        self.weight += weight;
        self.n += 1;
    }

    /// `None` when nothing has weight.
    fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

/// What a question is worth: nothing when it has no weight or does not apply.
fn points(question: &Question, answered: Option<&Answered>) -> Option<f64> {
    match answered {
        _ if question.weight == 0 => None,
        Some(answered) => score(question, answered),
        None => Some(0.0),
    }
}

/// The points by section, by what the questions are about, and in all.
pub fn sheet(terms: &QuestionnaireTerms, answers: &Standing) -> ScoreSheet {
    let asked: HashSet<&str> = asked_questions(terms, answers).into_iter().map(|one| &*one.key).collect();
    let (mut total, mut attributes, mut dimensions) = (Mean::default(), BTreeMap::new(), BTreeMap::new());
    let mut sections = Vec::new();
    for section in &terms.sections {
        let asked = || section.questions.iter().filter(|one| asked.contains(&*one.key));
        let of_section = section_score(section, asked(), answers);
        if let Some(score) = of_section.score {
            total.add(section.weight as f64, score);
        }
        for (question, points) in asked().filter_map(|one| Some((one, points(one, answers.get(&one.key))?))) {
            let weight = section.weight as f64 * question.weight as f64;
            let about = question.attribute.map(|attribute| attributes.entry(attribute).or_insert_with(Mean::default));
            let of = question.dimension.map(|dimension| dimensions.entry(dimension).or_insert_with(Mean::default));
            about.into_iter().chain(of).for_each(|mean| mean.add(weight, points));
        }
        sections.push(of_section);
    }
    let attribute =
        |(attribute, mean): (_, Mean)| Some(AttributeScore { attribute, score: mean.value()?, n_scored: mean.n });
    let dimension =
        |(dimension, mean): (_, Mean)| Some(DimensionScore { dimension, score: mean.value()?, n_scored: mean.n });
    ScoreSheet {
        total: total.value(),
        sections,
        attributes: attributes.into_iter().filter_map(attribute).collect(),
        dimensions: dimensions.into_iter().filter_map(dimension).collect(),
    }
}

fn section_score<'a>(
    section: &QuestionSection,
    asked: impl Iterator<Item = &'a Question>,
    answers: &Standing,
) -> SectionScore {
    let (mut mean, mut n_not_applicable) = (Mean::default(), 0);
    for question in asked {
        let answered = answers.get(&question.key);
        n_not_applicable += i64::from(answered == Some(&Answered::NotApplicable));
        if let Some(points) = points(question, answered) {
            mean.add(question.weight as f64, points);
        }
    }
    SectionScore { section: section.key.clone(), score: mean.value(), n_scored: mean.n, n_not_applicable }
}

/// What the pass rules make of the answers: those that fail, those that a person has to decide, and whether all pass.
pub fn judged(
    terms: &QuestionnaireTerms,
    answers: &Standing,
) -> (Vec<JudgedQuestion>, Vec<JudgedQuestion>, Option<bool>) {
    let (mut knock_outs, mut discretionary, mut n_ruled, mut n_passed) = (Vec::new(), Vec::new(), 0, 0);
    for question in asked_questions(terms, answers).into_iter().filter(|one| one.pass_rule.is_some()) {
        n_ruled += 1;
        let this = || JudgedQuestion { question: question.key.clone(), title: title(question) };
        match answers.get(&question.key).map(|answered| outcome(question, answered)) {
            Some(Outcome::KnockOut) => knock_outs.push(this()),
            Some(Outcome::Discretionary) => discretionary.push(this()),
            Some(Outcome::Pass) => n_passed += 1,
            Some(Outcome::NoRule) | None => {}
        }
    }
    let passes = match n_ruled {
        _ if !knock_outs.is_empty() => Some(false),
        0 => None,
        all => (all == n_passed).then_some(true),
    };
    (knock_outs, discretionary, passes)
}
