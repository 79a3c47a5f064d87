//! What customers wrote and agreed to share with the supplier: all that suppliers read of single answers.

pub mod api;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::comments::Read;

pub const EXPORT: Source =
    crate::source!("comments", Read, types::CommentQuery, types::SharedComment, store::list_comments);
