//! Sessions: where somebody is signed in. Everybody sees and ends their own, owners everybody's.

pub mod api;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::sessions::Read;

pub(super) use store::end;

pub const EXPORT: Source = crate::source!("sessions", Read, types::SessionQuery, types::Session, store::list_sessions);
