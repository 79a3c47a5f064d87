//! Reading holidays: iCalendar (RFC 5545) as public calendars have it, or lines of date and name.
//! What is not a whole day, or comes back in other ways than yearly, is skipped and reported; what
//! cannot be read is refused with its line.

use super::super::types::SkippedLine;
use super::{HolidayFile, MOST_HOLIDAYS};
use crate::shared::duration::Duration;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::text;
use chrono::{Datelike, NaiveDate};

const LONGEST_NAME: usize = 200;
/// An event of more days is no holiday.
const MOST_DAYS: i64 = 366;
/// As many days as are read at all, repeated ones too.
const MOST_READ: usize = 4 * MOST_HOLIDAYS;
const SHOWN: usize = 50;
/// What comes back yearly is entered for these years from the current one.
const YEARS: std::ops::RangeInclusive<i32> = -1..=10;

pub fn read_file(is_calendar: bool, content: &str, this_year: i32) -> Result<HolidayFile> {
    let mut reader = Reader { this_year, ..Reader::default() };
    let content = content.trim_start_matches('\u{feff}');
    if is_calendar {
        reader.calendar(content)
    } else {
        reader.table(content)
    }
    if reader.read > MOST_READ {
        return Err(Error::new(Code::RuleViolated, format!("The file holds more than {MOST_READ} days.")));
    }
    if !reader.wrong.is_empty() {
        let detail = format!("{} line(s) cannot be read.", reader.unread);
        return Err(Error::new(Code::RuleViolated, detail).fields(reader.wrong));
    }
    if reader.file.days.is_empty() && reader.file.skipped.is_empty() {
        return Err(Error::new(Code::RuleViolated, "There is no holiday in the file."));
    }
    Ok(reader.file)
}

#[derive(Default)]
struct Reader {
    this_year: i32,
    file: HolidayFile,
    /// The first of the lines that cannot be read.
    wrong: Vec<FieldError>,
    unread: usize,
    read: usize,
}

/// One property of an event: its line, name and value.
type Property = (usize, String, String);

impl Reader {
    fn wrong(&mut self, line: usize, detail: &str) {
        self.unread += 1;
        if self.wrong.len() == SHOWN {
            return;
        }
        let (code, detail) = (Code::RuleViolated.name().to_owned(), format!("Line {line}: {detail}"));
        self.wrong.push(FieldError { pointer: Some("#".to_owned()), code, detail, ..FieldError::default() });
    }

    fn skip(&mut self, line: usize, reason: &str) {
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        if self.file.skipped.last().is_none_or(|last| last.line != line) {
            self.file.skipped.push(SkippedLine { line, reason: reason.to_owned() });
        }
    }

    fn add(&mut self, line: usize, day: NaiveDate, name: &str) {
        self.read += 1;
        match self.file.days.contains_key(&day) {
            true => self.skip(line, "Another line has the same day."),
            false => _ = self.file.days.insert(day, name.to_owned()),
        }
    }

    fn table(&mut self, content: &str) {
        let lines = content.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        for (place, (at, line)) in lines.enumerate() {
            let (line, fields) = (at + 1, fields(line));
            match fields.as_deref() {
                Some([date, name]) if place == 0 && date == "date" && name == "name" => {}
                Some([date, name]) => match (day(&date.replace('-', "")).filter(|_| date.len() == 10), named(name)) {
                    (None, _) => self.wrong(line, "the date is not written as 2027-01-01."),
                    (_, None) => self.wrong(line, "the name has 1 to 200 characters."),
                    (Some(day), Some(name)) => self.add(line, day, &name),
                },
                _ => self.wrong(line, "not a date and a name with a comma between them."),
            }
        }
    }

    fn calendar(&mut self, content: &str) {
        let (mut event, mut inside): (Vec<Property>, Vec<String>) = (Vec::new(), Vec::new());
        for (line, text) in unfolded(content) {
            let Some((name, value)) = property(&text) else {
                self.wrong(line, "not a name and a value with a colon between them.");
                continue;
            };
            match name.as_str() {
                _ if inside.is_empty() && (name != "BEGIN" || !value.eq_ignore_ascii_case("VCALENDAR")) => {
                    return self.wrong(line, "a calendar begins with BEGIN:VCALENDAR.");
                }
                "BEGIN" => {
                    inside.push(value.to_ascii_uppercase());
                    if inside.last().is_some_and(|part| part == "VEVENT") {
                        event = vec![(line, name, value)];
                    }
                }
                "END" => match inside.pop() {
                    Some(part) if part == value.to_ascii_uppercase() => {
                        if part == "VEVENT" {
                            self.event(&event);
                        }
                    }
                    _ => return self.wrong(line, "it ends what was not begun."),
                },
                // What belongs to an alarm is not the event's.
                _ if inside.last().is_some_and(|part| part == "VEVENT") => event.push((line, name, value)),
                _ => {}
            }
            if self.read > MOST_READ {
                return;
            }
        }
        if !inside.is_empty() {
            self.wrong(content.lines().count(), "the calendar ends in the middle.");
        }
    }

