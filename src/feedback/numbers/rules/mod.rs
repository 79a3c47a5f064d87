//! From tallies to numbers. Pure: no HTTP, no SQL.

use super::types::{
    AnswersQuery, Bin, ChoiceNumber, FeedbackStep, GapFigures, ItemNumber, NetCounts, PairNumber, ResponseRate,
};
use crate::feedback::rules::{ANSWERS, Added, BINS, points};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SurveyId;
use crate::shared::stats::{Figure, MIN_N, Rate, Window};
use crate::shared::time::Timestamp;
use crate::surveys::{ItemKind, Measure, Scale, ScaleDirection, SurveyItem, Variant};
use chrono::{Datelike, Months, NaiveDate};
use std::collections::{BTreeMap, HashMap};

const MILLION: f64 = 1e6;
/// Below this share those who answered may not speak for the others.
const WEAK: f64 = 0.15;

/// What was counted of an item of a survey.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    pub survey: SurveyId,
    pub item: String,
    /// The first day of it, for series.
    pub day: NaiveDate,
    pub added: Added,
}

/// What keys of surveys mean.
pub type Items = HashMap<(SurveyId, String), SurveyItem>;

/// Over which days numbers are, and when they were computed.
pub type When = (Window, Timestamp);

/// A number is of something in particular.
pub fn refuse_everything(query: &AnswersQuery) -> Result<()> {
    let named = query.supplier_id.is_some()
        || query.agreement_id.is_some()
        || query.person_id.is_some()
        || query.service_line.is_some();
    match named {
        true => Ok(()),
        false => {
            let detail = "Name a supplier, an agreement, a person or a service line.";
            Err(Error::query(Code::RuleViolated, "supplier_id", detail))
        }
    }
}

/// How days are read: whole months from the tallies of months, what is left day by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub is_month: bool,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// The spans of a window, in the order of time.
pub fn spans(window: Window) -> Vec<Span> {
    let days = |from: NaiveDate, to: NaiveDate| (from <= to).then_some(Span { is_month: false, from, to });
    let first = match window.from.day() {
        1 => Some(window.from),
        _ => next_month(window.from),
    };
    let end = window.to.succ_opt().and_then(|next| next.with_day(1));
    match (first, end) {
        (Some(first), Some(end)) if first < end => {
            let before = first.pred_opt().and_then(|last| days(window.from, last));
            let months = end.pred_opt().map(|to| Span { is_month: true, from: first, to });
            [before, months, days(end, window.to)].into_iter().flatten().collect()
        }
        _ => days(window.from, window.to).into_iter().collect(),
    }
}

fn next_month(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))
}

/// Whole months that are over: what supplier roles may ask for, so that no two windows differ by single answers.
pub fn refuse_parts_of_months(window: Window, today: NaiveDate) -> Result<()> {
    let is_whole = window.from.day() == 1 && window.to.succ_opt().is_some_and(|next| next.day() == 1);
    let is_over = window.to < today.with_day(1).unwrap_or(today);
    match is_whole && is_over {
        true => Ok(()),
        false => Err(Error::query(Code::RuleViolated, "from", "Suppliers read whole calendar months that are over.")),
    }
}

/// The whole months within some days.
pub fn whole_months(days: Window) -> Option<Window> {
    let next = |day: NaiveDate| day.with_day(1)?.checked_add_months(Months::new(1));
    let from = if days.from.day() == 1 { Some(days.from) } else { next(days.from) }?;
    // The day after the last one is the first of a month, or the month it lies in is cut off.
    let to = days.to.succ_opt()?.with_day(1)?.pred_opt()?;
    (from <= to).then_some(Window { from, to })
}

/// The last twelve whole months.
pub fn last_months(today: NaiveDate) -> Window {
    let first = today.with_day(1).unwrap_or(today);
    let from = first.checked_sub_months(Months::new(12)).unwrap_or(first);
    Window { from, to: first.pred_opt().unwrap_or(first) }
}

/// How many answers there are.
pub fn answers(counted: &[Counted]) -> i64 {
    counted.iter().filter(|counted| counted.item == ANSWERS).map(|counted| counted.added.n).sum()
}

pub fn response((invited, answered): (i64, i64), (window, as_of): When) -> ResponseRate {
    let rate = Rate::new(answered, invited, window, as_of, "Links for one answer that were answered, of those made.");
    ResponseRate { is_weak: rate.value.is_some_and(|value| value < WEAK), rate }
}

/// What is the same in all surveys that ask it in the same way, in the order in which it is shown.
type Same = (Measure, String, i64, i64, i64, bool, Variant, Option<crate::agreements::Dimension>);

