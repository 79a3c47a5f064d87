//! Signing in. The HTTP face of `shared::auth`, which owns the tables.
//!
//! An unknown account, a wrong password and a disabled account answer the same, after the same
//! work; sign-ins are limited per address.

pub mod api;
mod types;
