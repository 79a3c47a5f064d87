//! Follow-ups: a low answer is somebody's to answer for, within a time.
//!
//! - An answer has one at most (`open`). Its clock runs in the working time of the survey's rule from the moment the
//!   answer is known here, and stops when the customer was contacted.
//! - It is due from the owner of the agreement until somebody takes it on; then from that one, and from nobody else.
//!   Reminders go out half-way, when it is due and on three days after.
//! - What nobody has taken on falls away with its answer (`drop_of`); what somebody works on stays until it is ended.

pub mod api;
mod opening;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::feedback::Read;

pub use opening::{Low, drop_of, erase_of, open, open_all};

pub const EXPORT: Source =
    crate::source!("follow_ups", Read, types::FollowUpQuery, types::FollowUp, store::list_follow_ups);
