//! Links under which customers answer: what an answer is about, how often and until when.
//!
//! - The token is signed, not stored, and shown once. Whoever holds it sees the form and nothing else.
//! - A link for one answer counts as an invitation on the day it was made, also when it is revoked later: how many
//!   answer cannot be made to look better.
//! - A link for several answers hangs on a wall or stands on paper; each customer names itself there.
//! - Reviewers make and see links of agreements that are assigned to them.

pub mod api;
mod rules;
mod store;
mod tallies;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::survey_links::Read;

pub(super) use rules::proved;
pub use store::{forget_customer, open_link, use_link};
pub use tallies::{differences, response_counts};

pub const EXPORT: Source =
    crate::source!("survey_links", Read, types::SurveyLinkQuery, types::SurveyLink, store::list_links);
