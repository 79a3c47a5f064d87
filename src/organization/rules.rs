//! What the settings of the organisation may be. Pure: no HTTP, no SQL.

use crate::shared::error::{Code, Error, Result};
use jiff::tz::TimeZone;

/// Entries of the database that stand for "not set".
const NOT_SET: [&str; 2] = ["Etc/Unknown", "Factory"];

/// The time zone as the database of the program writes it; the computer's own is not asked, so
/// that all instances agree.
pub fn time_zone(given: &str) -> Result<String> {
    let found = TimeZone::get(given).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    found.filter(|name| !NOT_SET.contains(&name.as_str())).ok_or_else(|| {
        Error::rule(Code::RuleViolated, "/time_zone", "There is no such time zone in the IANA database.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_known_by_name_in_any_case() {
        for (given, known) in [("UTC", "UTC"), ("europe/berlin", "Europe/Berlin"), ("Asia/Kolkata", "Asia/Kolkata")] {
            assert_eq!(time_zone(given).ok().as_deref(), Some(known));
        }
        for given in ["Europe/Nowhere", "CET+1", "Etc/Unknown", "localtime", "Factory", "posixrules", ""] {
            assert!(time_zone(given).is_err(), "{given}");
        }
    }
}
