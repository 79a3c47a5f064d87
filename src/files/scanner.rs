//! The scanner: clamd, spoken to in its own words (`INSTREAM`). A job has every file looked at before it is
//! available; what is infected loses its content.

use super::entity::{Entity, Model};
use super::store;
use super::types::FileStatus;
use crate::shared::app::App;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{self, FileId};
use crate::shared::jobs::Job;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, StreamExt};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const SCANNING: &str = "files.scan";
/// How long a file may take.
const PATIENCE: Duration = Duration::from_secs(120);
const LONGEST_ANSWER: u64 = 4096;

/// What the scanner said; with the name of what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Infected(String),
}

pub fn scan(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let id = job.payload["file_id"].as_str().and_then(id::parse).map(FileId).ok_or_else(Error::not_found)?;
        let Some(file) = Entity::find_by_id(id).one(app.db.fresh()).await? else {
            return Ok(json!({"verdict": "gone"}));
        };
        if file.status != FileStatus::PendingScan {
            return Ok(json!({"verdict": "known"}));
        }
        let verdict = look_at(&app, &file).await?;
        let input = (app.clone(), job, id, verdict.clone());
        let noted = app.db.write(input, |txn, (app, job, id, verdict)| Box::pin(note(txn, app, job, *id, verdict)));
        noted.await?;
        Ok(match verdict {
            Verdict::Clean => json!({"verdict": "clean"}),
            Verdict::Infected(found) => {
                app.objects.delete_all([file.object_key]).await;
                json!({"verdict": "infected", "found": found})
            }
        })
    }
    .boxed()
}

/// Without a scanner files are taken as they are, also those that waited for one.
async fn look_at(app: &App, file: &Model) -> Result<Verdict> {
    let Some(address) = &app.objects.scanner else {
        return Ok(Verdict::Clean);
    };
    let bytes = app.objects.stream(file.object_key.clone(), 0..file.size.unsigned_abs());
    let answer = tokio::time::timeout(PATIENCE, ask(address, bytes)).await;
    let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(Error::internal)?;
    verdict(&answer).map_err(Error::internal)
}

async fn note(txn: &Txn, app: &App, job: &Job, id: FileId, verdict: &Verdict) -> Result<()> {
    job.still_mine(txn, &app.clock).await?;
    let (status, found) = match verdict {
        Verdict::Clean => (FileStatus::Available, None),
        Verdict::Infected(found) => (FileStatus::Rejected, Some(found.as_str())),
    };
    let Some(before) = store::note_scan(txn, &app.clock, id, status).await? else {
        return Ok(());
    };
    let shown = |status: FileStatus| json!({"status": status.name()});
    let entry = Entry::new("file.scan", id.0).about_any(before.supplier_id).because(found);
    let entry = entry.between(Some(&shown(before.status)), Some(&shown(status)));
    history::record_as(txn, &app.clock, Author::program(), entry).await
}

async fn ask(address: &str, bytes: impl Stream<Item = io::Result<Bytes>>) -> io::Result<String> {
    let mut scanner = TcpStream::connect(address).await?;
    scanner.write_all(b"zINSTREAM\0").await?;
    let mut bytes = std::pin::pin!(bytes);
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        scanner.write_u32(u32::try_from(piece.len()).map_err(io::Error::other)?).await?;
        scanner.write_all(&piece).await?;
    }
    scanner.write_u32(0).await?;
    let mut answer = String::new();
    scanner.take(LONGEST_ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}

/// `stream: OK`, `stream: <name> FOUND`, or what went wrong.
fn verdict(answer: &str) -> io::Result<Verdict> {
    let said = answer.trim_end_matches(['\0', '\n']).trim_start_matches("stream: ");
    match said.strip_suffix(" FOUND") {
        Some(found) => Ok(Verdict::Infected(found.chars().filter(|letter| !letter.is_control()).take(200).collect())),
        None if said == "OK" => Ok(Verdict::Clean),
        None => Err(io::Error::other(format!("the scanner answered: {said}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_answer_is_a_verdict() {
        assert_eq!(verdict("stream: OK\0").expect("a verdict"), Verdict::Clean);
        assert_eq!(
            verdict("stream: Eicar-Test FOUND\0").expect("a verdict"),
            Verdict::Infected("Eicar-Test".to_owned())
        );
        for unclear in ["", "stream: ", "INSTREAM size limit exceeded. ERROR\0", "stream: OKAY\0"] {
            assert!(verdict(unclear).is_err(), "{unclear}");
        }
    }
}
