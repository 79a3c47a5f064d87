//! The shapes of calendars in the API.

use super::entity;
use crate::shared::body::TextFormats;
use crate::shared::change::Change;
use crate::shared::db::Stored;
use crate::shared::duration::Duration;
use crate::shared::id::CalendarId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use crate::shared::zone::ZoneName;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::DerivePartialModel;
use serde::{Deserialize, Serialize};

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A span of working hours that comes back every week.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct WorkingHours {
    /// The day.
    pub weekday: Weekday,
    /// When work begins, on the clock of the calendar's zone: `09:00`.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// When it ends: `17:00`; `24:00` is the end of the day.
    #[oai(validator(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))]
    pub to: String,
}

/// A day on which nobody works.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub on: NaiveDate,
    /// What it is.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
}

/// A time zone, weekly hours and holidays.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Calendar {
    /// Never changes.
    pub id: CalendarId,
    /// Name.
    pub name: String,
    /// The time zone of its clock (IANA).
    pub time_zone: ZoneName,
    /// When work is done, from Monday to Sunday.
    pub hours: Stored<Vec<WorkingHours>>,
    /// When it is not, by date.
    pub holidays: Stored<Vec<Holiday>>,
    /// Whether it stands wherever no calendar is named. One calendar at most does.
    pub is_default: bool,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A calendar to be made.
#[derive(Clone, Debug, Object)]
pub struct NewCalendar {
    /// Name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// The time zone of its clock (IANA). Upper and lower case are put right.
    pub time_zone: ZoneName,
    /// When work is done: one span at least, several a day are possible, none overlaps another.
    #[oai(validator(min_items = 1, max_items = 200))]
    pub hours: Vec<WorkingHours>,
    /// When it is not; every day once.
    #[oai(default, validator(max_items = 5000))]
    pub holidays: Vec<Holiday>,
}

/// A change of a calendar (JSON Merge Patch): lists are replaced as a whole.
#[derive(Clone, Debug, Default, Object)]
pub struct CalendarChange {
    /// Name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// The time zone of its clock (IANA). Upper and lower case are put right.
    pub time_zone: Change<ZoneName>,
    /// When work is done: one span at least, several a day are possible, none overlaps another.
    #[oai(validator(min_items = 1, max_items = 200))]
    pub hours: Change<Vec<WorkingHours>>,
    /// When it is not; every day once.
    #[oai(validator(max_items = 5000))]
    pub holidays: Change<Vec<Holiday>>,
}

/// Which calendars: all, in the order they were made.
#[derive(Debug, Clone, Object)]
pub struct CalendarQuery {
    #[oai(flatten)]
    pub paging: Paging,
}

/// Files of holidays.
pub struct HolidayFormats;

impl TextFormats for HolidayFormats {
    const MEDIA_TYPES: &'static [&'static str] = &["text/calendar", "text/csv"];
}

/// What becomes of the holidays that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum HolidayImportMode {
    /// They stay as they are.
    #[default]
    Merge,
    /// They are replaced by those of the file.
    Replace,
}

/// How holidays are imported.
#[derive(Debug, Clone, Object)]
pub struct HolidayImportQuery {
    /// Whether the file adds to the holidays that are there (`merge`) or takes their place (`replace`).
    #[oai(default)]
    pub mode: HolidayImportMode,
}

/// A line of the file that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: i64,
    /// Why.
    pub reason: String,
}

/// What an import of holidays did.
#[derive(Clone, Debug, PartialEq, Eq, Object, Serialize)]
pub struct ImportedHolidays {
    /// Days that are holidays now and were none before.
    pub added: i64,
    /// Days of the file that were holidays before.
    pub unchanged: i64,
    /// Days that are holidays no longer; only when they are replaced.
    pub removed: i64,
    /// Events and lines that were left out.
    pub skipped: i64,
    /// The first 100 of them.
    pub skipped_lines: Vec<SkippedLine>,
}

/// From when, and how much working time.
#[derive(Debug, Clone, Object)]
pub struct DueQuery {
    /// From this instant.
    pub from: Timestamp,
    /// So much working time (ISO 8601): `PT8H`.
    pub duration: Duration,
}

/// When an amount of working time has passed.
#[derive(Debug, Clone, Object, Serialize)]
pub struct DueTime {
    /// From this instant.
    pub from: Timestamp,
    /// So much working time.
    pub duration: Duration,
    /// The first instant by which it has passed.
    pub due_at: Timestamp,
}

/// From when to when.
#[derive(Debug, Clone, Object)]
pub struct ElapsedQuery {
    /// From this instant.
    pub from: Timestamp,
    /// To this one.
    pub to: Timestamp,
}

/// How much working time lies between two instants.
#[derive(Debug, Clone, Object, Serialize)]
pub struct ElapsedTime {
    /// From this instant.
    pub from: Timestamp,
    /// To this one.
    pub to: Timestamp,
    /// Working time in whole seconds; none when `to` is not later.
    pub elapsed: Duration,
}
