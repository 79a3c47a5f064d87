//! A line through time, on the band of its bounds.

use super::{Axis, BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, escaped, note};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

/// Between the frame and the first and last point.
const INSET: f64 = 14.0;

/// One step of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Where it stands.
    pub at: NaiveDate,
    /// Nothing when it is of too few.
    pub value: Option<f64>,
    pub bounds: Option<(f64, f64)>,
    /// What is read of it.
    pub words: String,
}

/// How long steps are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Week,
    Month,
}

/// Steps in the order of time. Those that are missing or in which too little happened are gaps in the line, never a
/// zero.
pub struct Timeline<'a> {
    points: &'a [Point],
    every: Every,
    values: Axis,
    label: fn(f64) -> String,
    first: NaiveDate,
    days: i64,
}

impl<'a> Timeline<'a> {
    /// Where values are in it.
    pub const PIXELS: (f64, f64) = (HEIGHT - BOTTOM, TOP);

    pub fn new(points: &'a [Point], every: Every, values: Axis, label: fn(f64) -> String) -> Self {
        let first = points.first().map_or(NaiveDate::MIN, |point| point.at);
        let days = points.last().map_or(0, |point| (point.at - first).num_days());
        Self { points, every, values, label, first, days }
    }

    /// Everything; `between` is drawn over the line and below its dots.
    pub fn svg(&self, between: &str, nothing: &str) -> String {
        let mut svg = String::with_capacity(4_096 + 400 * self.points.len());
        svg.push_str(&self.axes());
        for point in self.points.iter().filter(|point| point.value.is_none()) {
            svg.push_str(&self.whisker(point, "few"));
        }
        let runs = self.runs();
        for run in &runs {
            svg.push_str(&self.run(run));
        }
        svg.push_str(between);
        for point in runs.iter().copied().flatten() {
            svg.push_str(&self.dot(point));
        }
        if runs.is_empty() {
            svg.push_str(&note(nothing));
        }
        svg
    }

    fn x(&self, date: NaiveDate) -> f64 {
        let width = WIDTH - LEFT - RIGHT - 2.0 * INSET;
        let part = if self.days == 0 { 0.5 } else { (date - self.first).num_days() as f64 / self.days as f64 };
        LEFT + INSET + part * width
    }

    fn axes(&self) -> String {
        let (mut svg, right, bottom) = (String::new(), WIDTH - RIGHT, HEIGHT - BOTTOM);
        for level in self.values.levels() {
            let y = self.values.at(level);
            let (below, x, words) = (y + 4.0, LEFT - 8.0, (self.label)(level));
            let class = if level == 0.0 && self.values.floor < 0.0 { "zero" } else { "grid" };
            let _ = writeln!(
                svg,
                r#"<path class="{class}" d="M{LEFT} {y:.1}H{right}"/><text class="quiet" x="{x}" y="{below:.1}" text-anchor="end">{words}</text>"#
            );
        }
        for (at, label, year) in self.marks() {
            let (x, tick, below, lowest) = (self.x(at), bottom + 5.0, bottom + 19.0, bottom + 34.0);
            let _ = writeln!(
                svg,
                r#"<path class="grid" d="M{x:.1} {bottom}V{tick}"/><text class="quiet" x="{x:.1}" y="{below}" text-anchor="middle">{label}</text><text class="quiet" x="{x:.1}" y="{lowest}" text-anchor="middle">{year}</text>"#
            );
        }
        svg
    }

    /// Dates below the picture: the weeks themselves when they are few, or months, a dozen at most.
    fn marks(&self) -> Vec<(NaiveDate, String, String)> {
        let mut dates: Vec<_> = self.points.iter().map(|point| point.at).collect();
        let are_weeks = self.every == Every::Week && self.days < 60;
        if !are_weeks {
            let last = dates.last().copied().unwrap_or(self.first);
            let months = (self.days / 30) as i32;
            let every = [1, 2, 3, 6, 12].into_iter().find(|every| months / every <= 12).unwrap_or(24);
            let starts = self.first.iter_days().take_while(|day| *day <= last).filter(|day| day.day() == 1);
            dates = starts.filter(|day| (day.year() * 12 + day.month0() as i32).rem_euclid(every) == 0).collect();
        }
        let mut shown = None;
        let year = |day: &NaiveDate| (shown.replace(day.year()) != Some(day.year())).then(|| day.year().to_string());
        let years: Vec<_> = dates.iter().map(year).map(Option::unwrap_or_default).collect();
        let label = |day: NaiveDate| day.format(if are_weeks { "%-d %b" } else { "%b" }).to_string();
        dates.into_iter().zip(years).map(|(day, year)| (day, label(day), year)).collect()
    }

