//! What a calendar's arithmetic gives, for whoever shows deadlines.

use super::super::types::{DueQuery, DueTime, ElapsedQuery, ElapsedTime};
use super::super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::id::CalendarId;
use crate::shared::params::Params;
use crate::shared::permission::calendars::Read;
use crate::shared::reply::Listed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ArithmeticApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Calendars")]
impl ArithmeticApi {
    /// Find when working time has passed
    ///
    /// 422 `rule_violated` when nobody works for ten years from then on.
    #[oai(path = "/calendars/:calendar_id/due", method = "get", operation_id = "getCalendarDue")]
    async fn get_due(
        &self,
        _by: May<Read>,
        calendar_id: Path<CalendarId>,
        query: Params<DueQuery>,
    ) -> Result<Listed<DueTime>> {
        let calendar = store::get_calendar(self.app.db.fresh(), calendar_id.0).await?;
        let DueQuery { from, duration } = query.value;
        let due_at = rules::working_time(&calendar).add(from, duration)?;
        Listed::new(&DueTime { from, duration, due_at })
    }

    /// Count working time between two instants
    #[oai(path = "/calendars/:calendar_id/elapsed", method = "get", operation_id = "getCalendarElapsed")]
    async fn get_elapsed(
        &self,
        _by: May<Read>,
        calendar_id: Path<CalendarId>,
        query: Params<ElapsedQuery>,
    ) -> Result<Listed<ElapsedTime>> {
        let calendar = store::get_calendar(self.app.db.fresh(), calendar_id.0).await?;
        let ElapsedQuery { from, to } = query.value;
        let elapsed = rules::working_time(&calendar).between(from, to);
        Listed::new(&ElapsedTime { from, to, elapsed })
    }
}
