//! Credentials: certificates, insurances, permits of a supplier.
//!
//! - `status` tells what staff decided (submitted, verified, rejected, revoked); `validity` comes
//!   from the dates alone (not_yet_valid, valid, expiring within 30 days, expired).
//! - Who verifies is never the supplier itself.
//! - A verified credential is changed by nobody: what is new is a new credential.

pub mod api;
mod entity;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::credentials::Read;

pub(super) use entity::Entity;

pub const EXPORT: Source =
    crate::source!("credentials", Read, types::CredentialQuery, types::Credential, store::list_credentials_of_all);