    /// Points with a value that follow each other.
    fn runs(&self) -> Vec<&'a [Point]> {
        let is_known = |point: &Point| point.value.is_some();
        let longest = match self.every {
            Every::Week => 7,
            Every::Month => 31,
        };
        self.points
            .chunk_by(|a, b| is_known(a) == is_known(b) && (b.at - a.at).num_days() <= longest)
            .filter(|run| run.iter().all(is_known))
            .collect()
    }

    /// A line through points that follow each other, on the band of their bounds.
    fn run(&self, run: &[Point]) -> String {
        if let [point] = run {
            return self.whisker(point, "bounds");
        }
        let place = |point: &Point, value: f64| format!("{:.1} {:.1}", self.x(point.at), self.values.at(value));
        let bounds: Vec<_> = run.iter().filter_map(|point| Some((point, point.bounds?))).collect();
        let above = bounds.iter().map(|(point, (_, upper))| place(point, *upper));
        let below = bounds.iter().rev().map(|(point, (lower, _))| place(point, *lower));
        let band = above.chain(below).collect::<Vec<_>>().join("L");
        let line: Vec<_> = run.iter().filter_map(|point| Some(place(point, point.value?))).collect();
        let line = line.join("L");
        format!("<path class=\"band\" d=\"M{band}Z\"/>\n<path class=\"rate\" d=\"M{line}\"/>\n")
    }

    /// The bounds of a single point.
    fn whisker(&self, point: &Point, class: &str) -> String {
        let Some((lower, upper)) = point.bounds else {
            return String::new();
        };
        let (x, from, to) = (self.x(point.at), self.values.at(upper), self.values.at(lower));
        let words = escaped(&point.words);
        format!("<path class=\"{class}\" d=\"M{x:.1} {from:.1}V{to:.1}\"><title>{words}</title></path>\n")
    }

    fn dot(&self, point: &Point) -> String {
        let (x, y) = (self.x(point.at), self.values.at(point.value.unwrap_or_default()));
        let words = escaped(&point.words);
        let radius = if self.points.len() > 110 { 1.5 } else { 3.0 };
        format!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{words}</title></circle>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, Months};

    fn points(count: usize, every: Every) -> Vec<Point> {
        let first = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a Monday");
        let at = |place: u32| match every {
            Every::Week => first + Days::new(7 * u64::from(place)),
            Every::Month => first + Months::new(place),
        };
        let point = |place| Point { at: at(place), value: Some(0.0), bounds: Some((0.0, 0.5)), words: String::new() };
        (0..u32::try_from(count).expect("few")).map(point).collect()
    }

    fn drawn<T>(points: &[Point], every: Every, read: impl Fn(&Timeline) -> T) -> T {
        read(&Timeline::new(points, every, Axis::new((-1.0, 1.0), 1.0, Timeline::PIXELS), |level| level.to_string()))
    }

    #[test]
    fn dates_below_are_never_more_than_fit() {
        for count in [1, 2, 8, 9, 10, 26, 52, 53, 104, 120, 156, 260] {
            for every in [Every::Week, Every::Month] {
                let marks = drawn(&points(count, every), every, |line| line.marks());
                assert!((1..=13).contains(&marks.len()) && marks[0].2.len() == 4, "{count} {every:?}: {marks:?}");
            }
        }
    }

    #[test]
    fn months_are_named_and_weeks_dated() {
        let labels = |every| {
            let marks = drawn(&points(2, every), every, |line| line.marks());
            marks.into_iter().map(|mark| mark.1).collect::<Vec<_>>()
        };
        assert_eq!(labels(Every::Month), ["Jun", "Jul"]);
        assert_eq!(labels(Every::Week), ["1 Jun", "8 Jun"]);
    }

    #[test]
    fn what_is_missing_is_a_gap() {
        for every in [Every::Week, Every::Month] {
            let mut points = points(8, every);
            points.remove(5);
            points[2].value = None;
            let svg = drawn(&points, every, |line| line.svg("", "Nothing."));
            let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
            assert_eq!((count("rate"), count("band"), count("few"), count("dot")), (3, 3, 1, 6), "{svg}");
            assert!(svg.contains("class=\"zero\"") && !svg.contains("Nothing."), "{svg}");
        }
    }
}
