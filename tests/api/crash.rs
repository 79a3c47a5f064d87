//! What is left after kill -9.
