//! The tests of the API, in one binary. See `tests/README.md`.

mod support;

mod access;
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
mod passwords;
mod people;
mod shell;
mod suppliers;
