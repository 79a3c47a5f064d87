//! What is asked of the picture.

use crate::promises::numbers::Basis;
use chrono::NaiveDate;
use poem_openapi::Object;

/// Which weeks of which commitments.
#[derive(Debug, Clone, Object)]
pub struct ChartQuery {
    /// First day, in the organisation's zone; a year before the last when left out.
    pub from: Option<NaiveDate>,
    /// Last day; today when left out.
    pub to: Option<NaiveDate>,
    /// Which commitments; all when left out.
    pub basis: Option<Basis>,
}
