//! What customers get: the form that a link leads to, and nothing about whom it is about.

mod anyone;
pub mod api;
mod types;

pub use anyone::AnyoneWithLink;