    fn event(&mut self, event: &[Property]) {
        let get = |wanted: &str| event.iter().find(|(_, name, _)| name == wanted);
        let at = event.first().map_or(1, |(line, ..)| *line);
        let Some((line, _, start)) = get("DTSTART") else {
            return self.wrong(at, "the event has no DTSTART.");
        };
        if get("STATUS").is_some_and(|(_, _, status)| status.eq_ignore_ascii_case("CANCELLED")) {
            return self.skip(at, "It is cancelled.");
        }
        if let Some((line, name, _)) = event.iter().find(|(_, name, _)| name == "RDATE" || name == "EXDATE") {
            return self.skip(*line, &format!("{name} is not understood."));
        }
        if start.contains('T') {
            return self.skip(*line, "It is not about whole days.");
        }
        let Some(first) = day(start) else {
            return self.wrong(*line, "DTSTART is not a date.");
        };
        let length = match (get("DTEND"), get("DURATION")) {
            (Some((_, _, end)), _) => day(end).map(|end| (end - first).num_days()),
            (None, Some((_, _, length))) => length.parse::<Duration>().ok().map(|length| length.seconds() / 86_400),
            (None, None) => Some(1),
        };
        // Some programs write the day itself as its end.
        let Some(length) = length.map(|days| if days == 0 { 1 } else { days }).filter(|days| *days > 0) else {
            return self.wrong(at, "the event does not end after it begins.");
        };
        if length > MOST_DAYS {
            return self.skip(at, "It is longer than a year.");
        }
        let name = get("SUMMARY").map_or("Holiday".to_owned(), |(_, _, name)| unescaped(name));
        let Some(name) = named(&name) else {
            return self.wrong(at, "the SUMMARY has 1 to 200 characters.");
        };
        let begins = match get("RRULE") {
            None => vec![first],
            Some((line, _, rule)) => match yearly(rule, first, self.this_year) {
                Some(days) => days,
                None => return self.skip(*line, "It comes back in another way than yearly on the same day."),
            },
        };
        for begin in begins {
            let days = begin.iter_days().take(usize::try_from(length).unwrap_or(1));
            days.for_each(|day| self.add(at, day, &name));
        }
    }
}

/// When something comes back every year, in the years that are entered; nothing if by another rule.
fn yearly(rule: &str, first: NaiveDate, this_year: i32) -> Option<Vec<NaiveDate>> {
    let mut until = NaiveDate::MAX;
    let mut is_yearly = false;
    for part in rule.split(';') {
        let (name, value) = part.split_once('=')?;
        match name.to_ascii_uppercase().as_str() {
            "FREQ" if value.eq_ignore_ascii_case("YEARLY") => is_yearly = true,
            "UNTIL" => until = day(value.get(..8)?)?,
            "INTERVAL" if value == "1" => {}
            "BYMONTH" if value.parse() == Ok(first.month()) => {}
            "BYMONTHDAY" if value.parse() == Ok(first.day()) => {}
            "WKST" => {}
            _ => return None,
        }
    }
    let years = YEARS.map(|ahead| this_year + ahead).filter(|year| *year >= first.year());
    let days = years.filter_map(|year| first.with_year(year)).filter(|day| *day <= until);
    is_yearly.then(|| days.collect())
}

/// Lines as they were before they were folded, each with the number of its first one.
fn unfolded(content: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (at, line) in content.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => lines.push((at + 1, line.to_owned())),
        }
    }
    lines
}

/// `NAME;PARAMETER="a:b":value` without the parameters.
fn property(line: &str) -> Option<(String, String)> {
    let mut quoted = false;
    let colon = line.find(|letter| {
        quoted ^= letter == '"';
        letter == ':' && !quoted
    })?;
    let name = line[..colon].split(';').next()?.trim();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_name.then(|| (name.to_ascii_uppercase(), line[colon + 1..].trim().to_owned()))
}

