//! A calendar in the form of RFC 5545. Pure: no HTTP, no SQL.

use crate::shared::time::Timestamp;
use chrono::NaiveDate;

/// A line holds so many bytes at most; what is longer goes on in the next one.
const LINE: usize = 75;

/// A day in a calendar.
pub struct Event {
    /// The same for ever.
    pub uid: String,
    pub on: NaiveDate,
    pub title: String,
    pub description: String,
    pub url: String,
    /// How often it was moved.
    pub moves: i64,
    pub is_cancelled: bool,
    pub changed_at: Timestamp,
}

pub fn calendar(name: &str, events: &[Event]) -> String {
    let mut text = String::new();
    let head =
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Accord//Reviews//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
    head.iter().for_each(|line| fold(&mut text, line));
    fold(&mut text, &format!("X-WR-CALNAME:{}", escaped(name)));
    fold(&mut text, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    events.iter().for_each(|event| add(&mut text, event));
    fold(&mut text, "END:VCALENDAR");
    text
}

fn add(text: &mut String, event: &Event) {
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let changed = event.changed_at.instant().format("%Y%m%dT%H%M%SZ").to_string();
    let lines = [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", escaped(&event.uid)),
        format!("DTSTAMP:{changed}"),
        format!("LAST-MODIFIED:{changed}"),
        format!("DTSTART;VALUE=DATE:{}", day(event.on)),
        format!("DTEND;VALUE=DATE:{}", day(event.on.succ_opt().unwrap_or(event.on))),
        format!("SEQUENCE:{}", event.moves),
        format!("SUMMARY:{}", escaped(&event.title)),
        format!("DESCRIPTION:{}", escaped(&event.description)),
        format!("URL:{}", event.url),
        format!("STATUS:{}", if event.is_cancelled { "CANCELLED" } else { "CONFIRMED" }),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
    ];
    lines.iter().for_each(|line| fold(text, line));
}

/// Text as a value: no line breaks, and nothing that separates values.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Writes a line, going on in the next one where it gets too long, never within a letter.
fn fold(text: &mut String, line: &str) {
    let mut width = 0;
    for letter in line.chars() {
        if width + letter.len_utf8() > LINE {
            text.push_str("\r\n ");
            width = 1;
        }
        text.push(letter);
        width += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader makes of it.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn values_cannot_leave_their_line() {
        assert_eq!(escaped("a;b,c\\d\r\nEND:VEVENT\u{7}"), "a\\;b\\,c\\\\d\\nEND:VEVENT");
    }

    proptest! {
        #[test]
        fn lines_are_short_and_say_the_same(line in "[^\r\n]{0,300}") {
            let mut text = String::new();
            fold(&mut text, &line);
            prop_assert!(text.split("\r\n").all(|part| part.len() <= LINE));
            prop_assert_eq!(unfolded(&text)[0].clone(), line);
        }
    }
}
