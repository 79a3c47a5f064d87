//! Ranges of bytes (RFC 9110, section 14).

use std::ops::Range;

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    Part(Range<u64>),
    /// Nothing of it is there.
    Nothing,
}

/// One range of bytes; several, other units and what is none are ignored, as the standard allows.
pub fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some((first, last)) = header.and_then(bounds) else {
        return Wanted::Whole;
    };
    match (first, last) {
        (Some(first), Some(last)) if last < first => Wanted::Whole,
        (Some(first), _) if first >= size => Wanted::Nothing,
        (Some(first), last) => Wanted::Part(first..last.map_or(size, |last| size.min(last.saturating_add(1)))),
        (None, Some(0)) => Wanted::Nothing,
        (None, Some(length)) => Wanted::Part(size.saturating_sub(length)..size),
        (None, None) => Wanted::Whole,
    }
}

fn bounds(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = header.trim().split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // A number beyond all files stands for the end.
    let number = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX));
    (unit.trim().eq_ignore_ascii_case("bytes") && is_number(first) && is_number(last))
        .then(|| (number(first), number(last)))
}
