//! The foundation: what every room needs, once. Rooms call it; it calls no room.

pub mod app;
pub mod auth;
pub mod body;
pub mod change;
pub mod clock;
pub mod context;
pub mod contract;
pub mod crypto;
pub mod db;
pub mod error;
pub mod etag;
pub mod history;
pub mod id;
pub mod idempotency;
pub mod jobs;
pub mod json;
pub mod page;
pub mod params;
pub mod parsed;
pub mod permission;
pub mod rate;
pub mod reply;
pub mod search;
pub mod tag;
pub mod text;
pub mod time;
