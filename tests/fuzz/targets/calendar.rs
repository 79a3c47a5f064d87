//! Working time added is the working time between, in any calendar; files of holidays are read or refused.

#![no_main]

use accord::calendars::{Holiday, Weekday, WorkingHours, WorkingTime, checked_holidays, checked_hours, read_file};
use accord::shared::duration::Duration;
use accord::shared::time::Timestamp;
use accord::shared::zone;
use arbitrary::Arbitrary;
use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use libfuzzer_sys::fuzz_target;

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "Pacific/Chatham",
];
const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    is_icalendar: bool,
    zone: u8,
    hours: Vec<(u8, u16, u16)>,
    holidays: Vec<u16>,
    from: u32,
    amount: u32,
    file: &'a str,
}

fn time(minute: u16) -> String {
    let minute = minute % 1441;
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 1, 1).expect("a day")
}

fn working_time(input: &Input) -> Option<WorkingTime> {
    let hours = input.hours.iter().map(|(day, from, to)| WorkingHours {
        weekday: DAYS[usize::from(*day) % 7],
        from: time(*from % 1440),
        to: time(*to),
    });
    let holidays = input
        .holidays
        .iter()
        .map(|day| Holiday { on: start() + Days::new(u64::from(*day) % 9000), name: "Holiday".to_owned() });
    let hours = checked_hours(&hours.collect::<Vec<_>>()).ok()?;
    let holidays = checked_holidays(&holidays.collect::<Vec<_>>()).ok()?;
    Some(WorkingTime::of_calendar(zone::known(ZONES[usize::from(input.zone) % ZONES.len()]), &hours, &holidays))
}

fuzz_target!(|input: Input| {
    if let Ok(file) = read_file(input.is_icalendar, input.file, 2026) {
        assert!(file.days.len() <= 20_000);
        assert!(file.days.values().all(|name| !name.is_empty() && name.chars().count() <= 200));
    }
    let Some(time) = working_time(&input) else { return };
    let from: Timestamp =
        DateTime::from_timestamp(i64::from(input.from % 900_000_000) + 1_230_768_000, 0).expect("an instant").into();
    let amount = Duration::of_seconds(i64::from(input.amount % 20_000_000));
    let Ok(by) = time.add(from, amount) else { return };
    assert!(by >= from);
    assert_eq!(time.between(from, by), amount, "{from:?} {by:?}");
    if by > from {
        let before = by.plus(TimeDelta::seconds(-1));
        assert!(
            amount.seconds() == 0 || time.between(from, before).seconds() < amount.seconds(),
            "not the first: {by:?}"
        );
    }
});
