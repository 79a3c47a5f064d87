//! What is in an archive (ZIP), read from its list of contents at the end; nothing is unpacked.

use super::not_allowed;
use crate::shared::error::Result;
use std::ops::Range;

/// What stands behind the list of contents holds at most this much, a comment included.
pub const TAIL: u64 = 22 + 65_535;
/// The longest list of contents that is read.
const LONGEST_LIST: u32 = 2 * 1024 * 1024;
/// How large the members may be together when they are unpacked.
const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;

/// A file in an archive, as the list tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub packed: u64,
    pub unpacked: u64,
    pub is_encrypted: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Where the list of contents stands in a file of this size; `tail` are its last bytes.
pub fn list_at(tail: &[u8], size: u64) -> Option<Range<u64>> {
    let last = tail.len().checked_sub(22)?;
    let at = (0..=last).rev().find(|at| {
        let ends_here = u16_at(tail, at + 20).is_some_and(|comment| at + 22 + usize::from(comment) == tail.len());
        tail[*at..].starts_with(b"PK\x05\x06") && ends_here
    })?;
    let (length, start) = (u32_at(tail, at + 12)?, u32_at(tail, at + 16)?);
    let end = u64::from(start) + u64::from(length);
    let end_of_list = size - (tail.len() - at) as u64;
    (length <= LONGEST_LIST && end == end_of_list).then(|| u64::from(start)..end)
}

/// The members that a list of contents tells of; `None` when it is broken.
pub fn members(list: &[u8]) -> Option<Vec<Member>> {
    let (mut at, mut found) = (0, Vec::new());
    while at < list.len() {
        if !list[at..].starts_with(b"PK\x01\x02") {
            return None;
        }
        let lengths = [u16_at(list, at + 28)?, u16_at(list, at + 30)?, u16_at(list, at + 32)?].map(usize::from);
        let name = list.get(at + 46..at + 46 + lengths[0])?;
        found.push(Member {
            name: String::from_utf8_lossy(name).into_owned(),
            packed: u32_at(list, at + 20)?.into(),
            unpacked: u32_at(list, at + 24)?.into(),
            is_encrypted: u16_at(list, at + 8)? & 1 == 1,
        });
        at += 46 + lengths.iter().sum::<usize>();
    }
    Some(found)
}

/// Whether it is the document that its name says. `found` is what the first bytes look like.
pub fn check(members: &[Member], extension: &str, found: Option<&str>) -> Result<bool> {
    let total = |of: fn(&Member) -> u64| members.iter().map(of).sum::<u64>();
    if total(|member| member.unpacked) > LARGEST_UNPACKED {
        return Err(not_allowed("Unpacked, it would hold more than 256 MiB."));
    }
    if total(|member| member.packed) > super::LARGEST as u64 {
        return Err(not_allowed("Its members overlap."));
    }
    if members.iter().any(|member| member.is_encrypted) {
        return Err(not_allowed("It is encrypted: nobody could look into it."));
    }
    if members.iter().any(|member| member.name.ends_with("vbaProject.bin")) {
        return Err(not_allowed("It holds macros."));
    }
    let has = |name: &str| members.iter().any(|member| member.name == name);
    Ok(match extension {
        "docx" => has("[Content_Types].xml") && has("word/document.xml"),
        "xlsx" => has("[Content_Types].xml") && has("xl/workbook.xml"),
        "pptx" => has("[Content_Types].xml") && has("ppt/presentation.xml"),
        "odt" => has("content.xml") && found == Some("application/vnd.oasis.opendocument.text"),
        "ods" => has("content.xml") && found == Some("application/vnd.oasis.opendocument.spreadsheet"),
        _ => false,
    })
}
