//! How many gave which number.

use super::{days, told, variant};
use crate::feedback::numbers::{FeedbackNumbers, ItemNumber};
use crate::shared::chart::{BOTTOM, HEIGHT, LEFT, Picture, RIGHT, TOP, WIDTH, note};
use crate::shared::words::percent;
use crate::surveys::ScaleDirection;
use std::fmt::Write;

/// Between a bar and its neighbours.
const SPACE: f64 = 0.2;
/// For the count above the highest bar.
const HEADROOM: f64 = 16.0;

pub fn distribution_chart(found: &FeedbackNumbers, item: &str) -> String {
    let asked = found.items.iter().filter(|number| number.item == item).max_by_key(|number| number.score.n);
    let title = format!("How many gave which number: {item}");
    let (says, body) = match asked {
        Some(of) => (says(of), bars(of)),
        None => ("no answers".to_owned(), note("Nobody has given this a number yet.")),
    };
    Picture {
        name: "distribution",
        title: &title,
        story: &story(found, asked, &says),
        heading: &title,
        legend: &[("", says.clone())],
        body: &body,
    }
    .svg()
}

/// `160 answers, share of the two best: 80 %, between 73.1 % and 85.5 %`.
fn says(of: &ItemNumber) -> String {
    let (name, say) = variant(of.variant);
    format!("{} answers; {name}: {}", of.score.n, told(&of.score, say))
}

fn story(found: &FeedbackNumbers, asked: Option<&ItemNumber>, says: &str) -> String {
    let mut story = format!("{}: {says}.", days(found.window));
    let Some(of) = asked else {
        return story;
    };
    let best = match of.direction {
        ScaleDirection::HigherIsBetter => of.max,
        ScaleDirection::LowerIsBetter => of.min,
    };
    let _ = write!(story, " {} Scale of {} to {}, {best} is the best.", of.score.definition, of.min, of.max);
    for bin in &of.distribution {
        let _ = write!(story, " {}: {}.", range(bin.from, bin.to), bin.count);
    }
    story
}

fn range(from: i64, to: i64) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

fn bars(of: &ItemNumber) -> String {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let (all, most) = of.distribution.iter().fold((0, 1), |(all, most), bin| (all + bin.count, most.max(bin.count)));
    let width = (right - LEFT) / of.distribution.len().max(1) as f64;
    let mut svg = format!("<path class=\"zero\" d=\"M{LEFT} {bottom}H{right}\"/>\n");
    for (place, bin) in of.distribution.iter().enumerate() {
        let start = LEFT + width * place as f64;
        let (x, wide, middle) = (start + width * SPACE / 2.0, width * (1.0 - SPACE), start + width / 2.0);
        let height = (bottom - TOP - HEADROOM) * bin.count as f64 / most as f64;
        let (y, count, numbers) = (bottom - height, bin.count, range(bin.from, bin.to));
        let (above, below, share) = (y - 6.0, bottom + 19.0, percent(count as f64 / all.max(1) as f64));
        let short = numbers.replace(" to ", "–");
        let _ = writeln!(
            svg,
            r#"<g><title>{numbers}: {count} of {all}, {share}</title><rect class="dot" x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{height:.1}"/><text x="{middle:.1}" y="{above:.1}" text-anchor="middle">{count}</text><text class="quiet" x="{middle:.1}" y="{below}" text-anchor="middle">{short}</text></g>"#
        );
    }
    svg
}
