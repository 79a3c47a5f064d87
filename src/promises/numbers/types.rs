//! The shapes of numbers in the API.

use crate::shared::days::WindowQuery;
use crate::shared::id::{AgreementId, PersonId, PromiseId, SupplierId};
use crate::shared::stats::Rate;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
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

impl Basis {
    /// Which values of `is_promised` count. Both are named rather than none, so that the key of the tallies is used
    /// up to the day.
    pub fn flags(self) -> &'static [bool] {
        match self {
            Basis::All => &[false, true],
            Basis::Promised => &[true],
        }
    }
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

/// Which side kept its promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RateSide {
    /// The supplier: its promises to us and to our customers.
    Supplier,
    /// The organisation: our promises to the supplier.
    Us,
}

/// How long one step of a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Day,
    /// From Monday to Sunday.
    Week,
    Month,
}

/// Whose kept rate, over which days.
#[derive(Debug, Clone, Object)]
pub struct KeptRateQuery {
    /// Only this promise.
    pub promise_id: Option<PromiseId>,
    /// Only promises of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only promises with this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only commitments for which this person answers.
    pub person_id: Option<PersonId>,
    /// Only promises of agreements in this service line.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub service_line: Option<String>,
    /// Whose promises; the supplier's unless one promise is asked for.
    pub side: Option<RateSide>,
    /// Which commitments. Left out: all of one promise or person, otherwise those that were promised.
    pub basis: Option<Basis>,
    #[oai(flatten)]
    pub days: WindowQuery,
    /// A series of the same numbers by day, week or month.
    pub by: Option<Step>,
}

/// How often promises were kept.
#[derive(Clone, Debug, Object, Serialize)]
pub struct KeptRate {
    /// Kept of kept and broken. An excuse that is asked for counts as broken, one that is granted not at all.
    pub rate: Rate,
    /// The same with granted excuses counted as broken.
    pub strict: Rate,
    /// How many were excused.
    pub excused: i64,
    /// Whether more than 10 % of all were excused.
    pub excuse_heavy: bool,
    /// How many are open now, whenever they are due.
    pub open: i64,
    /// Which commitments it is about.
    pub basis: Basis,
    /// Whose promises it is about; null for one promise.
    pub side: Option<RateSide>,
    /// By day, week or month; empty unless `by` was given.
    pub series: Vec<KeptRateStep>,
}

/// One step of a series.
#[derive(Clone, Debug, Object, Serialize)]
pub struct KeptRateStep {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Kept of kept and broken.
    pub rate: Rate,
    /// The same with granted excuses counted as broken.
    pub strict: Rate,
    /// How many were excused.
    pub excused: i64,
}
