//! The pictures over HTTP.

use super::rules::{distribution_chart, gap_chart, nps_chart};
use super::types::DistributionQuery;
use crate::feedback::numbers::{AnswersQuery, numbers};
use crate::promises::Step;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::params::Params;
use crate::shared::permission::feedback_numbers::Read;
use crate::shared::reply::{Shown, Svg};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct FeedbackChartsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl FeedbackChartsApi {
    /// Draw what was expected and what was lived
    ///
    /// One line for each dimension of quality, the weakest first: what was expected, what was lived, and the gap with its
    /// 95 % bounds. Dimensions with fewer than 10 answers are left out; of several scales the one with most answers is
    /// drawn. The rules are those of `getFeedbackNumbers`, also for suppliers.
    #[oai(path = "/feedback-numbers/gap.svg", method = "get", operation_id = "getGapChart")]
    async fn get_gap_chart(&self, by: May<Read>, query: Params<AnswersQuery>) -> Result<Shown<Svg>> {
        Ok(Shown::new(gap_chart(&numbers(self.app.db.read(), &by, &query, None).await?)))
    }

    /// Draw the net promoter score by month
    ///
    /// With its 95 % bounds; months with fewer than 10 answers have no score: they are gaps. Items on 0-10 and on 1-10 are
    /// not comparable: the item with most answers is drawn, and named. The rules are those of `getFeedbackNumbers`, also
    /// for suppliers.
    #[oai(path = "/feedback-numbers/nps.svg", method = "get", operation_id = "getNpsChart")]
    async fn get_nps_chart(&self, by: May<Read>, query: Params<AnswersQuery>) -> Result<Shown<Svg>> {
        Ok(Shown::new(nps_chart(&numbers(self.app.db.read(), &by, &query, Some(Step::Month)).await?)))
    }

    /// Draw how many gave which number
    ///
    /// The answers to one item on a scale, with its number in its variant and the 95 % bounds; an empty picture when there
    /// are none. Where surveys ask the same key in different ways, the way with most answers is drawn. The rules are those
    /// of `getFeedbackNumbers`, also for suppliers.
    #[oai(path = "/feedback-numbers/distribution.svg", method = "get", operation_id = "getDistributionChart")]
    async fn get_distribution_chart(&self, by: May<Read>, query: Params<DistributionQuery>) -> Result<Shown<Svg>> {
        let found = numbers(self.app.db.read(), &by, &query.answers, None).await?;
        Ok(Shown::new(distribution_chart(&found, &query.item)))
    }
}
