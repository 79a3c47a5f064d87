//! The kept rate by week, as a picture. Pure: no HTTP, no SQL.

use crate::promises::numbers::KeptRateStep;
use crate::shared::chart::{Axis, BAND, Every, FEW, LEFT, LINE, Picture, Point, RIGHT, Timeline, WIDTH};
use crate::shared::stats::{MIN_N, Z_TWO_SIDED, wilson};
use crate::shared::words::{date, number, percent};
use chrono::NaiveDate;
use std::fmt::Write;

const GOAL: &str = r#"<path class="goal" d="M0 50h20"/>"#;

/// What was counted in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, or the first day of a window that begins later.
    pub week_start: NaiveDate,
    /// How many were kept.
    pub k: i64,
    /// How many count.
    pub n: i64,
}

impl From<KeptRateStep> for Week {
    fn from(step: KeptRateStep) -> Self {
        Self { week_start: step.from, k: step.rate.k, n: step.rate.n }
    }
}

impl Week {
    fn value(&self) -> Option<f64> {
        (self.n >= MIN_N).then(|| self.k as f64 / self.n as f64)
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        wilson(self.k, self.n, Z_TWO_SIDED)
    }

    fn point(&self) -> Point {
        Point {
            at: self.week_start,
            value: self.value().map(|share| share * 100.0),
            bounds: self.bounds().map(|(lower, upper)| (lower * 100.0, upper * 100.0)),
            words: self.words(),
        }
    }

    fn words(&self) -> String {
        let start = format!("Week of {}: {} of {} kept", date(self.week_start), self.k, self.n);
        let (lower, upper) = self.bounds().unwrap_or((0.0, 1.0));
        let bounds = format!("between {} and {}", percent(lower), percent(upper));
        match self.value() {
            Some(value) => format!("{start}, {}, {bounds}", percent(value)),
            None => format!("{start}, too few for a rate, {bounds}"),
        }
    }
}

/// The picture. `weeks` are in the order of time.
pub fn kept_rate_chart(title: &str, weeks: &[Week], target: f64) -> String {
    let axis = axis(weeks, target);
    let points: Vec<_> = weeks.iter().map(Week::point).collect();
    let line = Timeline::new(&points, Every::Week, axis, |level| format!("{} %", number(level)));
    let nothing = format!("No week has {MIN_N} occasions yet: there is no rate to show.");
    Picture {
        name: "kept-rate",
        title: &format!("Kept rate by week: {title}"),
        story: &story(weeks, target),
        heading: title,
        legend: &[
            (LINE, "kept, by week".to_owned()),
            (BAND, "95 % bounds".to_owned()),
            (GOAL, "promised".to_owned()),
            (FEW, format!("bounds of a week with fewer than {MIN_N} occasions")),
        ],
        body: &line.svg(&goal(&axis, target), &nothing),
    }
    .svg()
}

/// In percent, down to what is shown.
fn axis(weeks: &[Week], target: f64) -> Axis {
    let bounds = weeks.iter().filter(|week| week.value().is_some()).filter_map(Week::bounds);
    let lowest = bounds.fold(target, |lowest, (lower, _)| lowest.min(lower)) * 100.0;
    let spans = [(90.0, 2.0), (75.0, 5.0), (50.0, 10.0)];
    let (floor, step) = spans.into_iter().find(|(floor, _)| lowest > *floor).unwrap_or((0.0, 20.0));
    Axis::new((floor, 100.0), step, Timeline::PIXELS)
}

fn goal(axis: &Axis, target: f64) -> String {
    let (y, right, said) = (axis.at(target * 100.0), WIDTH - RIGHT, percent(target));
    let (x, below) = (right + 6.0, y + 4.0);
    format!(
        "<path class=\"goal\" d=\"M{LEFT} {y:.1}H{right}\"/><text class=\"promised\" x=\"{x}\" y=\"{below:.1}\">{said}</text>\n"
    )
}

