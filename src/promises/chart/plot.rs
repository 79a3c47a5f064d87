//! Where things are in the picture, and how each of them is drawn.

use super::rules::Point;
use crate::promises::words::percent;
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

pub const WIDTH: f64 = 720.0;
pub const HEIGHT: f64 = 340.0;
pub const LEFT: f64 = 56.0;
pub const RIGHT: f64 = 60.0;
pub const TOP: f64 = 82.0;
pub const BOTTOM: f64 = 48.0;
/// Between the frame and the first and last week.
pub const INSET: f64 = 14.0;
/// Where things are.
pub struct Plot {
    first: NaiveDate,
    days: i64,
    /// In percent: what the lowest line means and how far lines are apart.
    pub floor: u32,
    step: u32,
}

impl Plot {
    pub fn of(points: &[Point], target: f64) -> Self {
        let first = points.first().map_or(NaiveDate::MIN, |point| point.week_start);
        let days = points.last().map_or(0, |point| (point.week_start - first).num_days());
        let bounds = points.iter().filter(|point| point.value().is_some()).filter_map(Point::bounds);
        let lowest = bounds.fold(target, |lowest, (lower, _)| lowest.min(lower));
        let spans = [(90, 2), (75, 5), (50, 10)];
        let (floor, step) = spans.into_iter().find(|(floor, _)| lowest * 100.0 > f64::from(*floor)).unwrap_or((0, 20));
        Self { first, days, floor, step }
    }

    pub fn x(&self, date: NaiveDate) -> f64 {
        let width = WIDTH - LEFT - RIGHT - 2.0 * INSET;
        let part = if self.days == 0 { 0.5 } else { (date - self.first).num_days() as f64 / self.days as f64 };
        LEFT + INSET + part * width
    }

    pub fn y(&self, share: f64) -> f64 {
        let floor = f64::from(self.floor) / 100.0;
        let part = (share.clamp(floor, 1.0) - floor) / (1.0 - floor);
        HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
    }

    pub fn axes(&self, points: &[Point]) -> String {
        let (mut svg, right, bottom) = (String::new(), WIDTH - RIGHT, HEIGHT - BOTTOM);
        for level in (self.floor..=100).step_by(self.step as usize) {
            let y = self.y(f64::from(level) / 100.0);
            let (label, x) = (y + 4.0, LEFT - 8.0);
            let _ = writeln!(
                svg,
                r#"<path class="grid" d="M{LEFT} {y:.1}H{right}"/><text class="quiet" x="{x}" y="{label:.1}" text-anchor="end">{level} %</text>"#
            );
        }
        for (at, label, year) in self.marks(points) {
            let (x, tick, below, lowest) = (self.x(at), bottom + 5.0, bottom + 19.0, bottom + 34.0);
            let _ = writeln!(
                svg,
                r#"<path class="grid" d="M{x:.1} {bottom}V{tick}"/><text class="quiet" x="{x:.1}" y="{below}" text-anchor="middle">{label}</text><text class="quiet" x="{x:.1}" y="{lowest}" text-anchor="middle">{year}</text>"#
            );
        }
        svg
    }

    /// Dates below the picture: the weeks themselves when they are few, or months, a dozen at most.
    pub fn marks(&self, points: &[Point]) -> Vec<(NaiveDate, String, String)> {
        let mut dates: Vec<_> = points.iter().map(|point| point.week_start).collect();
        let is_short = self.days < 60;
        if !is_short {
            let last = dates.last().copied().unwrap_or(self.first);
            let months = (self.days / 30) as i32;
            let every = [1, 2, 3, 6, 12].into_iter().find(|every| months / every <= 12).unwrap_or(24);
            let starts = self.first.iter_days().take_while(|day| *day <= last).filter(|day| day.day() == 1);
            dates = starts.filter(|day| (day.year() * 12 + day.month0() as i32).rem_euclid(every) == 0).collect();
        }
        let mut shown = None;
        let year = |day: &NaiveDate| (shown.replace(day.year()) != Some(day.year())).then(|| day.year().to_string());
        let years: Vec<_> = dates.iter().map(year).map(Option::unwrap_or_default).collect();
        let label = |day: NaiveDate| day.format(if is_short { "%-d %b" } else { "%b" }).to_string();
        dates.into_iter().zip(years).map(|(day, year)| (day, label(day), year)).collect()
    }

    pub fn goal(&self, target: f64) -> String {
        let (y, right, said) = (self.y(target), WIDTH - RIGHT, percent(target));
        let (x, label) = (right + 6.0, y + 4.0);
        format!(
            "<path class=\"goal\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"promised\" x=\"{x}\" y=\"{label:.1}\">{said}</text>\n"
        )
    }

    /// The bounds of a single week.
    pub fn whisker(&self, point: &Point, class: &str) -> String {
        let Some((lower, upper)) = point.bounds() else {
            return String::new();
        };
        let (x, from, to, words) = (self.x(point.week_start), self.y(upper), self.y(lower), point.words());
        format!("<path class=\"{class}\" d=\"M{x:.1} {from:.1}V{to:.1}\"><title>{words}</title></path>\n")
    }

    /// A line through weeks that follow each other, on the band of their bounds.
    pub fn run(&self, run: &[Point]) -> String {
        if let [point] = run {
            return self.whisker(point, "bounds");
        }
        let place = |point: &Point, share: f64| format!("{:.1} {:.1}", self.x(point.week_start), self.y(share));
        let bounds: Vec<_> = run.iter().filter_map(|point| Some((point, point.bounds()?))).collect();
        let above = bounds.iter().map(|(point, (_, upper))| place(point, *upper));
        let below = bounds.iter().rev().map(|(point, (lower, _))| place(point, *lower));
        let band = above.chain(below).collect::<Vec<_>>().join("L");
        let line: Vec<_> = run.iter().filter_map(|point| Some(place(point, point.value()?))).collect();
        let line = line.join("L");
        format!("<path class=\"band\" d=\"M{band}Z\"/>\n<path class=\"rate\" d=\"M{line}\"/>\n")
    }

    pub fn dot(&self, point: &Point, weeks: usize) -> String {
        let (x, y, words) = (self.x(point.week_start), self.y(point.value().unwrap_or_default()), point.words());
        let radius = if weeks > 110 { 1.5 } else { 3.0 };
        format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{words}</title></circle>\n")
    }
}
