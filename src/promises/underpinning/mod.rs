//! Underpinning: on what a promise to customers rests, and whether that is good enough for it.
//!
//! - A tree of parts: in series all are needed, in parallel one of them is enough. A link is another promise, or an
//!   estimate for what nobody has promised. Nothing rests on itself, directly or through others.
//! - A linked promise counts with the numbers of its version in force and its grace, at the time of reading; while it
//!   is not published, it counts for nothing.
//! - Times in different calendars do not add up: then nobody can tell, and it is not covered.
//! - It tells of several suppliers, so suppliers do not see it.

pub mod api;
mod rules;
mod store;
mod types;

pub(super) use types::UnderpinningPart;
