//! What customers said, as pictures: gaps by dimension of quality, the net promoter score over time, and how many gave
//! which number. They show what `getFeedbackNumbers` says to the same caller, and nothing else.

pub mod api;
mod rules;
mod types;
