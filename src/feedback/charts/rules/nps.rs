//! The net promoter score by month.

use super::{days, score, told};
use crate::feedback::numbers::{FeedbackNumbers, ItemNumber};
use crate::shared::chart::{Axis, BAND, Every, FEW, LINE, Picture, Point, Timeline};
use crate::shared::stats::{Figure, MIN_N};
use crate::surveys::Measure;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

pub fn nps_chart(found: &FeedbackNumbers) -> String {
    let scores = || found.items.iter().filter(|item| item.measure == Measure::Nps);
    let asked = scores().max_by_key(|item| item.score.n);
    let months: Vec<_> =
        found.series.iter().map(|step| (step.from, asked.and_then(|of| same(of, &step.items)))).collect();
    let points: Vec<_> = months.iter().map(|(from, item)| point(*from, item.map(|item| &item.score))).collect();
    let which = asked.map(|of| format!(": {}, {}-{}", of.item, of.min, of.max)).unwrap_or_default();
    let title = format!("Net promoter score by month{which}");
    let line = Timeline::new(&points, Every::Month, axis(&points), score);
    Picture {
        name: "nps",
        title: &title,
        story: &story(found, asked, scores().count(), &points),
        heading: &title,
        legend: &[
            (LINE, "score, by month".to_owned()),
            (BAND, "95 % bounds".to_owned()),
            (FEW, format!("bounds of a month with fewer than {MIN_N} answers")),
        ],
        body: &line.svg("", &format!("No month has {MIN_N} answers yet: there is no score to show.")),
    }
    .svg()
}

/// The same item, asked in the same way.
fn same<'a>(of: &ItemNumber, items: &'a [ItemNumber]) -> Option<&'a ItemNumber> {
    let way = |item: &ItemNumber| (item.variant, item.dimension, item.min, item.max, item.step, item.direction);
    items.iter().find(|item| item.item == of.item && way(item) == way(of))
}

fn point(from: NaiveDate, number: Option<&Figure>) -> Point {
    // A window may begin within a month, which still stands where months begin.
    let at = from.with_day(1).unwrap_or(from);
    let within = |bound: f64| bound.clamp(-100.0, 100.0);
    let bounds = number.and_then(|number| Some((within(number.lower?), within(number.upper?))));
    let words = number.map(|number| format!("{}: {}, of {}", at.format("%b %Y"), told(number, score), number.n));
    Point { at, value: number.and_then(|number| number.value), bounds, words: words.unwrap_or_default() }
}

/// What is shown, with zero and a little on both sides of it.
fn axis(points: &[Point]) -> Axis {
    let shown = points.iter().filter(|point| point.value.is_some()).filter_map(|point| point.bounds);
    let range = shown.fold((-10.0_f64, 10.0_f64), |all, (lower, upper)| (all.0.min(lower), all.1.max(upper)));
    Axis::around(range, 8.0, Timeline::PIXELS)
}

fn story(found: &FeedbackNumbers, asked: Option<&ItemNumber>, scores: usize, points: &[Point]) -> String {
    let mut story = format!("{}.", days(found.window));
    let Some(of) = asked else {
        story.push_str(" Nobody was asked whether they would recommend it.");
        return story;
    };
    let _ = write!(story, " {} In all {}, of {}.", of.score.definition, told(&of.score, score), of.score.n);
    if scores > 1 {
        let _ = write!(story, " The other {} that were asked in another way are not in it.", scores - 1);
    }
    let known: Vec<_> = points.iter().filter(|point| point.value.is_some()).collect();
    let _ = match known.len() {
        0 => write!(story, " No month has {MIN_N} answers, so none has a score."),
        all => write!(story, " Months with at least {MIN_N} answers: {all}."),
    };
    let by_value = |a: &&&Point, b: &&&Point| a.value.unwrap_or_default().total_cmp(&b.value.unwrap_or_default());
    if let (Some(lowest), Some(latest)) = (known.iter().min_by(by_value), known.last()) {
        let _ = write!(story, " Lowest: {}. Latest: {}.", lowest.words, latest.words);
    }
    story
}
