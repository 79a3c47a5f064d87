//! The audit trail: the HTTP face of `shared::history`. Owners and auditors read it; nobody
//! writes it but the changes themselves.

pub mod api;
mod store;
mod types;
