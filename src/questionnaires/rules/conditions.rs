//! When questions are asked: trees of conditions on other answers, which never lead back to themselves.

use super::kinds::{has_words, is_possible, words};
use crate::questionnaires::types::{
    AnswerWord, Answered, Condition, Question, QuestionKey, QuestionKind, QuestionnaireTerms,
};
use std::collections::{BTreeMap, HashMap, HashSet};

const MOST_LEVELS: usize = 8;
const MOST_NODES: usize = 50;

/// What a node says. `Condition` has one shape for all of them.
enum Node<'a> {
    All(&'a [Condition]),
    Any(&'a [Condition]),
    Not(&'a Condition),
    About(&'a QuestionKey, Test<'a>),
}

enum Test<'a> {
    In(&'a [AnswerWord]),
    Within(Option<f64>, Option<f64>),
    Answered,
}

/// Where something is wrong, as a pointer below the condition, and what.
type Wrong = (String, String);

fn wrong<T>(at: &str, detail: impl Into<String>) -> Result<T, Wrong> {
    Err((at.to_owned(), detail.into()))
}

impl Condition {
    fn node(&self) -> Result<Node<'_>, &'static str> {
        let has_test = !self.is_in.is_empty() || self.at_least.is_some() || self.at_most.is_some() || self.is_answered;
        match (&*self.all, &*self.any, &self.not, &self.question) {
            (all, [], None, None) if !all.is_empty() && !has_test => Ok(Node::All(all)),
            ([], any, None, None) if !any.is_empty() && !has_test => Ok(Node::Any(any)),
            ([], [], Some(not), None) if !has_test => Ok(Node::Not(not)),
            ([], [], None, Some(question)) => Ok(Node::About(question, self.test()?)),
            _ => Err("Say exactly one of `all`, `any`, `not` and `question` with a condition on its answer."),
        }
    }

    fn test(&self) -> Result<Test<'_>, &'static str> {
        let bounds = self.at_least.is_some() || self.at_most.is_some();
        match (!self.is_in.is_empty(), bounds, self.is_answered) {
            (true, false, false) => Ok(Test::In(&self.is_in)),
            (false, true, false) => Ok(Test::Within(self.at_least, self.at_most)),
            (false, false, true) => Ok(Test::Answered),
            _ => Err("Say exactly one of `is_in`, `at_least` and/or `at_most`, and `is_answered` of the question."),
        }
    }

    /// The conditions directly below.
    fn below(&self) -> impl Iterator<Item = (String, &Condition)> {
        let each = |member: &'static str, list: &'_ [Condition]| {
            (0..list.len()).map(move |place| format!("/{member}/{place}")).collect::<Vec<_>>()
        };
        let all = each("all", &self.all).into_iter().zip(&self.all);
        let any = each("any", &self.any).into_iter().zip(&self.any);
        all.chain(any).chain(self.not.as_deref().map(|not| ("/not".to_owned(), not)))
    }

    /// The keys of the questions it is about.
    fn questions<'a>(&'a self, found: &mut Vec<&'a str>) {
        found.extend(self.question.as_deref());
        self.below().for_each(|(_, below)| below.questions(found));
    }
}

/// Refuses what the condition of `question` cannot say.
pub fn check(question: &Question, condition: &Condition, known: &HashMap<&str, &Question>) -> Result<(), Wrong> {
    let mut nodes = 0;
    check_node("", 1, &mut nodes, question, condition, known)
}

fn check_node(
    at: &str,
    level: usize,
    nodes: &mut usize,
    question: &Question,
    condition: &Condition,
    known: &HashMap<&str, &Question>,
) -> Result<(), Wrong> {
    *nodes += 1;
    if level > MOST_LEVELS {
        return wrong(at, format!("A condition has {MOST_LEVELS} levels at most."));
    }
    if *nodes > MOST_NODES {
        return wrong(at, format!("A condition has {MOST_NODES} nodes at most."));
    }
    match condition.node() {
        Err(detail) => return wrong(at, detail),
        Ok(Node::About(key, _)) if *key == question.key => {
            return wrong(&format!("{at}/question"), "A question does not depend on itself.");
        }
        Ok(Node::About(key, test)) => match known.get(&**key) {
            Some(other) => check_test(at, other, &test)?,
            None => return wrong(&format!("{at}/question"), "There is no question with this key."),
        },
        Ok(_) => {}
    }
    condition
        .below()
        .try_for_each(|(step, below)| check_node(&format!("{at}{step}"), level + 1, nodes, question, below, known))
}

fn check_test(at: &str, other: &Question, test: &Test) -> Result<(), Wrong> {
    match test {
        Test::In(_) if !has_words(other.kind) => {
            wrong(&format!("{at}/is_in"), "An answer of this kind is not one of some words: use `is_answered`.")
        }
        Test::In(wanted) => match wanted.iter().position(|word| !is_possible(other, word)) {
            Some(place) => wrong(&format!("{at}/is_in/{place}"), "The question has no such answer."),
            None => Ok(()),
        },
        Test::Within(low, high) => {
            let member = if low.is_some() { "at_least" } else { "at_most" };
            if !matches!(other.kind, QuestionKind::Scale | QuestionKind::Number) {
                return wrong(&format!("{at}/{member}"), "The question is not answered with a number.");
            }
            match low.zip(*high).is_some_and(|(low, high)| low > high) {
                true => wrong(&format!("{at}/at_most"), "No number is below `at_most` and above `at_least`."),
                false => Ok(()),
            }
        }
        Test::Answered => Ok(()),
    }
}

/// The questions in an order in which each stands behind those it depends on, and the places of those that cannot
/// be ordered because they depend on each other.
fn order(questions: &[&Question]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let places: HashMap<&str, usize> = questions.iter().enumerate().map(|(place, one)| (&*one.key, place)).collect();
    let needs = questions.iter().map(|question| {
        let mut keys = Vec::new();
        question.condition.iter().for_each(|condition| condition.questions(&mut keys));
        let mut needed: Vec<usize> = keys.iter().filter_map(|key| places.get(key).copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    });
    let mut needs: Vec<Vec<usize>> = needs.collect();
    let mut dependents = vec![Vec::new(); questions.len()];
    for (place, needed) in needs.iter().enumerate() {
        needed.iter().for_each(|needed| dependents[*needed].push(place));
    }
    let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut ordered: Vec<usize> = (0..questions.len()).filter(|place| missing[*place] == 0).collect();
    let mut next = 0;
    while let Some(done) = ordered.get(next).copied() {
        next += 1;
        for dependent in &dependents[done] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ordered.push(*dependent);
            }
        }
    }
    // What is left waits for something that is left, too.
    for (place, needed) in needs.iter_mut().enumerate() {
        if missing[place] == 0 {
            needed.clear();
        }
        needed.retain(|needed| missing[*needed] > 0);
    }
    (ordered, needs)
}

