//! Accord: aligns an organisation's suppliers and contractors with the service it promises its
//! customers.
//!
//! `main` runs commands; `app` builds the application; `api` gathers the rooms; every feature is
//! one room, a folder of short files with fixed names (`mod`, `api`, `types`, `entity`, `rules`,
//! `store`); `shared` is what every room needs; `shell` is the HTTP around every request;
//! `openapi` completes the published document; `docs` is the page that shows it.
//!
//! Who may call whom, checked by a test: `main → start → app → api → rooms → shared`, never upward. A
//! room may call only rooms to its left, and only what their `mod.rs` exports:
//!
//! `organization, suppliers, users, files, jobs, calendars, agreements, promises, surveys, feedback, alignment, questionnaires, assessments, actions, reviews, imports, me, audit, operations, exports`

#[macro_use]
pub mod shared;

pub mod actions;
pub mod agreements;
pub mod alignment;
pub mod assessments;
pub mod audit;
pub mod calendars;
pub mod exports;
pub mod feedback;
pub mod files;
pub mod imports;
pub mod jobs;
pub mod me;
pub mod operations;
pub mod organization;
pub mod promises;
pub mod questionnaires;
pub mod reviews;
pub mod suppliers;
pub mod surveys;
pub mod users;

pub mod api;
pub mod app;
pub mod config;
pub mod docs;
pub mod openapi;
pub mod shell;
pub mod start;
