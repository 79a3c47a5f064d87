//! The picture over HTTP.

use super::rules::kept_rate_chart;
use super::types::ChartQuery;
use crate::organization::today;
use crate::promises::numbers::{Basis, Step, Subjects, daily, series};
use crate::promises::store;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::days;
use crate::shared::error::Result;
use crate::shared::id::PromiseId;
use crate::shared::params::Params;
use crate::shared::permission::promises::Read;
use crate::shared::reply::{Shown, Svg};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ChartApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Numbers")]
impl ChartApi {
    /// Draw how often a promise was kept
    ///
    /// The kept rate by week, from Monday to Sunday, with its 95 % bounds and the reliability that is promised now.
    /// Weeks with fewer than 10 commitments have no rate: they are gaps. The picture fits light and dark pages and
    /// tells in words what it shows; numbers are read with `getKeptRate`.
    #[oai(path = "/promises/:promise_id/chart.svg", method = "get", operation_id = "getKeptRateChart")]
    async fn get_kept_rate_chart(
        &self,
        by: May<Read>,
        promise_id: Path<PromiseId>,
        query: Params<ChartQuery>,
    ) -> Result<Shown<Svg>> {
        let promise = store::get_promise(self.app.db.fresh(), &by, promise_id.0).await?;
        let db = self.app.db.read();
        let window = days::window(&query.days, today(db, &by.clock).await?)?;
        let basis = query.basis.unwrap_or(Basis::All);
        let days = daily(db, Subjects::Promise(promise.id), basis, window).await?;
        let weeks = series(&days, window, Step::Week, by.clock.now());
        let points: Vec<_> = weeks.into_iter().map(Into::into).collect();
        Ok(Shown::new(kept_rate_chart(&promise.terms.wording, &points, promise.terms.reliability)))
    }
}
