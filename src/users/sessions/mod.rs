//! Sessions: where somebody is signed in. Everybody sees and ends their own, owners everybody's.

pub mod api;
mod store;
mod types;

pub(super) use store::end;
