//! When reviews are due. Pure: no HTTP, no SQL. Dates are civil dates: whoever asks decides in
//! which zone a day begins.

use super::types::{Cadence, CadenceUnit};
use crate::calendars::Weekday;
use crate::shared::error::{Code, Error, Result};
use chrono::{Datelike, Days, Months, NaiveDate};
use std::fmt;

impl Cadence {
    /// Refuses combinations that name no day; `pointer` is the member that holds it.
    pub fn check(&self, pointer: &str) -> Result<()> {
        let wrong =
            |member: &str, detail: &str| Err(Error::rule(Code::RuleViolated, &format!("{pointer}/{member}"), detail));
        match (self.unit, self.weekday, self.nth, self.day) {
            (CadenceUnit::Week, None, ..) => wrong("weekday", "Weeks need the day of the week."),
            (CadenceUnit::Week, _, Some(_), _) => wrong("nth", "Weeks have each weekday once."),
            (CadenceUnit::Week, _, _, Some(_)) => wrong("day", "Weeks take a weekday instead."),
            (CadenceUnit::Week, Some(_), None, None) => Ok(()),
            (_, _, Some(0), _) => wrong("nth", "There is no weekday number 0: 1 to 5, or -1 for the last one."),
            (_, Some(_), Some(_), None) | (_, None, None, Some(_)) => Ok(()),
            (_, Some(_), None, _) => wrong("nth", "Say which of these weekdays: 1 to 5, or -1 for the last one."),
            (_, None, Some(_), _) => wrong("weekday", "Say which day of the week is counted."),
            (_, Some(_), Some(_), Some(_)) => wrong("day", "Either a day of the month or a weekday."),
            (_, None, None, None) => {
                wrong("day", "Say on which day: a day of the month, or a weekday with its number.")
            }
        }
    }

    /// The first date after `after`, and not before `start`, from whose week or month the units
    /// are counted. `None` beyond the end of the calendar.
    pub fn next_after(&self, start: NaiveDate, after: NaiveDate) -> Option<NaiveDate> {
        let from = after.max(start.pred_opt()?);
        // The unit before the one `from` lies in is over; of the next two one comes later.
        let near = (self.units_between(start, from) - 1).max(0);
        (near..near + 4).filter_map(|number| self.date_in(start, number)).find(|date| *date > from)
    }

    /// All dates after `after`, in order.
    pub fn dates(&self, start: NaiveDate, after: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        std::iter::successors(self.next_after(start, after), move |last| self.next_after(start, *last))
    }

    fn months(&self) -> i64 {
        let months = match self.unit {
            CadenceUnit::Week => 0,
            CadenceUnit::Month => 1,
            CadenceUnit::Quarter => 3,
            CadenceUnit::Year => 12,
        };
        months * self.every
    }

    /// How many whole steps lie between the unit of `start` and the one of `date`.
    fn units_between(&self, start: NaiveDate, date: NaiveDate) -> i64 {
        match self.unit {
            CadenceUnit::Week => (date - monday(start)).num_days().div_euclid(7 * self.every.max(1)),
            _ => {
                let month = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
                (month(date) - month(start)).div_euclid(self.months().max(1))
            }
        }
    }

    /// The date in the `number`th step.
    fn date_in(&self, start: NaiveDate, number: i64) -> Option<NaiveDate> {
        if self.unit == CadenceUnit::Week {
            let days = number * 7 * self.every + i64::from(place(self.weekday?));
            return monday(start).checked_add_days(Days::new(u64::try_from(days).ok()?));
        }
        let first = start.with_day(1)?;
        let month = first.checked_add_months(Months::new(u32::try_from(number * self.months()).ok()?))?;
        let next = month.checked_add_months(Months::new(1))?;
        match (self.day, self.weekday, self.nth) {
            (Some(day), ..) => month.with_day(u32::try_from(day).ok()?).or_else(|| next.pred_opt()),
            (None, Some(weekday), Some(nth)) => {
                let ahead = (7 + place(weekday) - month.weekday().num_days_from_monday()) % 7;
                let days = (0..5)
                    .map(|week| u64::from(ahead) + 7 * week)
                    .filter_map(|days| month.checked_add_days(Days::new(days)));
                let days: Vec<_> = days.filter(|date| *date < next).collect();
                let wanted = usize::try_from(nth - 1).ok().and_then(|place| days.get(place));
                wanted.or(days.last()).copied()
            }
            _ => None,
        }
    }
}

