//! Alignment: whether what is agreed is what customers care about.
