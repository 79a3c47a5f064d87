//! Files to be uploaded.

use super::{Answer, Caller};
use accord::shared::objects::{Quotas, Settings};
use poem::http::Method;
use std::path::{Path, PathBuf};

pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

/// A folder `files` in this one, the usual quotas, and nobody who scans.
pub fn settings(folder: &Path) -> Settings {
    let quotas = Quotas::parse("").expect("the usual ones");
    Settings { place: folder.join("files").display().to_string(), quotas, scanner: None }
}

impl Caller<'_> {
    pub async fn upload(&self, query: &str, media_type: &str, bytes: &[u8]) -> Answer {
        self.send_raw(Method::POST, &format!("/v1/files?{query}"), Some((media_type, bytes.to_vec()))).await
    }
}

/// A PDF of this many bytes; each of its own.
pub fn pdf(size: usize, seed: u8) -> Vec<u8> {
    let mut bytes = PDF.to_vec();
    bytes.resize(size, seed);
    bytes
}

/// What stands in a folder of objects.
pub fn objects(settings: &Settings) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(&settings.place).expect("the folder");
    let mut found: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

/// A file in an archive: its name, its content as it is packed, and how large it says it is.
pub struct Packed<'a>(pub &'a str, pub &'a [u8], pub u32);

/// An archive in which nothing is compressed.
pub fn zip(members: &[Packed<'_>]) -> Vec<u8> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for Packed(name, content, unpacked) in members {
        let length = |length: usize| u32::try_from(length).expect("a small one").to_le_bytes();
        let at = archive.len();
        let mut about = Vec::new();
        about.extend([10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        about.extend([0; 4]);
        about.extend(length(content.len()));
        about.extend(unpacked.to_le_bytes());
        about.extend(&length(name.len())[..2]);
        about.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(*content);
        list.extend(b"PK\x01\x02\x0a\x00");
        list.extend(&about);
        list.extend([0; 10]);
        list.extend(length(at));
        list.extend(name.as_bytes());
    }
    let count = u16::try_from(members.len()).expect("a few").to_le_bytes();
    let (start, length) = (u32::try_from(archive.len()).expect("small"), u32::try_from(list.len()).expect("small"));
    archive.extend(&list);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

/// A text document as office programs write it.
pub fn docx() -> Vec<u8> {
    zip(&[Packed("[Content_Types].xml", b"<Types/>", 8), Packed("word/document.xml", b"<document/>", 11)])
}
