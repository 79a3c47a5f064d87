//! Calendars over HTTP.

mod arithmetic;

pub use arithmetic::ArithmeticApi;

use super::types::{
    Calendar, CalendarChange, CalendarQuery, HolidayFormats, HolidayImportQuery, ImportedHolidays, NewCalendar,
};
use super::{rules, store};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::{Body, Patch, Text};
use crate::shared::crypto;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::CalendarId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::calendars::{Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use chrono::Datelike;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

/// Enters a change, unless it changed nothing.
async fn record(txn: &Txn, by: &By, action: &'static str, before: &Calendar, after: &Calendar) -> Result<()> {
    if after.revision == before.revision {
        return Ok(());
    }
    history::record(txn, by, Entry::new(action, before.id.0).between(Some(before), Some(after))).await
}

pub struct CalendarsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Calendars")]
impl CalendarsApi {
    /// List calendars
    #[oai(path = "/calendars", method = "get", operation_id = "listCalendars")]
    async fn list_calendars(&self, by: May<Read>, query: Params<CalendarQuery>) -> Result<Listed<Page<Calendar>>> {
        Listed::new(&store::list_calendars(self.app.db.read(), &by, &query).await?)
    }

    /// Create a calendar
    ///
    /// Unknown time zones, spans that overlap or end before they begin, and days given twice are 422
    /// `rule_violated`.
    #[oai(path = "/calendars", method = "post", operation_id = "createCalendar")]
    async fn create_calendar(&self, by: May<Write>, once: Once, new: Body<NewCalendar>) -> Result<Created<Calendar>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, new)| {
                Box::pin(async move {
                    let id = store::insert_calendar(txn, by, new).await?;
                    let calendar = store::get_calendar(txn, id).await?;
                    let entry = Entry::new("calendar.create", id.0).between(None, Some(&calendar));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/calendars/{id}"), calendar.revision, &calendar)
                })
            })
            .await
    }

    /// Get a calendar
    #[oai(path = "/calendars/:calendar_id", method = "get", operation_id = "getCalendar")]
    async fn get_calendar(
        &self,
        _by: May<Read>,
        calendar_id: Path<CalendarId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Calendar>> {
        let calendar = store::get_calendar(self.app.db.fresh(), calendar_id.0).await?;
        Found::new(&if_none_match, calendar.revision, &calendar)
    }

    /// Change a calendar
    ///
    /// A JSON Merge Patch, with the rules of creating one. What was due already stays due as it was.
    #[oai(path = "/calendars/:calendar_id", method = "patch", operation_id = "updateCalendar")]
    async fn update_calendar(
        &self,
        by: May<Write>,
        calendar_id: Path<CalendarId>,
        if_match: IfMatch,
        change: Patch<CalendarChange>,
    ) -> Result<Changed<Calendar>> {
        let update = (by.by(), calendar_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_calendar(txn, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::update_calendar(txn, by, &before, change).await?;
                    record(txn, by, "calendar.update", &before, &after).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Delete a calendar
    ///
    /// One that an agreement or a promise counts in is 409 `in_use`. After the default calendar there is
    /// none: new promises count around the clock where no calendar is named.
    #[oai(path = "/calendars/:calendar_id", method = "delete", operation_id = "deleteCalendar")]
    async fn delete_calendar(
        &self,
        by: May<Write>,
        calendar_id: Path<CalendarId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), calendar_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let before = store::lock_calendar(txn, *id).await?;
                    if_match.check(before.revision)?;
                    store::delete_calendar(txn, *id).await?;
                    let entry = Entry::new("calendar.delete", id.0).between(Some(&before), None);
                    history::record(txn, by, entry).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }

    /// Make a calendar the default
    ///
    /// Promises that are made from now on where no calendar is named count in it, no longer in the former default.
    /// Those made before stay in theirs.
    #[oai(path = "/calendars/:calendar_id/make-default", method = "post", operation_id = "makeDefaultCalendar")]
    async fn make_default(
        &self,
        by: May<Write>,
        calendar_id: Path<CalendarId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Calendar>> {
        let keyed = once.over(&by, b"");
        let change = (by.by(), calendar_id.0, if_match);
        self.app
            .db
            .once(keyed, change, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let former = store::lock_default(txn).await?.filter(|former| former.id != *id);
                    let before = store::lock_calendar(txn, *id).await?;
                    if_match.check(before.revision)?;
                    if let Some(former) = former {
                        let now = store::update_default(txn, by, &former, false).await?;
                        record(txn, by, "calendar.update", &former, &now).await?;
                    }
                    let after = store::update_default(txn, by, &before, true).await?;
                    record(txn, by, "calendar.make-default", &before, &after).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Import holidays into a calendar
    ///
    /// From iCalendar (whole days; what comes back yearly is entered from the last year to the tenth from
    /// now; everything else is skipped) or from lines of date and name. Lines that cannot be read are 422
    /// `rule_violated`, each with its number, and nothing is imported then; so are more than 5,000 holidays.
    #[oai(path = "/calendars/:calendar_id/import-holidays", method = "post", operation_id = "importHolidays")]
    async fn import_holidays(
        &self,
        by: May<Write>,
        calendar_id: Path<CalendarId>,
        query: Params<HolidayImportQuery>,
        once: Once,
        if_match: IfMatch,
        file: Text<HolidayFormats>,
    ) -> Result<Changed<ImportedHolidays>> {
        let keyed = once.over(&by, &crypto::sha256_parts(&[file.media_type.as_bytes(), &file.digest]));
        let is_calendar = file.media_type == "text/calendar";
        let read = rules::read_file(is_calendar, &file.content, by.clock.today().year())?;
        let import = (by.by(), calendar_id.0, if_match, query.mode, read);
        self.app
            .db
            .once(keyed, import, |txn, (by, id, if_match, mode, read)| {
                Box::pin(async move {
                    let before = store::lock_calendar(txn, *id).await?;
                    if_match.check(before.revision)?;
                    let (holidays, done) = rules::import(&before.holidays, read, *mode)?;
                    let after = store::update_holidays(txn, by, &before, holidays).await?;
                    record(txn, by, "calendar.import-holidays", &before, &after).await?;
                    Changed::new(after.revision, &done)
                })
            })
            .await
    }
}
