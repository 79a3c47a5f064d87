//! The shapes of underpinnings in the API.

use crate::shared::duration::Duration;
use crate::shared::id::PromiseId;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// What a part of an underpinning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// All of its parts are needed, one after the other.
    Series,
    /// One of its parts is enough.
    Parallel,
    /// A link: another promise.
    Promise,
    /// A link that nobody has promised, estimated.
    Estimate,
}

/// A part of an underpinning.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct UnderpinningPart {
    /// What it is; the other members follow from it (422).
    pub kind: PartKind,
    /// The parts of a series or of parallels, one at least.
    #[oai(default, validator(max_items = 50))]
    pub parts: Vec<UnderpinningPart>,
    /// The promise that is the link.
    pub promise_id: Option<PromiseId>,
    /// What is estimated.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Option<String>,
    /// How long it is estimated to take; null when it takes no time that counts.
    pub target_duration: Option<Duration>,
    /// On what share of the occasions it is estimated to hold (0-1).
    #[oai(validator(minimum(value = "0.01"), maximum(value = "1")))]
    pub reliability: Option<f64>,
}

/// What a promise is to rest on.
#[derive(Clone, Debug, Object)]
pub struct NewUnderpinning {
    /// The whole tree: 5 levels and 50 links at most (422).
    pub tree: UnderpinningPart,
}

/// Whether what a promise rests on is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Even in the worst case.
    Covered,
    /// Only if the links fail independently of each other.
    CoveredIfIndependent,
    /// It is not, or the time it takes cannot be told: a link counts in another calendar.
    NotCovered,
}

/// A link of an underpinning, as it counts.
#[derive(Clone, Debug, Object, Serialize)]
pub struct UnderpinningLink {
    /// The promise; null for an estimate.
    pub promise_id: Option<PromiseId>,
    /// The wording of the promise, or what is estimated.
    pub name: String,
    /// How long it may take, with its grace; null when it takes no time that counts.
    pub target_duration: Option<Duration>,
    /// On what share of the occasions it holds (0-1); 0 for a promise that is not published.
    pub reliability: f64,
    /// What it would need (0-1) for the whole to be reliable enough, if all were equally good.
    pub needed_reliability: f64,
    /// What the whole would gain (0-1) if this link never failed.
    pub gain: f64,
    /// Whether its failures cost most.
    pub is_weakest: bool,
}

/// On what a promise rests.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Underpinning {
    /// The promise.
    pub promise_id: PromiseId,
    /// The whole tree.
    pub tree: UnderpinningPart,
    /// Whether it is good enough: reliable and fast.
    pub coverage: Coverage,
    /// The same in a sentence or two.
    pub summary: String,
    /// What is promised (0-1).
    pub reliability: f64,
    /// What comes out (0-1) if the links fail independently of each other.
    pub product: f64,
    /// What comes out (0-1) however they depend on each other.
    pub worst_case: f64,
    /// What is promised; null when it is not a duration.
    pub target_duration: Option<Duration>,
    /// What comes out: in series times add up, in parallel the longest counts; null when no link takes time, or one
    /// counts in another calendar.
    pub duration: Option<Duration>,
    /// Whether that is fast enough; null when there is nothing to compare, or a link counts in another calendar.
    pub is_in_time: Option<bool>,
    /// The links, from left to right.
    pub links: Vec<UnderpinningLink>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was first said.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
