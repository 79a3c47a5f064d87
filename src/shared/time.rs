//! `Timestamp`: an instant in UTC with milliseconds, the same in JSON, SQLite and PostgreSQL.

use chrono::{DateTime, Datelike, SecondsFormat, SubsecRound, TimeDelta, Utc};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;

/// RFC 3339, UTC, milliseconds: `2026-11-21T19:06:57.200Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, DeriveValueType)]
#[serde(from = "DateTime<Utc>")]
pub struct Timestamp(chrono::DateTime<Utc>);

impl Timestamp {
    pub fn instant(self) -> DateTime<Utc> {
        self.0
    }

    pub fn plus(self, by: TimeDelta) -> Self {
        Self(self.0 + by)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(3))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Type for Timestamp {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_date-time".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Timestamp {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        match value.as_str() {
            Some(text) => Self::parse_from_parameter(text),
            None => Err(ParseError::expected_type(value)),
        }
    }
}

impl ParseFromParameter for Timestamp {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        let instant = DateTime::parse_from_rfc3339(value).map_err(ParseError::custom)?.with_timezone(&Utc);
        match instant.year() {
            1..=9999 => Ok(instant.into()),
            _ => Err(ParseError::custom("not in the years 1 to 9999")),
        }
    }
}

impl ToJSON for Timestamp {
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.to_string().into())
    }
}
