//! Whether the terms of a survey fit together, and what they say where they leave something open.

use super::instruments;
use crate::shared::error::{Code, Error, Result};
use crate::surveys::types::{
    FollowUpRule, Instrument, ItemKind, Measure, Scale, ScaleDirection, SurveyItem, SurveyTerms, Variant, Weights,
    Wording,
};
use std::collections::BTreeSet;

/// The terms with everything said that they leave open, if they may stand.
pub fn checked(instrument: Instrument, terms: SurveyTerms) -> Result<SurveyTerms> {
    let terms = completed(terms);
    for (at, wording, may_be_empty) in [
        ("/title", &terms.title, false),
        ("/introduction", &terms.introduction, true),
        ("/thanks", &terms.thanks, true),
    ] {
        check_wording(&terms, at, wording, may_be_empty)?;
    }
    let mut keys = BTreeSet::new();
    for (place, item) in terms.items.iter().enumerate() {
        let at = format!("/items/{place}");
        if !keys.insert(&item.key) {
            return wrong(&format!("{at}/key"), "Another item has this key.");
        }
        check_item(&terms, &at, item)?;
    }
    instruments::check(instrument, &terms)?;
    check_whole(&terms)?;
    Ok(terms)
}

/// What was ever published under a key keeps its meaning.
pub fn check_published(terms: &SurveyTerms, published: &[SurveyItem]) -> Result<()> {
    for (place, item) in terms.items.iter().enumerate() {
        let Some(known) = published.iter().find(|known| known.key == item.key) else {
            continue;
        };
        if let Some(member) = differs(item, known) {
            let detail =
                "It was published with another one under this key: answers would no longer add up. Take another key.";
            return wrong(&format!("/items/{place}/{member}"), detail);
        }
    }
    Ok(())
}

/// The member in which two items mean something else.
pub fn differs(one: &SurveyItem, other: &SurveyItem) -> Option<&'static str> {
    let numbers =
        |scale: &Option<Scale>| scale.as_ref().map(|scale| (scale.min, scale.max, scale.step, scale.direction));
    let members = [
        ("kind", one.kind == other.kind),
        ("measure", one.measure == other.measure),
        ("scale", numbers(&one.scale) == numbers(&other.scale)),
        ("variant", one.variant == other.variant),
        ("dimension", one.dimension == other.dimension),
    ];
    members.into_iter().find(|(_, is_same)| !is_same).map(|(member, _)| member)
}

fn wrong<T>(at: &str, detail: impl Into<String>) -> Result<T> {
    Err(Error::rule(Code::RuleViolated, &format!("/terms{at}"), detail))
}

fn completed(mut terms: SurveyTerms) -> SurveyTerms {
    for item in terms.items.iter_mut().filter(|item| item.kind == ItemKind::Scale) {
        let measure = *item.measure.get_or_insert(Measure::Score);
        if item.scale.is_none() {
            item.scale = usual_scale(measure, item.variant);
        }
        if item.variant.is_none() {
            item.variant = Some(usual_variant(measure, item.scale.as_ref()));
        }
    }
    if terms.weights.is_none() && has_dimensions(&terms) {
        terms.weights = Some(Weights::default());
    }
    terms
}

fn usual_scale(measure: Measure, variant: Option<Variant>) -> Option<Scale> {
    let (min, max) = match measure {
        Measure::Csat => (1, 5),
        Measure::Nps if variant == Some(Variant::Nps1To10) => (1, 10),
        Measure::Nps => (0, 10),
        Measure::Ces => (1, 7),
        Measure::Score => return None,
    };
    let (direction, min_label, max_label) = Default::default();
    Some(Scale { min, max, step: 1, direction, min_label, max_label })
}

fn usual_variant(measure: Measure, scale: Option<&Scale>) -> Variant {
    match measure {
        Measure::Csat => Variant::Top2,
        Measure::Nps if scale.is_some_and(|scale| scale.min == 1) => Variant::Nps1To10,
        Measure::Nps => Variant::Nps0To10,
        Measure::Ces | Measure::Score => Variant::Mean,
    }
}

/// Every wording is there in every language of the survey and in no other.
fn check_wording(terms: &SurveyTerms, at: &str, wording: &Wording, may_be_empty: bool) -> Result<()> {
    if may_be_empty && wording.is_empty() {
        return Ok(());
    }
    if let Some(missing) = terms.languages.iter().find(|language| !wording.contains_key(&***language)) {
        return wrong(at, format!("The words in `{}` are missing.", &**missing));
    }
    if wording.len() > terms.languages.len() {
        return wrong(at, "It has words in a language that is not one of the survey's.");
    }
    Ok(())
}

