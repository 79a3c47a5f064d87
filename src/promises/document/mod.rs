//! An agreement as a page to be read, printed and filed.
//!
//! - Shown is the version asked for, otherwise the one that `getAgreement` shows. Whatever is not in force is
//!   stamped, but a version that waits for signatures only says so: it may be signed on paper.
//! - Promises stand below the clauses of the version in force, as long as they are made: published or paused.

pub mod api;
mod page;
mod rules;
mod store;
mod types;

#[cfg(test)]
mod tests;
