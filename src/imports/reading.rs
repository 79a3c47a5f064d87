//! From bytes to checked rows, on a thread of its own: parts of the file go in, batches of rows come
//! out, and no more than a few of each are in memory.

use super::types::FileFormat;
use crate::shared::contract::Contract;
use crate::shared::error::{Code, Error, FieldError, Result};
use crate::shared::import::{Importer, Row};
use crate::shared::json;
use crate::shared::table::{self, Column};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;
use tokio::sync::mpsc;

/// How many rows are written in one transaction,
const BATCH: usize = 2000;
/// unless they are that long together.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
const LONGEST_ROW: usize = 1024 * 1024;
pub const MOST_ROWS: i64 = 1_000_000;

/// Some rows that follow each other.
pub struct Chunk {
    pub rows: Vec<Row>,
    /// Those that are wrong in themselves.
    pub refused: Vec<Refused>,
    /// The number of the row before the first one.
    pub before: i64,
    /// The number of the last one.
    pub last: i64,
    /// How much of the file is read.
    pub bytes: i64,
}

#[derive(Clone)]
pub struct Refused {
    pub number: i64,
    pub external_id: Option<String>,
    pub error: Error,
}

/// What is read, and how.
pub struct Job {
    pub importer: Importer,
    pub format: FileFormat,
    /// Rows that are done already.
    pub skipped: i64,
    /// How many rows a file holds at most.
    pub most: i64,
}

/// Reads the whole file. An error is about the file as a whole, or about getting at it.
pub fn read(job: Job, contract: &Contract, parts: Parts, chunks: &mpsc::Sender<Chunk>) -> Result<()> {
    let left = Rc::new(Cell::new(LONGEST_ROW));
    let source = Source { parts, part: Vec::new(), at: 0, left: left.clone() };
    let schema = (job.importer.schema)();
    let mut rows = Rows {
        schema: &schema,
        contract,
        skipped: job.skipped,
        most: job.most,
        key: job.importer.key,
        seen: HashMap::new(),
        chunk: after(0, 0),
        size: 0,
        chunks,
    };
    match job.format {
        FileFormat::Csv => csv(source, &left, &mut rows)?,
        FileFormat::Ndjson => ndjson(source, &left, &mut rows)?,
    }
    rows.send();
    Ok(())
}

fn csv(source: Source, left: &Cell<usize>, rows: &mut Rows) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(64 * 1024).from_reader(source);
    let columns = header(reader.byte_headers().map_err(unreadable)?, rows)?;
    let mut record = csv::ByteRecord::new();
    loop {
        left.set(LONGEST_ROW);
        if !reader.read_byte_record(&mut record).map_err(unreadable)? {
            return Ok(());
        }
        let at = i64::try_from(reader.position().byte()).unwrap_or(i64::MAX);
        let size = record.as_slice().len();
        if rows.take(size, at, || cells(&record, &columns))? == Next::Stop {
            return Ok(());
        }
    }
}

/// The columns the header names; all that are wrong with it are told at once.
fn header(header: &csv::ByteRecord, rows: &Rows) -> Result<Vec<Column>> {
    let known = table::columns(rows.contract, rows.schema);
    let (mut columns, mut wrong) = (Vec::<Column>::new(), Vec::new());
    for name in header {
        let name = String::from_utf8_lossy(name);
        let name = name.trim();
        let itself = known.iter().find(|column| column.name == name).cloned();
        match itself.or_else(|| known.iter().find_map(|column| column.member(name))) {
            None => wrong.push(format!("`{}` is no column", name.chars().take(64).collect::<String>())),
            Some(column) if columns.contains(&column) => wrong.push(format!("`{name}` stands there twice")),
            Some(column) => columns.push(column),
        }
    }
    if wrong.is_empty() && !columns.is_empty() {
        return Ok(columns);
    }
    wrong.truncate(20);
    let names: Vec<_> = known.iter().map(|column| &*column.name).collect();
    let detail = match columns.is_empty() && wrong.is_empty() {
        true => format!("The file has no header. Columns: {}.", names.join(", ")),
        false => format!("The header is wrong: {}. Columns: {}.", wrong.join(", "), names.join(", ")),
    };
    Err(Error::new(Code::RuleViolated, detail))
}

