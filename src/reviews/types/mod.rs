//! The shapes of reviews.

mod clause;
mod pack;
mod rating;
mod review;
mod steps;

pub use clause::{ClauseReview, ClauseVerdict, NewClauseReview};
pub use pack::{EvidencePack, PackAction, PackAlignment, PackAssessment, PackClause, PackReview, PackWarning};
pub use rating::{
    Criterion, CriterionRatings, GivenRating, NewRating, NewRatings, RatingSummary, ReviewRatings, SingleRating,
};
pub use review::{
    Attendee, AttendeeRef, MissedBy, NewReview, ResponseKind, Review, ReviewChange, ReviewGrade, ReviewOrigin,
    ReviewQuery, ReviewResponse, ReviewRuling, ReviewStatus, Ruling,
};
pub use steps::{MissedReview, NewResponse, NewRuling, ResponseWord, ReviewHeld, UseAgain};
