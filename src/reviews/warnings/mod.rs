//! Early warnings: what a supplier says about its agreement before it goes wrong, at any time.
//!
//! Staff answers each; a review does not close while one of its agreement waits. Neither is edited afterwards.

pub mod api;
mod entity;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::early_warnings::Read;

pub use entity::Entity;
pub use store::{of_period, unanswered};
pub use types::Urgency;

pub const EXPORT: Source =
    crate::source!("early_warnings", Read, types::EarlyWarningQuery, types::EarlyWarning, store::list_warnings);
