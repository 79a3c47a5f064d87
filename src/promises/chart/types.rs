//! What is asked of the picture.

use crate::promises::numbers::Basis;
use crate::shared::days::WindowQuery;
use poem_openapi::Object;

/// Which weeks of which commitments.
#[derive(Debug, Clone, Object)]
pub struct ChartQuery {
    #[oai(flatten)]
    pub days: WindowQuery,
    /// Which commitments; all when left out.
    pub basis: Option<Basis>,
}