fn unescaped(value: &str) -> String {
    let mut letters = value.chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') | None => ' ',
                Some(escaped) => escaped,
            },
            letter => letter,
        });
    }
    plain
}

/// `20270101`.
fn day(digits: &str) -> Option<NaiveDate> {
    let is_date = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| NaiveDate::parse_from_str(digits, "%Y%m%d").ok())?
}

fn named(name: &str) -> Option<String> {
    let name = text::normal(name.trim());
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    fits.then_some(name)
}

/// The fields of a line, where quotes hold commas and doubled quotes; nothing when a quote stays open.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                fields.last_mut()?.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => fields.last_mut()?.push(letter),
        }
    }
    let trimmed = fields.iter().map(|field| field.trim().to_owned()).collect();
    (!quoted).then_some(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(file: &HolidayFile) -> Vec<String> {
        file.days.iter().map(|(day, name)| format!("{day} {name}")).collect()
    }

    fn ics(events: &str) -> Result<HolidayFile> {
        let content = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
        read_file(true, &content, 2026)
    }

    #[test]
    fn events_of_a_calendar_are_read_with_folded_lines_and_exclusive_ends() {
        let file = ics("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n\
                        SUMMARY;LANGUAGE=\"x:y\":Christmas\\, both\r\n  days\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nEND:VEVENT\r\n");
        assert_eq!(days(&file.expect("read")), ["2026-12-25 Christmas, both days", "2026-12-26 Christmas, both days"]);
    }

    #[test]
    fn what_comes_back_yearly_is_entered_for_twelve_years() {
        let event =
            |rule: &str| ics(&format!("BEGIN:VEVENT\nDTSTART:20200229\nRRULE:{rule}\nEND:VEVENT\n")).expect("read");
        assert_eq!(days(&event("FREQ=YEARLY")), ["2028-02-29 Holiday", "2032-02-29 Holiday", "2036-02-29 Holiday"]);
        assert_eq!(days(&event("FREQ=YEARLY;UNTIL=20300101T000000Z")), ["2028-02-29 Holiday"]);
        for rule in ["FREQ=WEEKLY", "FREQ=YEARLY;BYDAY=1MO", "FREQ=YEARLY;COUNT=3", "FREQ=YEARLY;INTERVAL=2"] {
            let file = event(rule);
            assert_eq!((file.days.len(), file.skipped.len(), file.skipped[0].line), (0, 1, 5), "{rule}");
        }
        let file = ics("BEGIN:VEVENT\nDTSTART:20200501\nRRULE:FREQ=YEARLY\nEND:VEVENT\n").expect("read");
        assert_eq!(days(&file).len(), 12);
        assert_eq!(days(&file)[0], "2025-05-01 Holiday");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        for (events, line) in [
            ("BEGIN:VEVENT\nDTSTART:2026\nEND:VEVENT\n", 4),
            ("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", 3),
            ("BEGIN:VEVENT\nDTSTART:20260102\nDTEND:20260101\nEND:VEVENT\n", 3),
            ("BEGIN:VEVENT\nnonsense\nEND:VEVENT\n", 4),
            ("END:VEVENT\n", 3),
        ] {
            let error = ics(events).expect_err("refused");
            assert!(error.fields[0].detail.starts_with(&format!("Line {line}:")), "{events}: {error:?}");
        }
        let error = read_file(false, "date,name\n2026-01-01,New Year\n01.05.2026,May\n2026-13-01,x\n", 2026);
        let error = error.expect_err("refused");
        assert!(error.fields[0].detail.starts_with("Line 3:") && error.fields[1].detail.starts_with("Line 4:"));
        assert!(read_file(true, "2026-01-01,New Year", 2026).is_err());
        assert!(read_file(false, "", 2026).is_err());
    }

    #[test]
    fn lines_of_date_and_name_may_be_quoted() {
        let file = read_file(false, "\u{feff}date,name\r\n\r\n2026-01-01,\"New \"\"Year\"\", observed\"\r\n", 2026);
        assert_eq!(days(&file.expect("read")), ["2026-01-01 New \"Year\", observed"]);
    }

    #[test]
    fn a_calendar_of_endless_events_is_refused() {
        let event = "BEGIN:VEVENT\nDTSTART:20200101\nDTEND:20201231\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
        assert!(ics(&event.repeat(100)).is_err());
    }
}
