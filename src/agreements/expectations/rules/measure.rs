//! What is measured, and what is expected of it: the same rules for a clause and for a promise on it.

use super::super::types::{Comparison, Metric};
use super::{all_at_once, broken};
use crate::shared::duration::Duration;
use crate::shared::error::Result;

/// Numbers as somebody says them.
#[derive(Clone, Debug)]
pub struct Said {
    pub metric: Metric,
    pub comparison: Option<Comparison>,
    pub target: Option<f64>,
    pub target_duration: Option<Duration>,
    pub unit: Option<String>,
    pub reliability: Option<f64>,
}

/// Numbers that fit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub metric: Metric,
    pub comparison: Comparison,
    /// Seconds for a duration.
    pub target: f64,
    pub unit: Option<String>,
    pub reliability: f64,
}

impl Said {
    /// The measure, or all that does not fit.
    pub fn checked(self) -> Result<Measure> {
        let mut wrong = Vec::new();
        let mut require = |holds: bool, member: &str, detail: &str| {
            if !holds {
                wrong.push(broken(&format!("/{member}"), detail));
            }
        };
        let has_unit = matches!(self.metric, Metric::Rating | Metric::Count);
        require(self.comparison.is_some(), "comparison", "What is measured is compared: say how.");
        require(self.reliability.is_some(), "reliability", "What is measured has a reliability.");
        require(has_unit || self.unit.is_none(), "unit", "Only ratings and counts have a unit.");
        let target = match self.metric {
            Metric::Duration => {
                let seconds = self.target_duration.map(Duration::seconds).filter(|seconds| *seconds > 0);
                require(seconds.is_some(), "target_duration", "A duration has a target longer than nothing.");
                require(self.target.is_none(), "target", "The target of a duration is `target_duration`.");
                require(self.comparison != Some(Comparison::AtLeast), "comparison", "A duration is `at_most`.");
                seconds.map(|seconds| seconds as f64)
            }
            metric => {
                let target = self.target.filter(|target| match metric {
                    Metric::Proportion => (0.0..=1.0).contains(target),
                    Metric::Count => target.fract() == 0.0,
                    _ => true,
                });
                require(self.target_duration.is_none(), "target_duration", "Only a duration has it: use `target`.");
                let detail = "A proportion has a target from 0 to 1, a count a whole one, a rating one.";
                require(target.is_some(), "target", detail);
                target
            }
        };
        match (self.comparison, target, self.reliability) {
            (Some(comparison), Some(target), Some(reliability)) if wrong.is_empty() => {
                Ok(Measure { metric: self.metric, comparison, target, unit: self.unit, reliability })
            }
            _ => Err(all_at_once(wrong)),
        }
    }
}
