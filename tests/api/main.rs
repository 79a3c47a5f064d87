//! The tests of the API, in one binary. See `tests/README.md`.

mod support;

mod access;
mod agreements;
mod api_keys;
mod audit;
mod auth;
mod calendars;
mod commands;
mod contract;
mod crash;
mod credentials;
mod db;
mod diff;
mod expectations;
mod exports;
mod hostile;
mod house;
mod idempotency;
mod imports;
mod instances;
mod invitations;
mod jobs;
mod negotiation;
mod notes;
mod organization;
mod passwords;
mod people;
mod processes;
mod sessions;
mod shell;
mod suppliers;
mod templates;
mod tokens;
mod users;
