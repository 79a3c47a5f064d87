//! The kept rate of a promise by week, as a picture.

pub mod api;
mod rules;
mod types;
