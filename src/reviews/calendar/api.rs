//! Calendar feeds over HTTP.

use super::types::{CalendarFeed, CalendarFeedQuery};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::{Anyone, May};
use crate::shared::error::Result;
use crate::shared::idempotency::Once;
use crate::shared::params::Params;
use crate::shared::permission::me::Update;
use crate::shared::reply::{Changed, Ics, Nothing, Removed, Shown};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;

pub struct CalendarApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1")]
impl CalendarApi {
    /// Get the calendar of reviews
    ///
    /// For calendar programs, which send no headers: the token in the address shows whose it is. All-day events of the
    /// reviews that the account sees now, from 400 days back (RFC 5545). A token that is wrong, void or of an account
    /// that is gone is 401 `invalid_token`.
    #[oai(path = "/reviews.ics", method = "get", operation_id = "getReviewCalendar", tag = "Tag::Reviews")]
    async fn get_calendar(&self, by: Anyone, query: Params<CalendarFeedQuery>) -> Result<Shown<Ics>> {
        let reader = store::reader(&self.app.gate, &query.token, &by.context.request_id).await?;
        let events = store::events(self.app.db.read(), &reader, &self.app.public_url).await?;
        Ok(Shown::new(rules::calendar("Reviews", &events)))
    }

    /// Get an address for your calendar program
    ///
    /// Shown once; the one before is void from now on. Whoever has it reads your calendar of reviews, and nothing else.
    #[oai(path = "/me/calendar-feed", method = "post", operation_id = "giveCalendarFeed", tag = "Tag::Me")]
    async fn give(&self, by: May<Update>, once: Once) -> Result<Changed<CalendarFeed>> {
        let keyed = once.over(&by, b"");
        let input = (by.by(), self.app.public_url.clone());
        self.app
            .db
            .once(keyed, input, |txn, (by, public_url)| {
                Box::pin(async move {
                    let (token, row) = store::give(txn, by).await?;
                    let shown = |url| CalendarFeed { url, revision: row.revision, updated_at: row.updated_at };
                    let url = format!("{public_url}/v1/reviews.ics?token={token}");
                    Changed::new(row.revision, &shown(None))?.showing_once(&shown(Some(url)))
                })
            })
            .await
    }

    /// Void the address of your calendar
    ///
    /// Whatever subscribed to it gets nothing any more. Nothing happens when there is none.
    #[oai(path = "/me/calendar-feed", method = "delete", operation_id = "revokeCalendarFeed", tag = "Tag::Me")]
    async fn revoke(&self, by: May<Update>) -> Result<Removed<Nothing>> {
        self.app
            .db
            .write(by.by(), |txn, by| {
                Box::pin(async move {
                    store::revoke(txn, by).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