fn check_item(terms: &SurveyTerms, at: &str, item: &SurveyItem) -> Result<()> {
    use ItemKind::{Choice, Pair, Scale};
    check_wording(terms, &format!("{at}/wording"), &item.wording, false)?;
    let only_for: [(&str, bool, &[ItemKind]); 7] = [
        ("expectation_wording", !item.expectation_wording.is_empty(), &[Pair]),
        ("measure", item.measure.is_some(), &[Scale]),
        ("variant", item.variant.is_some(), &[Scale]),
        ("dimension", item.dimension.is_some(), &[Scale, Pair]),
        ("scale", item.scale.is_some(), &[Scale, Pair]),
        ("choices", !item.choices.is_empty(), &[Choice]),
        ("is_multiple", item.is_multiple, &[Choice]),
    ];
    if let Some((member, ..)) = only_for.iter().find(|(_, is_given, kinds)| *is_given && !kinds.contains(&item.kind)) {
        return wrong(&format!("{at}/{member}"), "Items of this kind have none.");
    }
    match (item.kind, &item.scale) {
        (Scale | Pair, None) => wrong(&format!("{at}/scale"), "Say on which scale it is answered."),
        (Scale, Some(scale)) => {
            check_scale(terms, at, scale)?;
            check_measure(at, item, scale)
        }
        (Pair, Some(scale)) => {
            check_wording(terms, &format!("{at}/expectation_wording"), &item.expectation_wording, false)?;
            check_scale(terms, at, scale)?;
            match scale.direction {
                ScaleDirection::HigherIsBetter => Ok(()),
                ScaleDirection::LowerIsBetter => wrong(
                    &format!("{at}/scale/direction"),
                    "A gap says that more was lived than expected only where higher is better.",
                ),
            }
        }
        (Choice, _) => check_choices(terms, at, item),
        (ItemKind::Text, _) => Ok(()),
    }
}

fn check_scale(terms: &SurveyTerms, at: &str, scale: &Scale) -> Result<()> {
    if scale.min >= scale.max {
        return wrong(&format!("{at}/scale/max"), "The highest number is above the lowest.");
    }
    if (scale.max - scale.min) % scale.step != 0 {
        return wrong(&format!("{at}/scale/step"), "The steps do not lead from the lowest number to the highest.");
    }
    check_wording(terms, &format!("{at}/scale/min_label"), &scale.min_label, true)?;
    check_wording(terms, &format!("{at}/scale/max_label"), &scale.max_label, true)
}

fn check_measure(at: &str, item: &SurveyItem, scale: &Scale) -> Result<()> {
    use Variant::{Nps0To10, Nps1To10};
    let (Some(measure), Some(variant)) = (item.measure, item.variant) else {
        return Ok(());
    };
    let scales: &[(i64, i64)] = match measure {
        Measure::Csat => &[(1, 5)],
        Measure::Nps => &[(0, 10), (1, 10)],
        Measure::Ces => &[(1, 7)],
        Measure::Score => &[],
    };
    let is_usual = scale.step == 1 && scale.direction == ScaleDirection::HigherIsBetter;
    if !(scales.is_empty() || is_usual && scales.contains(&(scale.min, scale.max))) {
        let names: Vec<_> = scales.iter().map(|(min, max)| format!("{min} to {max}")).collect();
        let detail = format!("It is measured from {}, in steps of 1, higher is better.", names.join(" or "));
        return wrong(&format!("{at}/scale"), detail);
    }
    let at = format!("{at}/variant");
    match (measure, variant) {
        (Measure::Nps, Nps0To10) if scale.min == 0 => Ok(()),
        (Measure::Nps, Nps1To10) if scale.min == 1 => Ok(()),
        (Measure::Nps, _) => wrong(&at, "Take the variant of the scale: `nps_0_10` or `nps_1_10`."),
        (_, Nps0To10 | Nps1To10) => wrong(&at, "Only willingness to recommend has this variant."),
        (_, Variant::ShareOfPossible) if scale.min < 0 => {
            wrong(&at, "There is no share of the possible where numbers are below 0.")
        }
        _ => Ok(()),
    }
}

fn check_choices(terms: &SurveyTerms, at: &str, item: &SurveyItem) -> Result<()> {
    if item.choices.len() < 2 {
        return wrong(&format!("{at}/choices"), "There are two choices at least.");
    }
    let mut keys = BTreeSet::new();
    for (place, choice) in item.choices.iter().enumerate() {
        let at = format!("{at}/choices/{place}");
        if !keys.insert(&choice.key) {
            return wrong(&format!("{at}/key"), "Another choice has this key.");
        }
        check_wording(terms, &format!("{at}/wording"), &choice.wording, false)?;
    }
    Ok(())
}

fn has_dimensions(terms: &SurveyTerms) -> bool {
    terms.items.iter().any(|item| item.kind == ItemKind::Pair && item.dimension.is_some())
}

fn check_whole(terms: &SurveyTerms) -> Result<()> {
    for (member, is_asked) in [("/asks_importance", terms.asks_importance), ("/asks_minimum", terms.asks_minimum)] {
        if is_asked && !has_dimensions(terms) {
            return wrong(member, "Only pairs that are about a dimension of quality are asked for it.");
        }
    }
    if let Some(weights) = terms.weights {
        let Weights { reliability, assurance, tangibles, empathy, responsiveness } = weights;
        let sum = reliability + assurance + tangibles + empathy + responsiveness;
        if sum != 10_000 {
            let detail = format!("The weights add up to {sum}, not to 10000.");
            return Err(Error::rule(Code::WeightsSum, "/terms/weights", detail));
        }
    }
    terms.follow_up.as_ref().map_or(Ok(()), |rule| check_follow_up(terms, rule))
}

fn check_follow_up(terms: &SurveyTerms, rule: &FollowUpRule) -> Result<()> {
    let item = terms.items.iter().find(|item| item.key == rule.item && item.kind == ItemKind::Scale);
    let Some(scale) = item.and_then(|item| item.scale.as_ref()) else {
        return wrong("/follow_up/item", "There is no item on a scale with this key.");
    };
    let is_on_it = (scale.min..=scale.max).contains(&rule.threshold) && (rule.threshold - scale.min) % scale.step == 0;
    if !is_on_it {
        return wrong("/follow_up/threshold", "The scale of the item has no such number.");
    }
    match rule.within.seconds() {
        0 => wrong("/follow_up/within", "It takes some time to follow up."),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
