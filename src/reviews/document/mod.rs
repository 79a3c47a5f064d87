//! The evidence pack as a page to be read, printed and filed. It is made of what was frozen and of nothing else, so it
//! is always the same.

mod page;
mod words;

use crate::shared::error::{Error, Result};

/// The page of a pack, from its text.
pub fn render(content: &str, hash: &str) -> Result<String> {
    let pack = serde_json::from_str(content).map_err(Error::internal)?;
    page::render(&words::page(&pack, hash))
}
