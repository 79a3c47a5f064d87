//! Reviews in people's own calendars: a feed per account that calendar programs subscribe to (RFC 5545).
//!
//! - Calendar programs send no headers, so the token stands in the address. It is shown once, names the account and
//!   proves by a MAC that we made it; nothing of it is stored. Each new one voids those before, and revoking all.
//! - It opens this feed and nothing else, and shows what the account may see at that moment.

pub mod api;
mod entity;
mod rules;
mod store;
mod types;

pub use entity::Entity;
