//! Files: evidence that suppliers and staff upload, each with the days its content speaks of.
//!
//! - The bytes stand in the object store (`shared::objects`) under a key nobody can guess; the row tells what they
//!   are. They are there before the row and go after it, so that no row is ever without its bytes.
//! - Name, media type and content agree, and the type is on a short list (`rules`).
//! - A file hangs on nothing, or on one thing of a higher room, which registers what files can be attached to
//!   (`shared::owner`): whoever reads the thing reads its files, and what was handed in stays as it is.
//! - What nobody attaches within seven days is removed.
//! - With a scanner, a file is available only after it was looked at.

pub mod api;
mod attached;
mod content;
mod entity;
mod rules;
mod scanner;
mod store;
mod tidying;
mod types;
mod upload;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::files::Read;

pub use attached::{attach, detach, facts};
pub use scanner::{SCANNING, scan};
pub use tidying::{TIDIED_EVERY, TIDYING, tidy};
pub use types::{FileFacts, FileStatus, Filename};

pub const EXPORT: Source = crate::source!("files", Read, types::FileQuery, types::StoredFile, store::list_files);

/// The tables of this room.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(entity::Entity)]
}
