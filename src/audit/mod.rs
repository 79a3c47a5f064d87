//! The audit trail: the HTTP face of `shared::history`. Owners and auditors read all of it, managers
//! what concerns suppliers, a supplier's administrator what its own people did; nobody writes it but the
//! changes themselves.

pub mod api;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::audit::Read;

pub const EXPORT: Source =
    crate::source!("audit_events", Read, types::AuditQuery, types::AuditEvent, store::list_events);
