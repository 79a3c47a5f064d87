//! Jobs: the HTTP face of `shared::jobs`. Owners and auditors look at all of them, everybody else
//! at those they ordered; whoever ordered a job may cancel it. Rooms that order jobs answer with `Job`.

pub mod api;
mod store;
mod types;

pub use store::get_job;
pub use types::Job;
