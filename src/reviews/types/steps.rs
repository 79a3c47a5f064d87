//! What is said when a review moves on.

use super::{AttendeeRef, MissedBy, Ruling};
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};

/// That a review took place.
#[derive(Clone, Debug, Object)]
pub struct ReviewHeld {
    /// On which day; today when left out, not in the future and not before the period ended (422).
    pub held_on: Option<NaiveDate>,
    /// Who was there, invited or not: somebody of each side, and a main employee contact of the supplier (422). Whoever
    /// was invited and is not named was absent.
    #[oai(validator(min_items = 1, max_items = 50))]
    pub present: Vec<AttendeeRef>,
}

/// That a review did not take place.
#[derive(Clone, Debug, Object)]
pub struct MissedReview {
    /// Because of whom.
    pub by: MissedBy,
    /// Why.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Whether the owner of the agreement would use the supplier again.
#[derive(Clone, Debug, Object)]
pub struct UseAgain {
    /// Yes or no.
    pub would_use_again: bool,
    /// Why.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub reason: String,
}

/// Whether the supplier agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum ResponseWord {
    Agree,
    /// It agrees, but not with everything; what was found stands.
    Partly,
    /// Somebody uninvolved decides.
    Disagree,
}

/// What the supplier says to a review.
#[derive(Clone, Debug, Object)]
pub struct NewResponse {
    /// Whether it agrees.
    pub kind: ResponseWord,
    /// In its words; needed unless it agrees (422).
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub text: Option<String>,
}

/// What somebody uninvolved decides.
#[derive(Clone, Debug, Object)]
pub struct NewRuling {
    /// How it is decided.
    pub outcome: Ruling,
    /// Why; both sides read it.
    #[oai(validator(min_length = 1, max_length = 10000))]
    pub reason: String,
}
