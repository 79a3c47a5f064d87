//! Several instances over one database.