fn cells(record: &csv::ByteRecord, columns: &[Column]) -> Result<Value> {
    if record.len() != columns.len() {
        let detail = format!("The row has {} cells, the header has {}.", record.len(), columns.len());
        return Err(Error::new(Code::ValidationFailed, detail));
    }
    let mut object = Map::new();
    for (cell, column) in record.iter().zip(columns) {
        let cell = std::str::from_utf8(cell)
            .map_err(|_| Error::new(Code::ValidationFailed, format!("The cell of {} is not UTF-8.", column.name)))?;
        column.put(cell, &mut object);
    }
    Ok(Value::Object(object))
}

fn ndjson(source: Source, left: &Cell<usize>, rows: &mut Rows) -> Result<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, source);
    let (mut line, mut at) = (Vec::new(), 0);
    loop {
        left.set(LONGEST_ROW);
        line.clear();
        let size = reader.read_until(b'\n', &mut line).map_err(failed)?;
        if size == 0 {
            return Ok(());
        }
        at += i64::try_from(size).unwrap_or(i64::MAX);
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        let object = || json::parse(text).map_err(|reason| Error::new(Code::MalformedJson, format!("{reason}.")));
        if !text.is_empty() && rows.take(size, at, object)? == Next::Stop {
            return Ok(());
        }
    }
}

/// The rows read so far, on their way into batches.
struct Rows<'a> {
    schema: &'a str,
    contract: &'a Contract,
    skipped: i64,
    most: i64,
    /// The members that tell one row from the others.
    key: &'static [&'static str],
    /// In which row a key stood; by their hashes, for a million of them are long.
    seen: HashMap<u64, i64>,
    chunk: Chunk,
    size: usize,
    chunks: &'a mpsc::Sender<Chunk>,
}

#[derive(PartialEq)]
enum Next {
    Read,
    /// Nobody wants more rows.
    Stop,
}

fn after(number: i64, bytes: i64) -> Chunk {
    Chunk { rows: Vec::with_capacity(BATCH), refused: Vec::new(), before: number, last: number, bytes }
}

impl Rows<'_> {
    fn take(&mut self, size: usize, at: i64, row: impl FnOnce() -> Result<Value>) -> Result<Next> {
        let number = self.chunk.last + 1;
        if number > self.most {
            let detail = format!("A file holds at most {} rows. Divide it into several imports.", self.most);
            return Err(Error::new(Code::RuleViolated, detail));
        }
        self.chunk.last = number;
        self.chunk.bytes = at;
        let row = row();
        let external_id = row.as_ref().ok().and_then(|row| row["external_id"].as_str()).map(str::to_owned);
        let key = row.as_ref().ok().filter(|_| external_id.is_some()).map(|row| hash(self.key, row));
        let twice = key.and_then(|key| self.seen.insert(key, number));
        if number <= self.skipped {
            self.chunk.before = number;
            return Ok(Next::Read);
        }
        self.size += size;
        match row.and_then(|row| self.check(row, twice)) {
            Ok(value) => self.chunk.rows.push(Row { number, value }),
            Err(error) => self.chunk.refused.push(Refused { number, external_id, error }),
        }
        match self.chunk.rows.len() + self.chunk.refused.len() >= BATCH || self.size >= BATCH_BYTES {
            true => Ok(self.send()),
            false => Ok(Next::Read),
        }
    }

    fn check(&self, row: Value, twice: Option<i64>) -> Result<Value> {
        let errors: Vec<FieldError> = self.contract.check(self.schema, &row);
        if !errors.is_empty() {
            let plural = if errors.len() == 1 { "problem" } else { "problems" };
            let detail = format!("{} {plural} in the row.", errors.len());
            return Err(Error::new(Code::ValidationFailed, detail).fields(errors));
        }
        match twice {
            None => Ok(row),
            Some(first) => {
                let detail = format!("The same external id stands in row {first} of the file.");
                Err(Error::rule(Code::AlreadyExists, "/external_id", detail))
            }
        }
    }

    fn send(&mut self) -> Next {
        let next = after(self.chunk.last, self.chunk.bytes);
        let chunk = std::mem::replace(&mut self.chunk, next);
        self.size = 0;
        if chunk.rows.is_empty() && chunk.refused.is_empty() {
            return Next::Read;
        }
        match self.chunks.blocking_send(chunk) {
            Ok(()) => Next::Read,
            Err(_) => Next::Stop,
        }
    }
}

