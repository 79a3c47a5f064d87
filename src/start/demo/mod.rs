//! `accord demo`: a year in the life of an organisation with thirty suppliers. The year ends today. Nothing is left to
//! chance: every demo of one day is the same.

mod inside;
mod reviews;
mod story;
mod year;

use super::Failure;
use crate::app::{self, Parts};
use crate::config::{Config, Values, Wrong};
use crate::shared::auth::TOKEN_LIFETIME;
use crate::shared::auth::password::Cost;
use crate::shared::clock::Clock;
use crate::shared::time::Timestamp;
use chrono::{NaiveTime, TimeDelta};
pub use inside::Inside;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use story::Story;

/// Where a demo lives; gone when this goes.
pub struct Place(PathBuf);

impl Place {
    pub fn make() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("accord-demo-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }

    /// Of the settings of this computer only those count that reach nobody's data and nobody's mail.
    pub fn config(&self) -> Result<Config, Wrong> {
        let variable = |name: &str| match name {
            "ACCORD_DATA_DIR" => Some(self.0.display().to_string()),
            "ACCORD_LISTEN" | "ACCORD_LOG" | "ACCORD_ACCESS_LOG" => std::env::var(name).ok(),
            _ => None,
        };
        Values::load(Some(Path::new("/dev/null")), variable)?.check()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Lets the year go by, and tells what is worth knowing before looking around.
pub async fn prepare(
    place: &Place,
    address: SocketAddr,
    parts: impl Fn() -> Result<Parts, Failure>,
) -> Result<String, Failure> {
    let then = Parts { clock: beginning(), password_cost: Cost::Trivial, rate_limits: None, ..parts()? };
    let mut inside = Inside::of(app::open(then).await?);
    let story = story::tell(&mut inside, &place.0).await?;
    inside.app.db.close().await;
    let mut inside = Inside::of(app::open(parts()?).await?);
    let text = greeting(&mut inside, &story, &format!("http://{address}")).await?;
    inside.app.db.close().await;
    Ok(text)
}

/// A clock that stands where the story begins: four quarters ago, at midnight.
fn beginning() -> Clock {
    let midnight = Clock::system().now().instant().date_naive().and_time(NaiveTime::MIN).and_utc();
    Clock::manual(midnight - TimeDelta::days(year::DAYS))
}

/// Who can sign in, and what to call.
async fn greeting(inside: &mut Inside, story: &Story, base: &str) -> Result<String, Failure> {
    let (password, minutes) = (story::PASSWORD, TOKEN_LIFETIME.num_minutes());
    let mut text = format!("Everybody's password is \"{password}\"; the tokens are good for {minutes} minutes.\n");
    for (email, role, _) in story::ACCOUNTS {
        let token = inside.sign_in(email, password).await?;
        text.push_str(&format!("\n{email} ({})\n{token}\n", role.name()));
    }
    text.push_str("\nFive calls worth making, with TOKEN=... one of these:\n");
    for (what, path) in story.calls() {
        text.push_str(&format!("\n# {what}\ncurl -s \"{base}{path}\" -H \"Authorization: Bearer $TOKEN\"\n"));
    }
    Ok(text)
}

/// The day of an instant that is a midnight.
fn day(at: Timestamp) -> String {
    at.instant().date_naive().to_string()
}
