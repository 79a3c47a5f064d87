//! What can be imported.

use crate::parsed;
use crate::shared::error::{Error, Result};
use crate::shared::import::Importer;
use crate::{promises, suppliers};

pub const IMPORTERS: &[Importer] = &[suppliers::IMPORTER, suppliers::PEOPLE_IMPORTER, promises::COMMITMENTS];

/// How many there are at most in this list of names.
const NAMES: [&str; IMPORTERS.len()] = {
    let mut names = [""; IMPORTERS.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = IMPORTERS[place].kind;
        place += 1;
    }
    names
};

parsed!(
    /// What is imported.
    ImportKind, one_of: NAMES
);

impl ImportKind {
    pub fn importer(&self) -> Result<Importer> {
        find(self).ok_or_else(Error::not_found)
    }

    /// A kind by its name, from the command line.
    pub fn named(name: &str) -> Result<Self, String> {
        let known = || format!("what can be imported: {}", NAMES.join(", "));
        find(name).map(|importer| Self(importer.kind.to_owned())).ok_or_else(known)
    }
}

pub fn find(kind: &str) -> Option<Importer> {
    IMPORTERS.iter().find(|importer| importer.kind == kind).copied()
}
