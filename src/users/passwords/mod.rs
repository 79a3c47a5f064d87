//! Forgotten passwords: a link by mail, for half an hour, once.
//!
//! - Asking answers the same for every address, after the same work: one history row and one job. Only
//!   the job knows whether there is an account; a disabled one gets no mail.
//! - At most one mail a minute goes to an account.
//! - A new password ends all sessions of the account and voids its other links.

pub mod api;
mod entity;
mod store;
mod types;

pub(super) use entity::Entity;
pub(super) use store::mail;
