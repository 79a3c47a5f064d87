//! `accord import`: a file of rows, straight into the database or through a running server.

use super::Failure;
use super::remote::Remote;
use crate::app;
use crate::imports::{self, FileFormat, ImportKind, ImportMode, ImportOptions, OnError};
use crate::shared::app::App;
use crate::shell;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// What `accord import` takes.
#[derive(clap::Args)]
pub struct Import {
    /// What the rows are: suppliers, people, ...
    #[arg(value_parser = ImportKind::named)]
    kind: ImportKind,
    file: PathBuf,
    /// create, or upsert: change what has the same external id instead of refusing it
    #[arg(long, default_value = "create", value_parser = word::<ImportMode>)]
    mode: ImportMode,
    /// abort, or continue: note rows that are refused and go on
    #[arg(long, default_value = "abort", value_parser = word::<OnError>)]
    on_error: OnError,
    /// Check everything and write nothing
    #[arg(long)]
    dry_run: bool,
    /// A running server to send the file to, instead of writing straight into the database
    #[arg(long, value_name = "URL", requires = "token")]
    server: Option<String>,
    /// An API key or access token for that server
    #[arg(long, requires = "server")]
    token: Option<String>,
}

/// A word of the API on the command line.
fn word<T: DeserializeOwned>(given: &str) -> Result<T, String> {
    serde_json::from_value(Value::from(given)).map_err(|error| error.to_string())
}

impl Import {
    /// The server the file goes to, unless it goes straight into the database.
    pub fn server(&self) -> Result<Option<Remote>, String> {
        let given = self.server.as_deref().zip(self.token.as_deref());
        given.map(|(server, token)| Remote::new(server, token)).transpose()
    }

    /// Sends the file to the server; how that went, in words, and whether every row was taken.
    pub async fn send(self, to: &Remote) -> Result<(String, bool), String> {
        self.is_readable()?;
        let tell = |import: &Value| tell(&import["rows_done"]);
        let (import, rows) = to.import(&self.file, FileFormat::of(&self.file), &self.options(), tell).await?;
        let refused = rows.iter().map(|row| (row["row"].as_i64().unwrap_or_default(), row["problem"].clone()));
        Ok(told(&import, &refused.collect::<Vec<_>>()))
    }

    /// The same straight into the database.
    pub async fn run(self, app: &App) -> Result<(String, bool), Failure> {
        // Rows are checked against the published document.
        app::endpoint(app, shell::Settings::default());
        self.is_readable()?;
        let tell = |import: &imports::Import| tell(&Value::from(import.rows_done));
        let done = imports::import_file(app, &self.file, self.options(), tell).await?;
        let import = serde_json::to_value(&done.import).map_err(|error| error.to_string())?;
        Ok(told(&import, &done.refused))
    }

    fn options(&self) -> ImportOptions {
        let (kind, mode, on_error, dry_run) = (self.kind.clone(), self.mode, self.on_error, self.dry_run);
        ImportOptions { kind, mode, on_error, dry_run }
    }

    fn is_readable(&self) -> Result<(), String> {
        let opened = std::fs::File::open(&self.file);
        opened.map(drop).map_err(|error| format!("{} cannot be read: {error}", self.file.display()))
    }
}

fn tell(rows: &Value) {
    let _ = writeln!(std::io::stderr(), "{rows} rows");
}

/// How an import ended, row by row and in numbers.
fn told(import: &Value, refused: &[(i64, Value)]) -> (String, bool) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut said = String::new();
    for (number, problem) in refused {
        let errors = problem["errors"].as_array().into_iter().flatten();
        let each = errors.map(|error| format!(" {}: {}", text(&error["pointer"]), text(&error["detail"])));
        said += &format!("row {number}: {}{}\n", text(&problem["detail"]), each.collect::<String>());
    }
    let numbers = ["done", "created", "updated", "unchanged", "failed"].map(|what| &import[format!("rows_{what}")]);
    let [done, created, updated, unchanged, failed] = numbers;
    said += &format!(
        "Import {} {}: {done} rows, {created} created, {updated} updated, {unchanged} unchanged, {failed} refused.",
        text(&import["id"]),
        text(&import["status"])
    );
    (said, *failed == 0 && import["error"].is_null())
}
