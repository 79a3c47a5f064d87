//! Alignment: whether what is agreed is what customers care about.
//!
//! - Kept against lived (`Divergence`): how often what customers were promised was kept, against how many of them are
//!   satisfied. A watermelon is green outside and red inside: promises kept, customers unhappy.
//! - At the level of single jobs: how many are unhappy although all was kept, and what share of the unhappy that is,
//!   which the agreement does not see (the blind spot).
//! - Where customers miss most what no clause is about, a clause is proposed.
//!
//! Numbers are about what was promised within published versions. Staff only; reviewers see their agreements.

pub mod api;
mod rules;
mod store;
mod types;
mod words;

pub use store::get_published_alignment;
pub use types::{Alignment, Quadrant};
