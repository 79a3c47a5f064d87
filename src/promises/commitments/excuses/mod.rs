//! Excuses: a broken commitment leaves the rate when somebody asks for it and another person agrees.
//!
//! - Whoever asked does not decide.
//! - What we broke ourselves, or caused, is excused only at the supplier's request: both sides agree to it.
//! - `strict` rates count excused commitments as broken all the same.

pub mod api;
mod rules;
mod store;
mod types;

use crate::shared::export::Source;
use crate::shared::permission::commitments::Read;

pub(super) use store::void;

pub const EXPORT: Source = crate::source!("excuses", Read, types::ExcuseQuery, types::Excuse, store::list_excuses);
