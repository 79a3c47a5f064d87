//! People who can sign in, and how they do. The HTTP face of `shared::auth`, which owns the tables.
//!
//! - An unknown account, a wrong password and a disabled account answer the same, after the same
//!   work. Failing sign-ins are slowed down; nobody is locked out.
//! - Roles are changed by owners only; the last owner who can sign in stays one.
//! - A supplier's administrator sees and manages the users of its own supplier, nobody else. It
//!   invites new ones and cannot make them: that would tell whether somebody has an account elsewhere.
//!
//! `sign_in` opens sessions, `sessions` lists and ends them, `invitations` asks people to join,
//! `passwords` gives those who forgot theirs another one, `api_keys` are for other systems.

pub mod api;
pub mod api_keys;
pub mod invitations;
mod letters;
pub mod passwords;
mod reminders;
mod rules;
pub mod sessions;
pub mod sign_in;
mod store;
mod tidying;
mod types;

use crate::shared::db::schema::Mapped;
use crate::shared::export::Source;
use crate::shared::permission::users::Read;

pub use api_keys::EXPORT as API_KEYS_EXPORT;
pub use invitations::EXPORT as INVITATIONS_EXPORT;
pub use letters::send_mail;
pub use passwords::forget as forget_resets;
pub use sessions::EXPORT as SESSIONS_EXPORT;
pub use tidying::{TIDIED_EVERY, TIDYING, tidy};

pub const EXPORT: Source = crate::source!("users", Read, types::UserQuery, types::User, store::list_users);

/// The tables that only this room knows.
pub fn tables() -> Vec<Mapped> {
    vec![Mapped::of(invitations::Entity), Mapped::of(passwords::Entity)]
}
