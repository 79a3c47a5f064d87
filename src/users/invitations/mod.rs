//! Invitations: asking somebody to join, for seven days, once.
//!
//! - Owners invite everybody, managers people of suppliers, a supplier's administrator people of its
//!   own supplier. Nobody invites to a role above their own. Auditors read all.
//! - The token is signed, not stored. Sending it again makes another one and voids the older.
//! - One address has one pending invitation per supplier (or as staff); a second is 409 with the id of
//!   the first, which can be sent again.
//! - An address with an account cannot join again. Staff are told (409), and so is a supplier's
//!   administrator about its own users. About anybody else it learns nothing: the invitation is made
//!   as usual, no mail is sent, and its token answers as one that is over.
//! - `accept_token` is shown to staff only, only while no mail server is configured, in the first answer
//!   only. A supplier's administrator never holds a token, with which it could try whether an address has
//!   an account elsewhere.
//! - An invitation is over when whoever sent it can no longer invite to this role.
//! - A supplier's administrator sends one again once a minute at most, and a supplier has fifty pending ones
//!   at most, so that nobody sends mails in bulk through it.

pub mod api;
mod entity;
mod joining;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::invitations::Read;

pub(super) use entity::Entity;
pub(super) use joining::mail;
pub(super) use store::forget_until;

pub const EXPORT: Source =
    crate::source!("invitations", Read, types::InvitationQuery, types::Invitation, store::list_invitations);