fn monday(date: NaiveDate) -> NaiveDate {
    date - Days::new(u64::from(date.weekday().num_days_from_monday()))
}

fn place(weekday: Weekday) -> u32 {
    match weekday {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

/// `Every quarter, on the second Tuesday of its first month`
impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            CadenceUnit::Week => "week",
            CadenceUnit::Month => "month",
            CadenceUnit::Quarter => "quarter",
            CadenceUnit::Year => "year",
        };
        match self.every {
            1 => write!(f, "Every {unit}")?,
            every => write!(f, "Every {every} {unit}s")?,
        }
        let nth = match self.nth {
            Some(-1) => "the last ",
            Some(1) => "the first ",
            Some(2) => "the second ",
            Some(3) => "the third ",
            Some(4) => "the fourth ",
            Some(5) => "the fifth ",
            _ => "",
        };
        match (self.weekday, self.day) {
            (Some(weekday), _) => write!(f, ", on {nth}{weekday:?}")?,
            (None, Some(day)) => write!(f, ", on day {day}")?,
            (None, None) => {}
        }
        match self.unit {
            CadenceUnit::Quarter | CadenceUnit::Year => f.write_str(" of its first month"),
            CadenceUnit::Week | CadenceUnit::Month => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn cadence(unit: CadenceUnit, every: i64) -> Cadence {
        Cadence { unit, every, weekday: None, nth: None, day: None }
    }

    fn first(cadence: &Cadence, start: &str, many: usize) -> Vec<String> {
        let dates = cadence.dates(day(start), day(start).pred_opt().expect("a day before"));
        dates.take(many).map(|date| date.to_string()).collect()
    }

    #[test]
    fn cadences_are_said_in_words() {
        let said = |unit, every, weekday, nth, day| Cadence { unit, every, weekday, nth, day }.to_string();
        let (tuesday, week, month, year) =
            (Some(Weekday::Tuesday), CadenceUnit::Week, CadenceUnit::Month, CadenceUnit::Year);
        assert_eq!(said(week, 2, tuesday, None, None), "Every 2 weeks, on Tuesday");
        assert_eq!(said(month, 1, None, None, Some(31)), "Every month, on day 31");
        assert_eq!(said(month, 1, tuesday, Some(-1), None), "Every month, on the last Tuesday");
        assert_eq!(said(year, 1, tuesday, Some(2), None), "Every year, on the second Tuesday of its first month");
    }

    #[test]
    fn weeks_are_counted_from_the_one_in_which_it_starts() {
        let every_second = Cadence { weekday: Some(Weekday::Friday), ..cadence(CadenceUnit::Week, 2) };
        // 2026-11-25 is a Wednesday.
        assert_eq!(first(&every_second, "2026-11-25", 3), ["2026-11-27", "2026-12-11", "2026-12-25"]);
        assert_eq!(first(&every_second, "2026-11-28", 2), ["2026-12-11", "2026-12-25"]);
    }

    #[test]
    fn the_31st_is_the_last_day_of_a_shorter_month() {
        let monthly = Cadence { day: Some(31), ..cadence(CadenceUnit::Month, 1) };
        assert_eq!(
            first(&monthly, "2027-12-15", 5),
            ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
        );
    }

    #[test]
    fn weekdays_are_counted_in_the_first_month_of_the_unit() {
        let quarterly = Cadence { weekday: Some(Weekday::Tuesday), nth: Some(2), ..cadence(CadenceUnit::Quarter, 1) };
        assert_eq!(first(&quarterly, "2027-01-01", 3), ["2027-01-12", "2027-04-13", "2027-07-13"]);
        let last = Cadence { weekday: Some(Weekday::Monday), nth: Some(-1), ..cadence(CadenceUnit::Year, 1) };
        assert_eq!(first(&last, "2027-05-20", 2), ["2027-05-31", "2028-05-29"]);
        let fifth = Cadence { weekday: Some(Weekday::Monday), nth: Some(5), ..cadence(CadenceUnit::Month, 1) };
        assert_eq!(first(&fifth, "2027-02-01", 2), ["2027-02-22", "2027-03-29"]);
    }

    #[test]
    fn what_names_no_day_is_refused() {
        let week = cadence(CadenceUnit::Week, 1);
        let month = cadence(CadenceUnit::Month, 1);
        let monday = Some(Weekday::Monday);
        for wrong in [
            week.clone(),
            Cadence { weekday: monday, nth: Some(1), ..week.clone() },
            Cadence { weekday: monday, day: Some(3), ..week },
            month.clone(),
            Cadence { weekday: monday, ..month.clone() },
            Cadence { nth: Some(1), ..month.clone() },
            Cadence { weekday: monday, nth: Some(0), ..month.clone() },
            Cadence { weekday: monday, nth: Some(1), day: Some(1), ..month },
        ] {
            assert!(wrong.check("/cadence").is_err(), "{wrong:?}");
        }
    }

    fn any_cadence() -> impl Strategy<Value = Cadence> {
        let weekday = prop_oneof![
            Just(Weekday::Monday),
            Just(Weekday::Wednesday),
            Just(Weekday::Saturday),
            Just(Weekday::Sunday)
        ];
        let unit = prop_oneof![Just(CadenceUnit::Month), Just(CadenceUnit::Quarter), Just(CadenceUnit::Year)];
        prop_oneof![
            (weekday.clone(), 1i64..=60)
                .prop_map(|(weekday, every)| Cadence { weekday: Some(weekday), ..cadence(CadenceUnit::Week, every) }),
            (unit.clone(), 1i64..=20, 1i64..=31)
                .prop_map(|(unit, every, day)| Cadence { day: Some(day), ..cadence(unit, every) }),
            (unit, 1i64..=20, weekday, prop_oneof![Just(-1i64), 1i64..=5]).prop_map(|(unit, every, weekday, nth)| {
                Cadence { weekday: Some(weekday), nth: Some(nth), ..cadence(unit, every) }
            }),
        ]
    }

    fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0u64..40_000).prop_map(|days| day("1990-01-01") + Days::new(days))
    }

    proptest! {
        #[test]
        fn the_next_date_is_later_and_none_lies_between(
            cadence in any_cadence(), start in any_day(), gap in 0u64..3_000,
        ) {
            prop_assert!(cadence.check("").is_ok());
            let after = start + Days::new(gap);
            let next = cadence.next_after(start, after).expect("a date");
            prop_assert!(next > after && next >= start);
            // Asked on any day in between, it is the same one.
            let between = after + Days::new(u64::try_from((next - after).num_days()).expect("later") / 2);
            if between < next {
                prop_assert_eq!(cadence.next_after(start, between), Some(next));
            }
            let before = next.pred_opt().expect("a day before");
            prop_assert_eq!(cadence.next_after(start, before), Some(next));
        }

        #[test]
        fn dates_are_in_order_one_in_every_unit(cadence in any_cadence(), start in any_day()) {
            let dates: Vec<_> = cadence.dates(start, start).take(6).collect();
            prop_assert_eq!(dates.len(), 6);
            for pair in dates.windows(2) {
                let step = cadence.units_between(start, pair[1]) - cadence.units_between(start, pair[0]);
                prop_assert_eq!(step, 1);
            }
        }
    }
}
