//! The shapes of calendar feeds.

use crate::shared::time::Timestamp;
use poem_openapi::Object;
use serde::Serialize;

/// The calendar feed of an account.
#[derive(Clone, Debug, Object, Serialize)]
pub struct CalendarFeed {
    /// What a calendar program subscribes to; it holds the token and is shown only once: null when the answer is
    /// repeated.
    pub url: Option<String>,
    /// Counts how often it was given anew; the ETag.
    pub revision: i64,
    /// When this address was given.
    pub updated_at: Timestamp,
}

/// What shows whose calendar it is.
#[derive(Clone, Debug, Object)]
pub struct CalendarFeedQuery {
    /// The token of a calendar feed.
    #[oai(validator(min_length = 1, max_length = 200, pattern = "^[A-Za-z0-9_-]+$"))]
    pub token: String,
}
