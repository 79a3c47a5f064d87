//! Forgotten passwords: a link by mail, for half an hour, once.
//!
//! - Asking answers the same for every address, and always writes a history row and a job. Only the mail tells
//!   whether there is an account; a disabled one gets none.
//! - At most one mail a minute goes to an account.
//! - A new password ends all sessions of the account and voids its other links.

pub mod api;
mod entity;
mod store;
mod types;

pub(super) use entity::Entity;
pub use store::forget;
pub(super) use store::forget_until;
pub(super) use store::mail;
