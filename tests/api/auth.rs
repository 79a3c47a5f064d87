//! Signing in and tokens.
