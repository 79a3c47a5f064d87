//! When reviews are due, what may become of them and what follows from ratings. Pure: no HTTP, no SQL.

mod attendance;
mod grade;
mod schedule;
mod states;

pub use attendance::{check_present, check_refs};
pub use grade::{Rated, check_ratings, effective, grade, refuse_unrated, summary};
pub use schedule::{
    Called, MISSED_AFTER, Plan, RESPOND_WITHIN, calls, check_day, check_heard, check_missed, check_period, instead_on,
    missed_on,
};
pub use states::{OVER, Verb, WAITING, may_rate_again, refuse_involved, refuse_newcomer, refuse_waiting, responded};
