//! What can be exported.

use crate::parsed;
use crate::shared::error::{Error, Result};
use crate::shared::export::Source;
use crate::{audit, suppliers, users};

pub const SOURCES: &[Source] = &[suppliers::EXPORT, users::EXPORT, users::API_KEYS_EXPORT, audit::EXPORT];

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
