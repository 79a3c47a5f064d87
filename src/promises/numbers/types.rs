//! The shapes of numbers in the API.

use poem_openapi::Enum;
use serde::{Deserialize, Serialize};

/// Which commitments a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// All, also from before the promise was published.
    All,
    /// Those made within a published version.
    Promised,
}

/// What became of commitments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub kept: i64,
    /// Also those whose excuse is asked for but not granted.
    pub broken: i64,
    pub excused: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.kept += other.kept;
        self.broken += other.broken;
        self.excused += other.excused;
    }
}
