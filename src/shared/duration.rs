//! `Duration`: whole seconds in the database, ISO 8601 in the API. A day is 24 hours and a week
//! seven days; months and years have no fixed length and are refused.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;

/// Weeks alone, or days, hours, minutes and seconds of which at least one is there.
pub const PATTERN: &str = "^P([0-9]{1,4}W|[0-9]{1,5}D|([0-9]{1,5}D)?T([0-9]{1,6}H|([0-9]{1,6}H)?[0-9]{1,7}M|([0-9]{1,6}H)?([0-9]{1,7}M)?[0-9]{1,9}S))$";

/// ISO 8601: `PT48H`, `P90D`, `PT15M`. Whole seconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Duration(i64);

impl Duration {
    pub fn of_seconds(seconds: i64) -> Self {
        Self(seconds.max(0))
    }

    pub const fn of_days(days: u32) -> Self {
        Self(days as i64 * 86_400)
    }

    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl std::str::FromStr for Duration {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span: jiff::Span = text.parse().map_err(|_| "not an ISO 8601 duration")?;
        let is_fixed = span.get_years() == 0 && span.get_months() == 0 && !span.is_negative();
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let hours = days * 24 + i64::from(span.get_hours());
        let seconds = (hours * 60 + span.get_minutes()) * 60 + span.get_seconds();
        is_fixed.then_some(Self(seconds)).ok_or("months and years have no fixed length")
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (days, hours) = (self.0 / 86_400, self.0 % 86_400 / 3_600);
        let (minutes, seconds) = (self.0 % 3_600 / 60, self.0 % 60);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if self.0 % 86_400 == 0 && days > 0 {
            return Ok(());
        }
        f.write_str("T")?;
        for (amount, unit) in [(hours, 'H'), (minutes, 'M')] {
            if amount > 0 {
                write!(f, "{amount}{unit}")?;
            }
        }
        match seconds {
            0 if self.0 > 0 => Ok(()),
            seconds => write!(f, "{seconds}S"),
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Type for Duration {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_duration".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let pattern = Some(PATTERN.to_owned());
        let schema = MetaSchema::new_with_format("string", "duration");
        MetaSchemaRef::Inline(Box::new(MetaSchema { pattern, max_length: Some(32), ..schema }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Duration {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        match value.as_str() {
            Some(text) => Self::parse_from_parameter(text),
            None => Err(ParseError::expected_type(value)),
        }
    }
}

impl ParseFromParameter for Duration {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        text.parse().map_err(ParseError::custom)
    }
}

impl ToJSON for Duration {
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds, shown) in [
            ("PT48H", 172_800, "P2D"),
            ("P90D", 7_776_000, "P90D"),
            ("P1W", 604_800, "P7D"),
            ("PT15M", 900, "PT15M"),
            ("P1DT15M", 87_300, "P1DT15M"),
            ("PT0S", 0, "PT0S"),
            ("PT90S", 90, "PT1M30S"),
        ] {
            let read: Duration = text.parse().expect("a duration");
            assert_eq!((read.seconds(), read.to_string().as_str()), (seconds, shown), "{text}");
        }
        for text in ["P1M", "P1Y", "", "P", "-PT1S"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0i64..8_000_000_000) {
            let duration = Duration::of_seconds(seconds);
            prop_assert_eq!(duration.to_string().parse::<Duration>().expect("a duration"), duration);
        }
    }
}
