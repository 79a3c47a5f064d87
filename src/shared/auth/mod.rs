//! Who is calling and what they may do. `May<P>` is every operation's first argument: a handler
//! cannot run without the right, and a query cannot start without the caller's scope.
//!
//! This module owns the tables `account`, `session` and `signing_key`; the room `users` is their
//! HTTP face.

pub mod account;
mod gate;
pub(crate) mod keys;
mod may;
pub mod password;
mod token;

pub use gate::Gate;
pub use keys::Keys;
pub use may::{Anyone, May};
pub use token::{AccessToken, LIFETIME as TOKEN_LIFETIME};

use crate::id;
use crate::shared::clock::Clock;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::Role;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

id!(
    /// A signed-in period of one account on one device.
    SessionId
);

/// Somebody who has shown who they are.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account_id: AccountId,
    pub name: String,
    pub role: Role,
    /// Set for supplier roles: the one supplier they see.
    pub supplier_id: Option<SupplierId>,
}

/// The rows a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Everything,
    Supplier(SupplierId),
}

impl Scope {
    /// The condition every read starts from; `supplier` is the column that names the supplier.
    pub fn on(&self, supplier: impl ColumnTrait) -> Condition {
        match self {
            Scope::Everything => Condition::all(),
            Scope::Supplier(own) => Condition::all().add(supplier.eq(*own)),
        }
    }

    pub fn sees(&self, supplier: SupplierId) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Supplier(own) => *own == supplier,
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Scope::Everything => b"",
            Scope::Supplier(own) => own.0.as_bytes(),
        }
    }
}

/// On whose behalf a change is made: caller, scope, request, and the time it happens.
#[derive(Clone)]
pub struct By {
    pub caller: Arc<Caller>,
    pub scope: Scope,
    pub request_id: Arc<str>,
    pub clock: Clock,
    pub gate: Arc<Gate>,
}
