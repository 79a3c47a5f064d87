//! Numbers over HTTP.

use super::read::numbers;
use super::types::{FeedbackNumbers, FeedbackNumbersQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::params::Params;
use crate::shared::permission::feedback_numbers::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct FeedbackNumbersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl FeedbackNumbersApi {
    /// Get what customers said, in numbers
    ///
    /// About a supplier, an agreement, a person or a service line, one of them at least (422). Every number says how it
    /// is computed (`variant`), of how many answers it is, and between which bounds the truth lies; below 10 answers its
    /// value is null. Quarantined answers count nothing, nor does what the caller does not see.
    ///
    /// Suppliers read whole calendar months that are over, the last twelve when left out, within hours of their end.
    /// Of every survey, agreement, item and month with fewer than 5 answers they read nothing, not even within a sum,
    /// and what they read changes only when 5 answers more or fewer are counted, so that no two numbers together
    /// tell what one customer said. They cannot ask for stages, kinds of customers or single people (422), and
    /// are told neither how many were asked nor what was chosen.
    #[oai(path = "/feedback-numbers", method = "get", operation_id = "getFeedbackNumbers")]
    async fn get_feedback_numbers(
        &self,
        by: May<Read>,
        query: Params<FeedbackNumbersQuery>,
    ) -> Result<Listed<FeedbackNumbers>> {
        Listed::new(&numbers(self.app.db.read(), &by, &query.answers, query.by).await?)
    }
}
