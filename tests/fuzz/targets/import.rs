//! Any file is read to its end or refused, and the same however it comes in.

#![no_main]

use accord::imports::{FileFormat, ImportKind, Reading, read};
use accord_fuzz::place;
use libfuzzer_sys::fuzz_target;
use poem::http::Request;
use std::sync::LazyLock;
use tokio::sync::mpsc;

/// Every row's number, and whether it is refused; and whether the whole file is.
type Found = (Vec<(i64, bool)>, Option<String>);

const KINDS: [&str; 4] = ["suppliers", "people", "commitments", "feedback"];

/// The contract is made beside the start.
static READY: LazyLock<()> = LazyLock::new(|| {
    place().ask(Request::get("/v1/me"), Vec::new());
});

fn found(file: &[u8], kind: &str, format: FileFormat, part: usize) -> Found {
    let (sender, parts) = mpsc::channel(file.len() / part + 1);
    for part in file.chunks(part) {
        sender.try_send(Ok(part.to_vec())).expect("there is room");
    }
    drop(sender);
    let (chunks, mut made) = mpsc::channel(file.len() + 1);
    let importer = ImportKind::named(kind).and_then(|kind| kind.importer().map_err(|error| error.to_string()));
    let reading = Reading { importer: importer.expect("a kind"), format, skipped: 0, most: 1_000_000 };
    let done = read(reading, place().app.gate.contract(), parts, &chunks);
    let mut rows = Vec::new();
    let mut last = 0;
    while let Ok(chunk) = made.try_recv() {
        assert_eq!(chunk.before, last);
        assert!(chunk.bytes >= 0 && chunk.bytes <= file.len() as i64);
        last = chunk.last;
        rows.extend(chunk.rows.iter().map(|row| (row.number, false)));
        rows.extend(chunk.refused.iter().map(|row| (row.number, true)));
    }
    rows.sort_unstable();
    assert!(rows.iter().zip(1..).all(|((number, _), place)| *number == place), "each row once: {rows:?}");
    (rows, done.err().map(|error| error.detail.clone()))
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (choice, part, file) = input;
    LazyLock::force(&READY);
    let kind = KINDS[usize::from(choice >> 1) % KINDS.len()];
    let format = if choice & 1 == 0 { FileFormat::Csv } else { FileFormat::Ndjson };
    let whole = found(file, kind, format, file.len().max(1));
    let in_parts = found(file, kind, format, usize::from(part).max(1));
    assert_eq!(whole, in_parts);
});
