//! Jobs: the HTTP face of `shared::jobs`. Owners and auditors look at them, owners cancel them.

pub mod api;
mod store;
mod types;
