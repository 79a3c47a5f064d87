//! Signing in, staying signed in, signing out.

pub mod api;
mod store;
mod types;
