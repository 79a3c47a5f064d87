//! The kept rate by week as an SVG picture: one page of code instead of a charting library, whose
//! pictures know neither weeks without a rate nor bounds, titles and colour schemes. Pure.

use super::plot::{BOTTOM, HEIGHT, LEFT, Plot, RIGHT, TOP, WIDTH};
use crate::promises::numbers::KeptRateStep;
use crate::promises::words::{date, percent};
use crate::shared::stats::{MIN_N, Z_TWO_SIDED, wilson};
use chrono::NaiveDate;
use std::fmt::Write;

/// How many columns of text fit on the first line.
const LONGEST_HEADING: usize = 78;

/// Everything is below one class, so that the picture can stand inside a page.
const STYLE: &str = "\
.kept-rate{color:#1f2328;font:12px system-ui,sans-serif;--ground:#fff;--quiet:#57606a;--grid:#d8dee4;--rate:#1f5fbf;--goal:#b45309}
@media (prefers-color-scheme:dark){.kept-rate{color:#e6edf3;--ground:#0d1117;--quiet:#9da7b1;--grid:#30363d;--rate:#79b8ff;--goal:#f0b429}}
.kept-rate text{fill:currentColor}
.kept-rate .heading{font-size:15px;font-weight:600}
.kept-rate .quiet{fill:var(--quiet)}
.kept-rate .ground{fill:var(--ground)}
.kept-rate .grid{stroke:var(--grid)}
.kept-rate .goal{stroke:var(--goal);stroke-width:1.5;stroke-dasharray:6 4}
.kept-rate .promised{fill:var(--goal);font-weight:600}
.kept-rate .band{fill:var(--rate);opacity:.2}
.kept-rate .bounds{stroke:var(--rate);stroke-width:5;opacity:.2}
.kept-rate .few{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:1 3;stroke-linecap:round}
.kept-rate .rate{fill:none;stroke:var(--rate);stroke-width:2;stroke-linejoin:round}
.kept-rate .dot{fill:var(--rate)}
.kept-rate .empty{stroke:var(--ground);stroke-width:8;paint-order:stroke}";

/// What was counted in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its Monday, or the first day of a window that begins later.
    pub week_start: NaiveDate,
    /// How many were kept.
    pub k: i64,
    /// How many count.
    pub n: i64,
}

impl From<KeptRateStep> for Point {
    fn from(step: KeptRateStep) -> Self {
        Self { week_start: step.from, k: step.rate.k, n: step.rate.n }
    }
}

impl Point {
    pub fn value(&self) -> Option<f64> {
        (self.n >= MIN_N).then(|| self.k as f64 / self.n as f64)
    }

    pub fn bounds(&self) -> Option<(f64, f64)> {
        wilson(self.k, self.n, Z_TWO_SIDED)
    }

    pub fn words(&self) -> String {
        let start = format!("Week of {}: {} of {} kept", date(self.week_start), self.k, self.n);
        let (lower, upper) = self.bounds().unwrap_or((0.0, 1.0));
        let bounds = format!("between {} and {}", percent(lower), percent(upper));
        match self.value() {
            Some(value) => format!("{start}, {}, {bounds}", percent(value)),
            None => format!("{start}, too few for a rate, {bounds}"),
        }
    }
}

/// The picture. `points` are in the order of time; weeks that are missing or in which too little
/// happened are gaps in the line, never a zero.
pub fn kept_rate_chart(title: &str, points: &[Point], target: f64) -> String {
    let plot = Plot::of(points, target);
    let mut svg = String::with_capacity(4_096 + 400 * points.len());
    svg.push_str(&head(title, &story(points, target)));
    svg.push_str(&plot.axes(points));
    for point in points.iter().filter(|point| point.value().is_none()) {
        svg.push_str(&plot.whisker(point, "few"));
    }
    let weeks = runs(points);
    for run in &weeks {
        svg.push_str(&plot.run(run));
    }
    svg.push_str(&plot.goal(target));
    for point in weeks.iter().copied().flatten() {
        svg.push_str(&plot.dot(point, points.len()));
    }
    if weeks.is_empty() {
        let (x, y) = (LEFT + (WIDTH - LEFT - RIGHT) / 2.0, TOP + (HEIGHT - TOP - BOTTOM) / 2.0);
        let _ = writeln!(
            svg,
            r#"<text class="empty" x="{x:.1}" y="{y:.1}" text-anchor="middle">No week has {MIN_N} occasions yet: there is no rate to show.</text>"#
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn head(title: &str, story: &str) -> String {
    let (name, story, heading) = (escaped(title), escaped(story), escaped(&shortened(title)));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="kept-rate" role="img" aria-labelledby="kept-rate-title kept-rate-story" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<title id="kept-rate-title">Kept rate by week: {name}</title>
<desc id="kept-rate-story">{story}</desc>
<style>{STYLE}</style>
<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
<text class="heading" x="16" y="28">{heading}</text>
<path class="rate" d="M16 50h20"/><circle class="dot" cx="26" cy="50" r="3"/><text x="42" y="54">kept, by week</text>
<rect class="band" x="138" y="44" width="20" height="12"/><text x="164" y="54">95 % bounds</text>
<path class="goal" d="M252 50h20"/><text x="278" y="54">promised</text>
<path class="few" d="M348 43v14"/><text x="358" y="54">bounds of a week with fewer than {MIN_N} occasions</text>
"#
    )
}

/// What the picture shows, for those who cannot see it.
fn story(points: &[Point], target: f64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return format!("Nothing was counted yet. Promised: {}.", percent(target));
    };
    let (k, n) = points.iter().fold((0, 0), |(k, n), point| (k + point.k, n + point.n));
    let mut story = format!(
        "Weeks of {} to {}. Promised: {}. In all {k} of {n} kept",
        date(first.week_start),
        date(last.week_start),
        percent(target)
    );
    if let (Some((lower, upper)), true) = (wilson(k, n, Z_TWO_SIDED), n >= MIN_N) {
        let _ = write!(story, ", {}, between {} and {}", percent(k as f64 / n as f64), percent(lower), percent(upper));
    }
    let rated: Vec<_> = points.iter().filter_map(|point| Some((point, point.value()?))).collect();
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

/// Weeks with a rate that follow each other.
fn runs(points: &[Point]) -> Vec<&[Point]> {
    let is_rated = |point: &Point| point.value().is_some();
    points
        .chunk_by(|a, b| is_rated(a) == is_rated(b) && (b.week_start - a.week_start).num_days() <= 7)
        .filter(|run| run.iter().all(is_rated))
        .collect()
}

/// As much as fits on the first line; wide letters take two columns.
fn shortened(text: &str) -> String {
    let columns = |letter: char| if letter >= '\u{1100}' { 2 } else { 1 };
    if text.chars().map(columns).sum::<usize>() <= LONGEST_HEADING {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |letter: &char| {
        used += columns(*letter);
        used < LONGEST_HEADING
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// Safe inside XML, which has no way to write most control characters.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push(' '),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn monday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date")
    }

    fn weeks(counts: &[(i64, i64)]) -> Vec<Point> {
        let start = |week: usize| monday() + Days::new(7 * week as u64);
        counts.iter().enumerate().map(|(week, &(k, n))| Point { week_start: start(week), k, n }).collect()
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
    fn texts_can_neither_break_the_picture_nor_run() {
        let svg = kept_rate_chart("</title><script>alert(1)</script> & \"co\"\u{1}\u{ffff}", &weeks(&[(10, 10)]), 0.9);
        assert!(!svg.contains("<script") && !svg.contains('\u{1}') && !svg.contains('\u{ffff}'), "{svg}");
        assert!(svg.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;"), "{svg}");
    }

    #[test]
    fn a_long_title_is_cut_where_it_is_seen_and_whole_where_it_is_read() {
        let title = "A very long wording of a promise. ".repeat(10);
        let svg = kept_rate_chart(&title, &weeks(&[(10, 10)]), 0.9);
        assert!(svg.contains(title.as_str()) && svg.contains("…</text>"), "{svg}");
        assert!(shortened(&"長".repeat(100)).chars().count() < 40);
    }

    #[test]
    fn the_scale_reaches_down_to_what_is_shown() {
        let floor = |counts: &[(i64, i64)], target| Plot::of(&weeks(counts), target).floor;
        assert_eq!(floor(&[(998, 1_000)], 0.99), 90);
        assert_eq!(floor(&[(470, 500)], 0.85), 75);
        assert_eq!(floor(&[(47, 50)], 0.6), 50);
        assert_eq!(floor(&[(1, 50)], 0.95), 0);
    }

    #[test]
    fn dates_below_are_never_more_than_fit() {
        for weeks_shown in [1, 2, 8, 9, 10, 26, 52, 53, 104, 156, 260] {
            let points = weeks(&vec![(10, 10); weeks_shown]);
            let marks = Plot::of(&points, 0.9).marks(&points);
            assert!((1..=13).contains(&marks.len()), "{weeks_shown}: {marks:?}");
            assert_eq!(marks[0].2.len(), 4, "the first has its year");
        }
    }

    proptest! {
        #[test]
        fn everything_stays_inside(counts in proptest::collection::vec((0i64..=60, 0i64..=60), 0..261), target in 0.01f64..=1.0) {
            let counts: Vec<_> = counts.into_iter().map(|(a, b)| (a.min(b), b)).collect();
            let points = weeks(&counts);
            let plot = Plot::of(&points, target);
            let rated = points.iter().filter(|point| point.value().is_some()).count();
            let svg = kept_rate_chart("Delivery", &points, target);
            prop_assert_eq!(count(&svg, "class=\"dot\""), rated);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
            for point in &points {
                let (x, y) = (plot.x(point.week_start), plot.y(point.value().unwrap_or(target)));
                prop_assert!((LEFT..=WIDTH - RIGHT).contains(&x) && (TOP..=HEIGHT - BOTTOM).contains(&y));
            }
            prop_assert_eq!(&svg, &kept_rate_chart("Delivery", &points, target));
        }
    }
}
