//! What files may be. Pure: no HTTP, no SQL.
//!
//! The name says what a file claims to be, its bytes what it is; the two, and the media type it was sent with, must
//! agree. Documents of office programs are archives: what is in them decides.

pub mod archive;
mod range;
mod text;

pub use range::{Wanted, wanted};

use crate::shared::error::{Code, Error, Result};
use chrono::NaiveDate;
use text::Text;

/// The largest file.
pub const LARGEST: usize = 25 * 1024 * 1024;
/// How much of the beginning tells the type.
const HEAD: usize = 8 * 1024;

/// A type of file that is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub media_type: &'static str,
    pub extensions: &'static [&'static str],
}

const fn kind(media_type: &'static str, extensions: &'static [&'static str]) -> Kind {
    Kind { media_type, extensions }
}

const CSV: Kind = kind("text/csv", &["csv"]);
const TXT: Kind = kind("text/plain", &["txt"]);

pub const KINDS: [Kind; 11] = [
    kind("application/pdf", &["pdf"]),
    kind("image/png", &["png"]),
    kind("image/jpeg", &["jpg", "jpeg"]),
    kind("image/webp", &["webp"]),
    kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"]),
    kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"]),
    kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"]),
    kind("application/vnd.oasis.opendocument.text", &["odt"]),
    kind("application/vnd.oasis.opendocument.spreadsheet", &["ods"]),
    CSV,
    TXT,
];

/// What was sent without a type of its own.
pub const UNTYPED: &str = "application/octet-stream";

/// The type that a name and the sender claim.
pub fn claimed(filename: &str, declared: &str) -> Result<&'static Kind> {
    let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let kind = KINDS.iter().find(|kind| kind.extensions.contains(&&*extension));
    let kind = kind.ok_or_else(|| not_allowed("Files of this name are not taken."))?;
    match declared == UNTYPED || declared == kind.media_type {
        true => Ok(kind),
        false => Err(not_allowed(format!("It is named as {} but was sent as {declared}.", kind.media_type))),
    }
}

pub fn not_allowed(detail: impl Into<String>) -> Error {
    let extensions: Vec<_> = KINDS.iter().flat_map(|kind| kind.extensions).copied().collect();
    Error::query(Code::FileTypeNotAllowed, "filename", detail).with("allowed", extensions)
}

/// A look at a file that passes by.
pub struct Look {
    claimed: &'static Kind,
    head: Vec<u8>,
    text: Text,
}

impl Look {
    pub fn new(claimed: &'static Kind) -> Self {
        Self { claimed, head: Vec::with_capacity(HEAD), text: Text::default() }
    }

    pub fn at(&mut self, part: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&part[..part.len().min(room)]);
        if self.is_text() {
            self.text.at(part);
        }
    }

    fn is_text(&self) -> bool {
        [&CSV, &TXT].contains(&self.claimed)
    }

    pub fn is_archive(&self) -> bool {
        self.head.starts_with(b"PK\x03\x04")
    }

    /// Refuses a file that is not what it claims to be. `members`: what is in it, if it is an archive.
    pub fn check(&self, members: Option<&[archive::Member]>) -> Result<()> {
        let found = infer::get(&self.head).map(|found| found.mime_type());
        let claimed = self.claimed;
        let fits = match members {
            Some(members) => archive::check(members, claimed.extensions[0], found)?,
            None if self.is_text() => {
                // Letters may look like the beginning of something else; nothing of ours passes for text.
                self.text.is_whole() && !KINDS.iter().any(|kind| Some(kind.media_type) == found)
            }
            None => found == Some(claimed.media_type),
        };
        match fits {
            true => Ok(()),
            false => {
                Err(not_allowed(format!("It is named as {}, but its content is something else.", claimed.media_type)))
            }
        }
    }
}

/// What it speaks of ends after it begins.
pub fn are_in_order(from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
    !matches!((from, to), (Some(from), Some(to)) if to < from)
}

pub const DATES: &str = "It ends before it begins.";

/// The name as headers carry it (RFC 8187), with a plain one for old readers.
pub fn disposition(filename: &str) -> String {
    let plain: String = filename.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encoded = filename.bytes().fold(String::new(), |text, byte| match is_token(byte) {
        true => text + &char::from(byte).to_string(),
        false => text + &format!("%{byte:02X}"),
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || " -._()".contains(letter)
}

#[cfg(test)]
mod tests;
