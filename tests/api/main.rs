//! The tests of the API, in one binary. See `tests/README.md`.

mod support;

mod access;
mod agreements;
mod api_keys;
mod audit;
mod auth;
mod commands;
mod contract;
mod crash;
mod credentials;
mod db;
mod hostile;
mod house;
mod idempotency;
mod instances;
mod invitations;
mod jobs;
mod notes;
mod organization;
mod passwords;
mod people;
mod processes;
mod promises;
mod sessions;
mod shell;
mod suppliers;
mod tokens;
mod users;
