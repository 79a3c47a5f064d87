//! The caller itself: who it is, what it may do, its password.

pub mod api;
mod store;
mod types;
