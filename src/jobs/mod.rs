//! Jobs: the HTTP face of `shared::jobs`. Owners and auditors look at all of them, everybody else
//! at those they ordered; whoever ordered a job may cancel it. Rooms that order jobs answer with `Job`.

pub mod api;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::jobs::Read;

pub use store::get_job;
pub use types::Job;

pub const EXPORT: Source = crate::source!("jobs", Read, types::JobQuery, Job, store::list_jobs);
