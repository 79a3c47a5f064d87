//! The only source of time and ids. Tests hold a clock of their own and move it by hand.

use crate::shared::time::Timestamp;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Manual>>>);

struct Manual {
    now: DateTime<Utc>,
    ids: u64,
}

impl Clock {
    /// The computer's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until `advance` moves it, with ids that count up.
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(Manual { now, ids: 0 }))))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the computer's clock is read")]
    pub fn now(&self) -> Timestamp {
        Timestamp::from(match &self.0 {
            None => Utc::now(),
            Some(manual) => manual.lock().expect("clock lock").now,
        })
    }

    /// Today in UTC.
    pub fn today(&self) -> NaiveDate {
        self.now().instant().date_naive()
    }

    /// A new UUIDv7 (RFC 9562): ordered by the millisecond it was made in.
    #[expect(clippy::disallowed_methods, reason = "the one place where ids are made")]
    pub fn uuid(&self) -> Uuid {
        match &self.0 {
            None => Uuid::now_v7(),
            Some(manual) => {
                let mut manual = manual.lock().expect("clock lock");
                manual.ids += 1;
                let mut tail = [0; 10];
                tail[2..].copy_from_slice(&manual.ids.to_be_bytes());
                let millis = u64::try_from(manual.now.timestamp_millis()).unwrap_or(0);
                uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
            }
        }
    }

    /// Moves a manual clock; the computer's own clock stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(manual) = &self.0 {
            manual.lock().expect("clock lock").now += by;
        }
    }
}
