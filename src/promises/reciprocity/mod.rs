//! Reciprocity: what we keep of what we owe a supplier, against what the supplier keeps.
//!
//! Counted are occasions that were promised. What comes out is seen by whoever sees the agreement, the supplier too.

pub mod api;
mod rules;
mod store;
mod types;

pub use store::get_reciprocity;
pub use types::Reciprocity;
