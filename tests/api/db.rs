//! The databases: schema, write door, errors.