/// What the picture shows, for those who cannot see it.
fn story(weeks: &[Week], target: f64) -> String {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
        return format!("Nothing was counted yet. Promised: {}.", percent(target));
    };
    let (k, n) = weeks.iter().fold((0, 0), |(k, n), point| (k + point.k, n + point.n));
    let mut story = format!(
        "Weeks of {} to {}. Promised: {}. In all {k} of {n} kept",
        date(first.week_start),
        date(last.week_start),
        percent(target)
    );
    if let (Some((lower, upper)), true) = (wilson(k, n, Z_TWO_SIDED), n >= MIN_N) {
        let _ = write!(story, ", {}, between {} and {}", percent(k as f64 / n as f64), percent(lower), percent(upper));
    }
    let rated: Vec<_> = weeks.iter().filter_map(|point| Some((point, point.value()?))).collect();
    let reached = rated.iter().filter(|(_, value)| *value >= target).count();
    let _ = match rated.len() {
        0 => write!(story, ". No week has {MIN_N} occasions, so none has a rate."),
        all => write!(story, ". {reached} of {all} weeks with at least {MIN_N} occasions reached what is promised."),
    };
    let worst = rated.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some((worst, _)), Some((latest, _)), true) = (worst, rated.last(), rated.len() > 1) {
        let _ = write!(story, " Lowest: {}. Latest: {}.", worst.words(), latest.words());
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::chart::strays;
    use chrono::Days;
    use proptest::prelude::*;

    fn monday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date")
    }

    fn weeks(counts: &[(i64, i64)]) -> Vec<Week> {
        let start = |week: usize| monday() + Days::new(7 * week as u64);
        counts.iter().enumerate().map(|(week, &(k, n))| Week { week_start: start(week), k, n }).collect()
    }

    fn count(svg: &str, part: &str) -> usize {
        // Without the legend, which stands first.
        svg.split_once("occasions</text>").map_or(0, |(_, picture)| picture.matches(part).count())
    }

    #[test]
    fn weeks_with_too_few_occasions_are_gaps_and_no_zeros() {
        let svg = kept_rate_chart("Delivery", &weeks(&[(47, 50), (48, 50), (0, 4), (0, 0), (45, 50), (50, 50)]), 0.95);
        assert_eq!(count(&svg, "class=\"rate\""), 2, "two lines with a gap: {svg}");
        assert_eq!((count(&svg, "class=\"band\""), count(&svg, "class=\"dot\"")), (2, 4));
        assert_eq!(count(&svg, "class=\"few\""), 1, "only the week in which something happened");
        assert!(svg.contains("Week of 19 Jan 2026: 0 of 4 kept, too few for a rate"), "{svg}");
        assert!(!svg.contains("Week of 26 Jan 2026"), "{svg}");
    }

    #[test]
    fn a_missing_week_is_a_gap_too() {
        let mut points = weeks(&[(47, 50), (48, 50), (49, 50), (49, 50)]);
        points.remove(2);
        let svg = kept_rate_chart("Delivery", &points, 0.95);
        assert_eq!((count(&svg, "class=\"rate\""), count(&svg, "class=\"bounds\"")), (1, 1), "{svg}");
    }

    #[test]
    fn the_story_is_told_in_words() {
        let svg = kept_rate_chart("Delivery", &weeks(&[(50, 50), (40, 50), (3, 4), (48, 50)]), 0.95);
        let story = "Weeks of 5 Jan 2026 to 26 Jan 2026. Promised: 95 %. In all 141 of 154 kept, 91.6 %, \
                     between 86.1 % and 95 %. 2 of 3 weeks with at least 10 occasions reached what is promised. \
                     Lowest: Week of 12 Jan 2026: 40 of 50 kept, 80 %, between 67 % and 88.8 %. \
                     Latest: Week of 26 Jan 2026: 48 of 50 kept, 96 %, between 86.5 % and 98.9 %.";
        assert!(svg.contains(&format!("<desc id=\"kept-rate-story\">{story}</desc>")), "{svg}");
        assert!(svg.contains("role=\"img\" aria-labelledby=\"kept-rate-title kept-rate-story\""), "{svg}");
    }

    #[test]
    fn nothing_or_too_little_says_so() {
        for points in [weeks(&[]), weeks(&[(3, 3)]), weeks(&[(0, 0), (9, 9)])] {
            let svg = kept_rate_chart("Delivery", &points, 0.95);
            assert!(svg.contains("there is no rate to show"), "{svg}");
            assert_eq!(count(&svg, "class=\"dot\""), 0);
        }
    }

    #[test]
    fn the_scale_reaches_down_to_what_is_shown() {
        let floor = |counts: &[(i64, i64)], target| axis(&weeks(counts), target).floor;
        assert_eq!(floor(&[(998, 1_000)], 0.99), 90.0);
        assert_eq!(floor(&[(470, 500)], 0.85), 75.0);
        assert_eq!(floor(&[(47, 50)], 0.6), 50.0);
        assert_eq!(floor(&[(1, 50)], 0.95), 0.0);
    }

    proptest! {
        #[test]
        fn everything_stays_inside(counts in proptest::collection::vec((0i64..=60, 0i64..=60), 0..261), target in 0.01f64..=1.0) {
            let counts: Vec<_> = counts.into_iter().map(|(a, b)| (a.min(b), b)).collect();
            let points = weeks(&counts);
            let rated = points.iter().filter(|point| point.value().is_some()).count();
            let svg = kept_rate_chart("Delivery", &points, target);
            prop_assert_eq!(count(&svg, "class=\"dot\""), rated);
            prop_assert_eq!(strays(&svg), Vec::<String>::new());
            prop_assert_eq!(&svg, &kept_rate_chart("Delivery", &points, target));
        }
    }
}
