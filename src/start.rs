//! What a start needs around the application: folder and secret, logs, the greeting, signals.

pub mod demo;
mod import;
mod remote;

use crate::app;
use crate::config::{Config, Wrong};
use crate::openapi::Published;
use crate::shared::crypto::random;
use crate::shared::db::{Addresses, Db};
use crate::shared::error::{Error, Result};
use crate::{api, openapi, shell};
use crate::{feedback, promises, surveys};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
pub use import::Import;
use secrecy::ExposeSecret;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Makes the data folder if the database is in it, and returns the installation's secret.
pub fn prepare(config: &Config) -> Result<String, Wrong> {
    if let Some(secret) = &config.secret
        && !config.addresses.primary.starts_with("sqlite:")
    {
        return Ok(secret.expose_secret().to_owned());
    }
    let wrong = |what: &str, error: std::io::Error| {
        Wrong(format!("ACCORD_DATA_DIR is {}: {what} failed: {error}", config.data_dir.display()))
    };
    if !config.data_dir.exists() {
        std::fs::create_dir_all(&config.data_dir).map_err(|error| wrong("making the folder", error))?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&config.data_dir, private).map_err(|error| wrong("protecting the folder", error))?;
    }
    if let Some(file) = config.addresses.file() {
        // SQLite gives the files beside it the same mode.
        own_file(&file).map_err(|error| wrong("making the database file", error))?;
    }
    match &config.secret {
        Some(secret) => Ok(secret.expose_secret().to_owned()),
        None => {
            secret_file(&config.data_dir.join("secret")).map_err(|error| wrong("reading or making the secret", error))
        }
    }
}

/// Reads the secret, or makes it (readable by its owner only) when there is none.
fn secret_file(path: &Path) -> std::io::Result<String> {
    if !path.exists() {
        // Written whole beside it and then linked: a crash leaves no half, two starts make one.
        let draft = path.with_extension(BASE64.encode(random::<6>()));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(BASE64.encode(random::<32>()).as_bytes())?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let secret = std::fs::read_to_string(path)?.trim().to_owned();
    match secret.len() {
        32.. => Ok(secret),
        _ => Err(std::io::Error::other(format!("{} holds less than 32 characters", path.display()))),
    }
}

/// Makes an empty file that only its owner reads, unless it is there.
pub fn own_file(path: &Path) -> std::io::Result<()> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Sends what the program says of itself to standard error.
pub fn log(config: &Config) -> tracing_appender::non_blocking::WorkerGuard {
    let (writer, guard) = shell::queued(std::io::stderr());
    // `migrate` tells which steps are applied; PostgreSQL notes each table that is there already.
    let filter = format!("sea_orm_migration=warn,sqlx::postgres::notice=warn,{}", config.log);
    let filter = filter.parse::<tracing_subscriber::EnvFilter>().unwrap_or_default();
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).try_init();
    guard
}

/// Where things are and, while there is no user, how to make the first.
pub fn greet(config: &Config, address: SocketAddr, has_user: bool) {
    let base = if config.public_url == format!("http://{}", config.listen) {
        format!("http://{address}")
    } else {
        config.public_url.clone()
    };
    let database = config.addresses.primary.split(['?', '@']).next().unwrap_or_default();
    let database = if database.starts_with("sqlite:") { database } else { "PostgreSQL" };
    let mut text = format!(
        "Accord {} listens on {base}\n  documentation  {base}/docs\n  database       {database}\n",
        env!("CARGO_PKG_VERSION")
    );
    if !has_user {
        // `cargo run` says so in the environment.
        let program = if std::env::var_os("CARGO").is_some() { "cargo run --" } else { "accord" };
        text.push_str("Nobody can sign in yet. Make the first owner in another terminal, with the same settings:\n");
        text.push_str(&format!("  {program} user create --email you@example.com --role owner\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Ends with SIGTERM or SIGINT. Both are listened to from the call on.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// A password nobody has to think of: 20 characters, 120 bits.
pub fn made_up_password() -> String {
    BASE64.encode(random::<15>())
}

/// The completed document, without a database on disk.
pub async fn document() -> Result<Published> {
    let app = app::without_data().await?;
    Ok(openapi::complete(&api::service(&app).spec()))
}

/// Why a command ended: the exit code and a sentence.
pub enum Failure {
    Configuration(Wrong),
    Other(String),
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::Configuration(wrong)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = error.cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
        Self::Other(format!("{}{cause}", error.detail))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        error.to_string().into()
    }
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::Other(sentence)
    }
}

/// Counts every commitment, survey link and answer anew. What differs from the tallies, in words, and whether nothing does.
pub async fn verify_tallies(addresses: &Addresses) -> Result<(String, bool)> {
    let db = Db::connect(addresses).await?;
    let mut found = promises::differences(&db).await?;
    found.extend(surveys::differences(&db).await?);
    found.extend(feedback::differences(&db).await?);
    db.close().await;
    Ok(match found.is_empty() {
        true => ("All tallies agree with what they count.".to_owned(), true),
        false => (found.join("\n"), false),
    })
}
