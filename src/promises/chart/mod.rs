//! The kept rate of a promise by week, as a picture.

pub mod api;
mod plot;
mod rules;
mod types;
