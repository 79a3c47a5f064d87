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
pub(super) use entity::Entity;
