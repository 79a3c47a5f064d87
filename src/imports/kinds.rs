//! What can be imported.

use crate::feedback::IMPORTER as FEEDBACK;
use crate::parsed;
use crate::promises::COMMITMENTS;
use crate::shared::error::{Error, Result};
use crate::shared::import::Importer;
use crate::suppliers::{IMPORTER as SUPPLIERS, PEOPLE_IMPORTER as PEOPLE};

pub const IMPORTERS: &[Importer] = &[SUPPLIERS, PEOPLE, COMMITMENTS, FEEDBACK];

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
