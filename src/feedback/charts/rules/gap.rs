//! What was expected, what was lived and the gap between, by dimension of quality.

use super::{days, gap, rounded, told};
use crate::feedback::numbers::{FeedbackNumbers, GapFigures, Servqual};
use crate::shared::chart::{Axis, BAND, BOTTOM, HEIGHT, Picture, TOP, WIDTH, note};
use crate::shared::stats::MIN_N;
use crate::shared::words::percent;
use std::fmt::Write;

const EXPECTED: &str = r#"<circle class="expected" cx="10" cy="50" r="6"/>"#;
const LIVED: &str = r#"<circle class="dot" cx="10" cy="50" r="4"/>"#;
/// Where numbers on the scale are, and where gaps are.
const SCALE: (f64, f64) = (130.0, 380.0);
const GAPS: (f64, f64) = (430.0, 640.0);
/// A gap that is not drawn as if it were large.
const SMALL: f64 = 0.1;

/// A dimension with a value.
struct Row {
    expected: f64,
    lived: f64,
    gap: f64,
    bounds: (f64, f64),
    name: &'static str,
    words: String,
}

pub fn gap_chart(found: &FeedbackNumbers) -> String {
    let of = found.servqual.iter().max_by_key(|servqual| servqual.overall.gap.n);
    let rows = of.map(rows).unwrap_or_default();
    let body = match of {
        Some(of) if !rows.is_empty() => body(of, &rows),
        _ => note(&format!("No dimension has {MIN_N} answers yet: there is no gap to show.")),
    };
    Picture {
        name: "gap",
        title: "What was expected and what was lived, by dimension of quality",
        story: &story(found, of, &rows),
        heading: &format!("Expected and lived, {}", days(found.window)),
        legend: &[
            (EXPECTED, "expected".to_owned()),
            (LIVED, "lived".to_owned()),
            (BAND, "gap with its 95 % bounds; below zero is worse than expected".to_owned()),
        ],
        body: &body,
    }
    .svg()
}

/// The weakest first.
fn rows(of: &Servqual) -> Vec<Row> {
    let each = of.dimensions.iter().filter_map(|dimension| {
        let (number, name) = (&dimension.figures, dimension.dimension.name());
        let value = number.gap.value?;
        Some(Row {
            expected: number.expectation.value?,
            lived: number.experience.value?,
            gap: value,
            bounds: (number.gap.lower.unwrap_or(value), number.gap.upper.unwrap_or(value)),
            name,
            words: format!("{name}: {}", words(number)),
        })
    });
    let mut rows: Vec<_> = each.collect();
    rows.sort_by(|a, b| a.gap.total_cmp(&b.gap));
    rows
}

/// `expected 6, lived 4.9, gap -1.1, between -2 and -0.2; 70 % of 10 lived less than they expected`.
fn words(number: &GapFigures) -> String {
    let mut words = String::new();
    if let (Some(expected), Some(lived)) = (number.expectation.value, number.experience.value) {
        let _ = write!(words, "expected {}, lived {}, ", rounded(expected), rounded(lived));
    }
    let _ = write!(words, "gap {}", told(&number.gap, gap));
    if let Some(share) = number.negative.value {
        let _ = write!(words, "; {} of {} lived less than they expected", percent(share), number.negative.n);
    }
    words
}

fn story(found: &FeedbackNumbers, of: Option<&Servqual>, rows: &[Row]) -> String {
    let mut story = format!("{}.", days(found.window));
    if let Some(of) = of {
        let _ = write!(story, " Scale of {} to {}. In all: {}.", of.min, of.max, words(&of.overall));
    }
    match rows {
        [] => story.push_str(&format!(" No dimension has {MIN_N} answers, so none has a gap.")),
        [_] => story.push_str(" One dimension:"),
        _ => story.push_str(" Weakest first."),
    }
    rows.iter().for_each(|row| story.push_str(&format!(" {}.", row.words)));
    story
}

fn body(of: &Servqual, rows: &[Row]) -> String {
    let edge = |pick: fn(f64, f64) -> f64, start, of: fn(&Row) -> f64| rows.iter().map(of).fold(start, pick);
    let lowest = edge(f64::min, -SMALL, |row| row.bounds.0);
    let highest = edge(f64::max, SMALL, |row| row.bounds.1);
    let (scale, gaps) =
        (Axis::around((of.min as f64, of.max as f64), 9.0, SCALE), Axis::around((lowest, highest), 6.0, GAPS));
    let mut svg = columns(&scale, rounded) + &columns(&gaps, gap);
    let _ = writeln!(svg, r#"<path class="zero" d="M{:.1} {TOP}V{}"/>"#, gaps.at(0.0), HEIGHT - BOTTOM);
    let height = (HEIGHT - TOP - BOTTOM) / rows.len() as f64;
    for (place, row) in rows.iter().enumerate() {
        svg.push_str(&row.drawn(TOP + height * (place as f64 + 0.5), &scale, &gaps));
    }
    svg
}

/// The lines of an axis, with what they mean below.
fn columns(axis: &Axis, say: fn(f64) -> String) -> String {
    let (bottom, below) = (HEIGHT - BOTTOM, HEIGHT - BOTTOM + 19.0);
    let each = axis.levels().map(|level| {
        let (x, words) = (axis.at(level), say(level));
        format!("<path class=\"grid\" d=\"M{x:.1} {TOP}V{bottom}\"/><text class=\"quiet\" x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{words}</text>\n")
    });
    each.collect()
}

impl Row {
    fn drawn(&self, y: f64, scale: &Axis, gaps: &Axis) -> String {
        let (expected, lived, middle) = (scale.at(self.expected), scale.at(self.lived), gaps.at(self.gap));
        let (from, to, right) = (gaps.at(self.bounds.0), gaps.at(self.bounds.1), WIDTH - 16.0);
        let (name, words, below, gap) = (self.name, &self.words, y + 4.0, gap(self.gap));
        format!(
            r#"<g><title>{words}</title><text x="16" y="{below:.1}">{name}</text>
<path class="rate" d="M{expected:.1} {y:.1}H{lived:.1}"/><circle class="expected" cx="{expected:.1}" cy="{y:.1}" r="6"/><circle class="dot" cx="{lived:.1}" cy="{y:.1}" r="4"/>
<path class="bounds" d="M{from:.1} {y:.1}H{to:.1}"/><circle class="dot" cx="{middle:.1}" cy="{y:.1}" r="4"/><text x="{right}" y="{below:.1}" text-anchor="end">{gap}</text></g>
"#
        )
    }
}
