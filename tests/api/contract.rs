//! The published document.
