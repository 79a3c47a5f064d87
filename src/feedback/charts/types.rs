//! What is asked of a picture.

use crate::feedback::numbers::AnswersQuery;
use crate::surveys::ItemKey;
use poem_openapi::Object;

/// Answers to which item.
#[derive(Debug, Clone, Object)]
pub struct DistributionQuery {
    #[oai(flatten)]
    pub answers: AnswersQuery,
    /// The key of an item on a scale.
    pub item: ItemKey,
}
