//! Invitations: asking somebody to join, for seven days, once.
//!
//! - Owners invite everybody, managers people of suppliers, a supplier's administrator people of its
//!   own supplier. Nobody invites to a role above their own. Auditors read all.
//! - The token is signed, not stored. Sending it again makes another one and voids the older.
//! - One address has one pending invitation per supplier (or as staff); a second is 409 with the id of
//!   the first, which can be sent again.
//! - An address with an account cannot join again. Staff are told (409), and so is a supplier's
//!   administrator about its own users. About anybody else it learns nothing: the invitation is made
//!   as usual, no mail is sent, and its token answers as one that is over. (Where no mail server is
//!   configured it holds the token itself and could try it; a mail server closes that.)
//! - `accept_token` is shown only while no mail server is configured, in the first answer only.

pub mod api;
mod entity;
mod joining;
mod rules;
mod store;
mod types;

pub(super) use entity::Entity;
pub(super) use joining::mail;
