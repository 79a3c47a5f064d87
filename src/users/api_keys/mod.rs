//! API keys: how other systems sign in. The HTTP face of `shared::auth::api_key`, which owns the
//! table and knows what a presented key may do.
//!
//! - A key is of the organisation, or of one supplier and then sees that supplier only.
//! - It may be given what its column of the policy table reaches: a manager's rights at most, or
//!   those of the supplier's administrator.
//! - The key itself is shown once, when it is made or rotated. Only its digest is stored, and an
//!   idempotency key does not keep it.
//! - Revoked keys stay, so that the audit trail can name them. Every change counts on all
//!   instances within a second.
//!
//! Owners manage all keys, a supplier's administrator those of its supplier; keys manage none.

pub mod api;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::api_keys::Read;

pub const EXPORT: Source = crate::source!("api_keys", Read, types::ApiKeyQuery, types::ApiKey, store::list_api_keys);
