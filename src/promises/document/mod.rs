//! An agreement as a page to be read, printed and filed.

mod rules;

pub use rules::{Clause, Document, Promised, Signed, Term, render};

#[cfg(test)]
mod tests;
