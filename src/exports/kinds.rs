//! What can be exported.

use crate::agreements::{EXPORT as AGREEMENTS, STALE_EXPECTATIONS_EXPORT as STALE_EXPECTATIONS};
use crate::audit::EXPORT as AUDIT_EVENTS;
use crate::calendars::EXPORT as CALENDARS;
use crate::imports::EXPORT as IMPORTS;
use crate::jobs::EXPORT as JOBS;
use crate::parsed;
use crate::promises::{COMMITMENTS_EXPORT as COMMITMENTS, EXCUSES_EXPORT as EXCUSES, EXPORT as PROMISES};
use crate::shared::error::{Error, Result};
use crate::shared::export::Source;
use crate::suppliers::{CREDENTIALS_EXPORT as CREDENTIALS, EXPORT as SUPPLIERS, PEOPLE_EXPORT as PEOPLE};
use crate::users::{
    API_KEYS_EXPORT as API_KEYS, EXPORT as USERS, INVITATIONS_EXPORT as INVITATIONS, SESSIONS_EXPORT as SESSIONS,
};

pub const SOURCES: &[Source] = &[
    SUPPLIERS,
    PEOPLE,
    CREDENTIALS,
    USERS,
    API_KEYS,
    INVITATIONS,
    SESSIONS,
    CALENDARS,
    AGREEMENTS,
    STALE_EXPECTATIONS,
    PROMISES,
    COMMITMENTS,
    EXCUSES,
    JOBS,
    IMPORTS,
    AUDIT_EVENTS,
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