/// Questions that depend on each other in a circle, from one back to it.
pub fn circle<'a>(questions: &[&'a Question]) -> Option<Vec<&'a str>> {
    let (_, needs) = order(questions);
    let mut place = needs.iter().position(|needed| !needed.is_empty())?;
    let mut path = Vec::new();
    let start = loop {
        if let Some(start) = path.iter().position(|before| *before == place) {
            break start;
        }
        path.push(place);
        place = *needs[place].first()?;
    };
    path.push(place);
    Some(path[start..].iter().map(|place| &*questions[*place].key).collect())
}

/// The questions that are asked, in order, when these answers stand. A question that is not asked counts as not
/// answered, whatever was answered to it before.
pub fn asked_questions<'a>(
    terms: &'a QuestionnaireTerms,
    answers: &BTreeMap<QuestionKey, Answered>,
) -> Vec<&'a Question> {
    let questions: Vec<&Question> = terms.questions().collect();
    let mut standing: HashMap<&str, (&Question, &Answered)> = HashMap::new();
    let mut asked = HashSet::new();
    for place in order(&questions).0 {
        let question = questions[place];
        if question.condition.as_ref().is_none_or(|condition| holds(condition, &standing)) {
            asked.insert(place);
            if let Some(answered) = answers.get(&question.key) {
                standing.insert(&question.key, (question, answered));
            }
        }
    }
    let is_asked = |(place, question)| asked.contains(&place).then_some(question);
    questions.into_iter().enumerate().filter_map(is_asked).collect()
}

fn holds(condition: &Condition, standing: &HashMap<&str, (&Question, &Answered)>) -> bool {
    match condition.node() {
        Ok(Node::All(all)) => all.iter().all(|one| holds(one, standing)),
        Ok(Node::Any(any)) => any.iter().any(|one| holds(one, standing)),
        Ok(Node::Not(not)) => !holds(not, standing),
        Ok(Node::About(key, test)) => {
            standing.get(&**key).is_some_and(|(question, answered)| fulfils(question, answered, &test))
        }
        // Stored conditions are checked.
        Err(_) => false,
    }
}

fn fulfils(question: &Question, answered: &Answered, test: &Test) -> bool {
    match (test, answered) {
        (Test::Answered, _) => true,
        (_, Answered::NotApplicable) => false,
        (Test::In(wanted), Answered::Given(given)) => {
            words(question, given).iter().any(|word| wanted.iter().any(|wanted| **wanted == **word))
        }
        (Test::Within(low, high), Answered::Given(given)) => given
            .number
            .is_some_and(|number| low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high)),
    }
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