/// Items on scales.
pub fn items(counted: &[Counted], items: &Items, when: When) -> Vec<ItemNumber> {
    let mut same = BTreeMap::<Same, (&Scale, Added)>::new();
    for counted in counted {
        let Some(item) = items.get(&(counted.survey, counted.item.clone())) else {
            continue;
        };
        let (ItemKind::Scale, Some(scale), Some(measure), Some(variant)) =
            (item.kind, &item.scale, item.measure, item.variant)
        else {
            continue;
        };
        let is_low = scale.direction == ScaleDirection::LowerIsBetter;
        let key = (measure, counted.item.clone(), scale.min, scale.max, scale.step, is_low, variant, item.dimension);
        same.entry(key).or_insert((scale, Added::default())).1 += counted.added;
    }
    let each = same.into_iter().map(|((measure, item, .., variant, dimension), (scale, added))| {
        let score = score(measure, variant, scale, &added, when);
        let mean = mean(added.total, added.squares, added.n, when, "The mean of all answers.");
        ItemNumber {
            item,
            measure,
            variant,
            dimension,
            min: scale.min,
            max: scale.max,
            step: scale.step,
            direction: scale.direction,
            score,
            normalised: mean.value.map(|value| normalised(scale, value)),
            mean,
            favourable: favourable(measure, scale, &added, when),
            net: (measure == Measure::Nps).then(|| net(scale, &added)),
            distribution: distribution(scale, &added),
        }
    });
    each.collect()
}

/// Pairs without a dimension.
pub fn pairs(counted: &[Counted], items: &Items, when: When) -> Vec<PairNumber> {
    let mut same = BTreeMap::<(String, i64, i64), Added>::new();
    for counted in counted {
        let item = items.get(&(counted.survey, counted.item.clone()));
        if let Some(SurveyItem { kind: ItemKind::Pair, scale: Some(scale), .. }) = item {
            *same.entry((counted.item.clone(), scale.min, scale.max)).or_default() += counted.added;
        }
    }
    let pair = |((item, min, max), added)| PairNumber { item, min, max, figures: gap(&added, when) };
    same.into_iter().map(pair).collect()
}

pub fn choices(counted: &[Counted], when: When) -> Vec<ChoiceNumber> {
    let (mut chosen, mut all) = (BTreeMap::<(&str, &str), i64>::new(), HashMap::<&str, i64>::new());
    for counted in counted {
        match counted.item.split_once('=') {
            Some((item, choice)) => *chosen.entry((item, choice)).or_default() += counted.added.n,
            None => *all.entry(&counted.item).or_default() += counted.added.n,
        }
    }
    let share = |((item, choice), k): ((&str, &str), i64)| {
        let n = all.get(item).copied().unwrap_or(k);
        let share = Rate::new(k, n, when.0, when.1, "Answers that chose it, of those that chose anything.");
        ChoiceNumber { item: item.to_owned(), choice: choice.to_owned(), share }
    };
    chosen.into_iter().map(share).collect()
}

/// The number of an item in its variant.
fn score(measure: Measure, variant: Variant, scale: &Scale, added: &Added, when: When) -> Figure {
    let (window, as_of) = when;
    let share = |k, definition: &str| Rate::new(k, added.n, window, as_of, definition).into();
    match (variant, measure) {
        (Variant::Top2, _) => share(best(scale, added, 2), "Answers with one of the two best numbers, of all."),
        (Variant::Top1, _) => share(best(scale, added, 1), "Answers with the best number, of all."),
        (Variant::Mean, _) => mean(added.total, added.squares, added.n, when, "The mean of all answers."),
        (Variant::ShareOfPossible, _) => {
            let (n, most) = (added.n as f64, scale.max as f64);
            let value = added.total as f64 / MILLION / (n * most).max(f64::MIN_POSITIVE);
            let error = deviation(added.total, added.squares, added.n).map(|sd| sd / n.sqrt() / most);
            Figure::normal(value, error, added.n, when, "The sum of all answers, of the highest possible sum.")
        }
        (Variant::Nps0To10 | Variant::Nps1To10, _) => {
            let lowest = scale.min;
            let definition = format!("Share of 9-10 less share of {lowest}-6, times 100.");
            net_score(net(scale, added), when, &definition)
        }
    }
}

/// The net score with its standard error, 100 * sqrt((p + d - (p - d)^2) / n).
pub fn net_score(net: NetCounts, when: When, definition: &str) -> Figure {
    let n = net.promoters + net.passives + net.detractors;
    let share = |count: i64| count as f64 / (n as f64).max(1.0);
    let (p, d) = (share(net.promoters), share(net.detractors));
    let error = 100.0 * ((p + d - (p - d).powi(2)) / (n as f64).max(1.0)).sqrt();
    Figure::normal(100.0 * (p - d), Some(error), n, when, definition)
}

