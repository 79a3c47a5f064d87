//! How well a supplier knows itself: what it claimed against what was verified, over time.

use crate::assessments::types::{Calibration, CalibrationPoint};

/// As many assessments count as the assumption that there is no bias.
const PRIOR: f64 = 5.0;
/// An error of so many points takes all trust.
const WORST: f64 = 25.0;

/// Bias, and trust, of accepted assessments in their order.
pub fn calibration(points: Vec<CalibrationPoint>) -> Calibration {
    let n = points.len() as f64;
    let mean = |of: fn(f64) -> f64| (n > 0.0).then(|| points.iter().map(|point| of(point.error)).sum::<f64>() / n);
    let (bias, mae) = (mean(|error| error), mean(f64::abs));
    Calibration {
        n: i64::try_from(points.len()).unwrap_or(i64::MAX),
        bias,
        shrunk_bias: bias.map(|bias| bias * n / (n + PRIOR)),
        mae,
        trust: mae.map(|mae| 1.0 - (mae / WORST).min(1.0)),
        points,
    }
}

impl Calibration {
    /// What is to be expected where so many points are claimed.
    pub fn expected(&self, claimed: f64) -> Option<f64> {
        self.shrunk_bias.map(|bias| (claimed - bias).clamp(0.0, 100.0))
    }
}
