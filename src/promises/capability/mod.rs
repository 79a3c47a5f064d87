//! The capability gate: promise only what can be kept again and again.
//!
//! - A check holds what was reached so far against what is to be promised, and says so in numbers that
//!   anybody can compute again. Nothing is promised that was not checked.
//! - What the history demonstrates is published freely; what it contradicts, never; anything between only
//!   when somebody answers for it, with a reason and a day on which it is looked at again.
//! - Occasions count whether the promise was published then or not; excused ones do not.
//! - Another target than the recorded one is held against the tightest target that each occasion would have met. As
//!   long as all occasions were judged by one target, a tighter one never counts more of them as kept, nor a looser
//!   one fewer.

pub mod api;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::promises::Read;

pub(super) use rules::admit;
pub(super) use store::{Question, assess, insert_check};
pub(super) use types::{Capability, CheckId};

pub const EXPORT: Source =
    crate::source!("capability_checks", Read, types::CheckQuery, types::CapabilityCheck, store::list_checks_of_all);
