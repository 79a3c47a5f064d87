//! From numbers to pictures. Pure: no HTTP, no SQL.

mod distribution;
mod gap;
mod nps;

pub use distribution::distribution_chart;
pub use gap::gap_chart;
pub use nps::nps_chart;

use crate::shared::stats::{Figure, Window};
use crate::shared::words::{date, number, percent, signed};
use crate::surveys::Variant;

fn days(window: Window) -> String {
    format!("{} to {}", date(window.from), date(window.to))
}

/// With two decimals at most.
fn rounded(value: f64) -> String {
    number((value * 100.0).round() / 100.0)
}

fn gap(value: f64) -> String {
    signed(value, 2)
}

fn score(value: f64) -> String {
    signed(value, 1)
}

/// `80 %, between 73.1 % and 85.5 %`, or that it cannot be told.
fn told(figure: &Figure, say: impl Fn(f64) -> String) -> String {
    match (figure.value, figure.lower, figure.upper) {
        (Some(value), Some(lower), Some(upper)) => {
            format!("{}, between {} and {}", say(value), say(lower), say(upper))
        }
        (Some(value), ..) => say(value),
        (None, ..) => format!("too few answers for a number (fewer than {})", figure.min_n),
    }
}

/// What a variant is called, and how its numbers are said.
fn variant(variant: Variant) -> (&'static str, fn(f64) -> String) {
    match variant {
        Variant::Top2 => ("share of the two best", percent),
        Variant::Top1 => ("share of the best", percent),
        Variant::Mean => ("mean", rounded),
        Variant::ShareOfPossible => ("share of the possible", percent),
        Variant::Nps0To10 => ("net promoter score, 0-10", score),
        Variant::Nps1To10 => ("net promoter score, 1-10", score),
    }
}

#[cfg(test)]
mod tests;
