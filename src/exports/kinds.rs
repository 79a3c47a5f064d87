//! What can be exported.

use crate::parsed;
use crate::shared::error::{Error, Result};
use crate::shared::export::Source;
use crate::{agreements, audit, calendars, imports, jobs, promises, suppliers, users};

pub const SOURCES: &[Source] = &[
    suppliers::EXPORT,
    suppliers::PEOPLE_EXPORT,
    suppliers::CREDENTIALS_EXPORT,
    users::EXPORT,
    users::API_KEYS_EXPORT,
    users::INVITATIONS_EXPORT,
    users::SESSIONS_EXPORT,
    calendars::EXPORT,
    agreements::EXPORT,
    agreements::STALE_EXPECTATIONS_EXPORT,
    promises::EXPORT,
    promises::COMMITMENTS_EXPORT,
    promises::EXCUSES_EXPORT,
    jobs::EXPORT,
    imports::EXPORT,
    audit::EXPORT,
];

const NAMES: [&str; SOURCES.len()] = {
    let mut names = [""; SOURCES.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = SOURCES[place].kind;
        place += 1;
    }
    names
};

parsed!(
    /// What is exported.
    ExportKind, one_of: NAMES
);

pub fn find(kind: &str) -> Result<Source> {
    SOURCES.iter().find(|source| source.kind == kind).copied().ok_or_else(Error::not_found)
}