fn hash(key: &[&str], row: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.iter().for_each(|member| row[member].as_str().hash(&mut hasher));
    hasher.finish()
}

pub type Parts = mpsc::Receiver<Result<Vec<u8>>>;

/// The parts of the file as one stream, which is read alike wherever they begin. It breaks off in a row that is too long.
struct Source {
    parts: Parts,
    part: Vec<u8>,
    at: usize,
    /// How much may be read before the next row begins.
    left: Rc<Cell<usize>>,
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            let detail = format!("A row is longer than {LONGEST_ROW} bytes; perhaps a quote is not closed.");
            return Err(io::Error::other(Error::new(Code::RuleViolated, detail)));
        }
        let mut read = 0;
        while read < buffer.len() {
            if self.at == self.part.len() {
                match self.parts.blocking_recv() {
                    None => break,
                    Some(part) => (self.part, self.at) = (part.map_err(io::Error::other)?, 0),
                }
            }
            let next = (&self.part[self.at..]).read(&mut buffer[read..])?;
            (self.at, read) = (self.at + next, read + next);
        }
        self.left.set(self.left.get().saturating_sub(read));
        Ok(read)
    }
}

fn unreadable(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => failed(error),
        other => Error::new(Code::RuleViolated, format!("The file is not CSV: {other:?}.")),
    }
}

fn failed(error: io::Error) -> Error {
    error.downcast::<Error>().unwrap_or_else(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::permission::COLUMNS;
    use serde_json::json;

    /// The numbers of the rows that came through, and why no more did.
    fn rows(file: &str, format: FileFormat, most: i64) -> (Vec<i64>, Result<()>) {
        rows_of_parts(file, file.len(), format, most)
    }

    fn rows_of_parts(file: &str, part: usize, format: FileFormat, most: i64) -> (Vec<i64>, Result<()>) {
        let importer = Importer {
            kind: "things",
            schema: || "Thing".into(),
            register: |_| {},
            needs: ("things.create", [false; COLUMNS]),
            key: &["external_id"],
            write: |_, _| Box::pin(async { Ok(Vec::new()) }),
        };
        let thing = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let contract = Contract::new(&json!({"paths": {}}), json!({"Thing": thing}));
        let (parts, from) = mpsc::channel(99);
        let (chunks, mut read_rows) = mpsc::channel(9);
        for part in file.as_bytes().chunks(part) {
            parts.try_send(Ok(part.to_vec())).expect("room");
        }
        drop(parts);
        let done = read(Job { importer, format, skipped: 0, most }, &contract, from, &chunks);
        let mut numbers = Vec::new();
        while let Ok(chunk) = read_rows.try_recv() {
            numbers.extend(chunk.rows.iter().map(|row| row.number));
        }
        (numbers, done)
    }

    #[test]
    fn a_mark_of_byte_order_is_passed_over_wherever_the_parts_of_the_file_begin() {
        for (format, file) in
            [(FileFormat::Csv, "\u{feff}\"name\"\na\n"), (FileFormat::Ndjson, "\u{feff}{\"name\":\"a\"}\n")]
        {
            for part in [1, 2, 3, 99] {
                let (numbers, done) = rows_of_parts(file, part, format, 9);
                assert!(done.is_ok() && numbers == [1], "{format:?} in parts of {part}: {:?}", done.err());
            }
        }
    }

    #[test]
    fn a_file_with_one_row_too_many_is_refused() {
        for (format, file) in [
            (FileFormat::Csv, "name\na\nb\nc\n"),
            (FileFormat::Ndjson, "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n"),
        ] {
            let (numbers, done) = rows(file, format, 3);
            assert!(done.is_ok() && numbers == [1, 2, 3], "{format:?} {numbers:?}");
            let (numbers, done) = rows(file, format, 2);
            let refusal = done.expect_err("too many rows");
            assert_eq!((numbers.len(), refusal.code), (0, Code::RuleViolated), "{format:?}");
            assert!(refusal.detail.contains("at most 2 rows"), "{}", refusal.detail);
        }
    }
}
