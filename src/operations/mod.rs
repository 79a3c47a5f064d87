//! What operators and integrators ask of the process itself: health, readiness, version, and the
//! catalogue of problems. Public, outside `/v1` and outside the limits per caller.

pub mod api;
mod types;
