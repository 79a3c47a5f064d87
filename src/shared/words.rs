//! Numbers as people say them, for pages and pictures.

use chrono::NaiveDate;

/// `7 Mar 2026`.
pub fn date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `94.2 %`. What is not everything is never shown as 100 %, and what is something never as 0 %.
pub fn percent(share: f64) -> String {
    let shown = |decimals: usize| format!("{:.decimals$}", share * 100.0);
    let is_honest =
        |text: &String| (text.parse() != Ok(100.0) || share >= 1.0) && (text.parse() != Ok(0.0) || share <= 0.0);
    let text = (1..6).map(shown).find(is_honest).unwrap_or_else(|| shown(6));
    format!("{} %", without_zeros(&text))
}

/// `4.5`, `12`: a number with as many decimals as it has.
pub fn number(value: f64) -> String {
    without_zeros(&format!("{value:.6}")).to_owned()
}

fn without_zeros(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

/// `+0.36`, `-1.1`, `0`: what may be below zero, with so many decimals at most.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}");
    let text = if decimals > 0 { without_zeros(&text) } else { &text };
    if matches!(text, "+0" | "-0") { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_but_never_to_all_or_nothing() {
        for (share, said) in [
            (0.942, "94.2 %"),
            (0.95, "95 %"),
            (1.0, "100 %"),
            (0.99996, "99.996 %"),
            (0.0, "0 %"),
            (0.0002, "0.02 %"),
            (2.0 / 3.0, "66.7 %"),
        ] {
            assert_eq!(percent(share), said);
        }
    }

    #[test]
    fn what_may_be_below_zero_has_its_sign() {
        for (value, said) in [(0.364, "+0.36"), (-1.1, "-1.1"), (-0.001, "0"), (0.0, "0"), (40.0, "+40")] {
            assert_eq!(signed(value, 2), said);
        }
        assert_eq!((signed(-40.2, 0), signed(0.4, 0)), ("-40".to_owned(), "0".to_owned()));
    }
}
