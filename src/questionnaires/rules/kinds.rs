//! What the kinds of questions have in common and what not.

use crate::questionnaires::types::{AnswerScale, Given, Question, QuestionKind};

/// Whether its answers are words that pass rules and conditions can name.
pub fn has_words(kind: QuestionKind) -> bool {
    use QuestionKind::{Multi, Scale, Single, YesNo};
    matches!(kind, YesNo | Scale | Single | Multi)
}

/// Whether `word` is a possible answer.
pub fn is_possible(question: &Question, word: &str) -> bool {
    match question.kind {
        QuestionKind::YesNo => word == "yes" || word == "no",
        QuestionKind::Single | QuestionKind::Multi => question.choices.iter().any(|choice| &*choice.key == word),
        QuestionKind::Scale => {
            let number = word.parse::<i64>().ok().filter(|number| number.to_string() == word);
            number.zip(question.scale.as_ref()).is_some_and(|(number, scale)| is_on(scale, number as f64))
        }
        _ => false,
    }
}

/// Whether the scale has this number.
pub fn is_on(scale: &AnswerScale, number: f64) -> bool {
    let (min, max, step) = (scale.min as f64, scale.max as f64, scale.step as f64);
    (min..=max).contains(&number) && (number - min) % step == 0.0
}

/// An answer in words; none where its kind has none.
pub fn words(question: &Question, given: &Given) -> Vec<String> {
    match question.kind {
        QuestionKind::YesNo => given.yes.map(|yes| if yes { "yes" } else { "no" }.to_owned()).into_iter().collect(),
        // Zero has no sign.
        QuestionKind::Scale => given.number.map(|number| (number + 0.0).to_string()).into_iter().collect(),
        QuestionKind::Single | QuestionKind::Multi => given.choices.iter().map(|choice| choice.to_string()).collect(),
        _ => Vec::new(),
    }
}