/// 9-10, 7-8, and what is below, whether the scale begins with 0 or 1.
fn net(scale: &Scale, added: &Added) -> NetCounts {
    let sum = |from: i64, to: i64| {
        let values = added.counts.iter().zip(scale.min..);
        values.filter(|(_, value)| (from..=to).contains(value)).map(|(count, _)| count).sum()
    };
    NetCounts { promoters: sum(9, 10), passives: sum(7, 8), detractors: sum(i64::MIN, 6) }
}

/// How many gave one of the best numbers.
fn best(scale: &Scale, added: &Added, how_many: usize) -> i64 {
    let places = usize::try_from(points(scale)).unwrap_or(BINS).min(BINS);
    let counts = &added.counts[..places];
    match scale.direction {
        ScaleDirection::HigherIsBetter => counts.iter().rev().take(how_many).sum(),
        ScaleDirection::LowerIsBetter => counts.iter().take(how_many).sum(),
    }
}

fn favourable(measure: Measure, scale: &Scale, added: &Added, (window, as_of): When) -> Rate {
    let places = points(scale).min(11);
    let (how_many, definition) = match measure {
        Measure::Csat => (2, "Answers of 4-5, of all."),
        Measure::Ces => (3, "Answers of 5-7, of all."),
        Measure::Nps => (2, "Answers of 9-10, of all."),
        Measure::Score => (places * 2 / 5, "Answers in the better two fifths of the scale, of all."),
    };
    let how_many = usize::try_from(how_many.max(1)).unwrap_or(1);
    Rate::new(best(scale, added, how_many), added.n, window, as_of, definition)
}

/// 0 for the worst of the scale, 100 for the best.
fn normalised(scale: &Scale, value: f64) -> f64 {
    let part = (value - scale.min as f64) / ((scale.max - scale.min) as f64);
    match scale.direction {
        ScaleDirection::HigherIsBetter => 100.0 * part,
        ScaleDirection::LowerIsBetter => 100.0 * (1.0 - part),
    }
}

fn distribution(scale: &Scale, added: &Added) -> Vec<Bin> {
    let all = points(scale);
    let places = all.min(11);
    let bin = |place: i64| {
        // The first number of a part is the least whose place times 11 by the number of all is that of the part.
        let first = |place: i64| if all <= 11 { place } else { (place * all + 10) / 11 };
        let value = |place: i64| scale.min + place * scale.step;
        let count = added.counts.get(usize::try_from(place).unwrap_or(BINS)).copied().unwrap_or_default();
        Bin { from: value(first(place)), to: value(first(place + 1) - 1), count }
    };
    (0..places).map(bin).collect()
}

/// What was lived against what was expected.
pub fn gap(added: &Added, when: When) -> GapFigures {
    let (window, as_of) = when;
    let of = |total: i64, definition: &str| {
        Figure::normal(total as f64 / MILLION / (added.n as f64).max(1.0), None, added.n, when, definition)
    };
    let words = "What was lived less what was expected, the mean over those who said both.";
    GapFigures {
        gap: mean(added.total, added.squares, added.n, when, words),
        expectation: of(added.expected, "What was expected, the mean."),
        experience: of(added.lived, "What was lived, the mean."),
        negative: Rate::new(added.counts[0], added.n, window, as_of, "Those whose own gap is negative, of all."),
    }
}

/// A mean with its interval; sums are in millionths.
pub fn mean(total: i64, squares: i64, n: i64, when: When, definition: &str) -> Figure {
    let error = deviation(total, squares, n).map(|sd| sd / (n as f64).sqrt());
    Figure::normal(total as f64 / MILLION / (n as f64).max(1.0), error, n, when, definition)
}

/// The standard deviation of a sample; nothing of fewer than two.
fn deviation(total: i64, squares: i64, n: i64) -> Option<f64> {
    if n < 2 {
        return None;
    }
    let (total, squares, n) = (total as f64 / MILLION, squares as f64 / MILLION, n as f64);
    Some(((squares - total * total / n) / (n - 1.0)).max(0.0).sqrt())
}

/// The same numbers, step by step.
pub fn series(counted: &[Counted], known: &Items, steps: Vec<Window>, as_of: Timestamp) -> Vec<FeedbackStep> {
    let step = |window: Window| {
        let within: Vec<_> =
            counted.iter().filter(|counted| (window.from..=window.to).contains(&counted.day)).cloned().collect();
        let when = (window, as_of);
        FeedbackStep {
            from: window.from,
            to: window.to,
            answers: answers(&within),
            items: items(&within, known, when),
            pairs: pairs(&within, known, when),
            servqual: super::servqual::servqual(&within, known, None, when),
        }
    };
    steps.into_iter().map(step).collect()
}

/// Whether a sample is too small for a value.
pub fn is_few(n: i64) -> bool {
    n < MIN_N
}

#[cfg(test)]
mod tests;
