//! Who is calling and what they may do. `May<P>` is every operation's first argument: a handler
//! cannot run without the right, and a query cannot start without the caller's scope.
//!
//! This module owns the tables `account`, `session`, `refresh_token`, `api_key`, `signing_key`,
//! `sign_in_throttle` and `access_epoch`; the room `users` is their HTTP face.

pub mod account;
pub mod api_key;
pub mod epoch;
mod gate;
pub mod keys;
mod may;
pub mod password;
pub mod secret;
pub mod session;
pub mod throttle;
mod token;

pub use gate::Gate;
pub use keys::Keys;
pub use may::{Anyone, May, bearer};
pub use session::SessionId;
pub use token::{AccessToken, LIFETIME as TOKEN_LIFETIME};

use crate::shared::clock::Clock;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::{COLUMNS, Permission, Role, SERVICE, scope};
use api_key::ApiKeyId;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;
use uuid::Uuid;

/// Somebody, or something, that has shown who it is.
#[derive(Clone, Debug)]
pub struct Caller {
    pub identity: Identity,
    pub name: String,
    /// `None` for API keys of the organisation.
    pub role: Option<Role>,
    /// Set for supplier roles and for keys of a supplier: the one supplier they see.
    pub supplier_id: Option<SupplierId>,
}

/// By what a caller has shown who it is.
#[derive(Clone, Debug)]
pub enum Identity {
    Account {
        id: AccountId,
        session: SessionId,
        /// Somebody else chose the password: nothing but changing it is allowed.
        must_change_password: bool,
    },
    Key {
        id: ApiKeyId,
        scopes: Vec<String>,
    },
    /// Whoever runs the program on its machine may do everything.
    CommandLine,
}

impl Caller {
    /// The id of the account or of the key.
    pub fn id(&self) -> Uuid {
        match &self.identity {
            Identity::Account { id, .. } => id.0,
            Identity::Key { id, .. } => id.0,
            Identity::CommandLine => Uuid::nil(),
        }
    }

    /// What it is in the audit trail.
    pub fn kind(&self) -> &'static str {
        match &self.identity {
            Identity::Account { .. } => "account",
            Identity::Key { .. } => "api_key",
            Identity::CommandLine => "command_line",
        }
    }

    /// Its column of the policy table.
    pub fn column(&self) -> usize {
        let place = |role| Role::ALL.iter().position(|known| *known == role);
        self.role.and_then(place).unwrap_or(SERVICE)
    }

    /// Whether the policy table, and the key's scopes, give it the permission with this row.
    pub fn has(&self, name: &str, cells: &[bool]) -> bool {
        let in_scope = match &self.identity {
            Identity::Key { scopes, .. } => name == "me.read" || scopes.contains(&scope(name)),
            Identity::Account { .. } | Identity::CommandLine => true,
        };
        cells[self.column()] && in_scope
    }

    pub fn may<P: Permission>(&self) -> bool {
        self.has(P::NAME, &P::CELLS)
    }

    pub fn is(&self, role: Role) -> bool {
        self.role == Some(role)
    }

    /// Its role in words, for refusals.
    pub fn is_what(&self) -> &'static str {
        match (&self.identity, self.role) {
            (Identity::Account { .. }, Some(role)) => role.name(),
            _ => "an API key",
        }
    }

    /// The rows it may see.
    pub fn scope(&self) -> Result<Scope> {
        match (self.role.is_some_and(Role::is_supplier), self.supplier_id) {
            (_, Some(own)) => Ok(Scope::Supplier(own)),
            (false, None) => Ok(Scope::Everything),
            (true, None) => Err(Error::new(Code::Forbidden, "This account belongs to no supplier.")),
        }
    }
}

/// The name under which the command line enters the audit trail.
const COMMAND_LINE: &str = "command line";

impl Caller {
    pub fn command_line() -> Self {
        let (name, role) = (COMMAND_LINE.to_owned(), Some(Role::Owner));
        Self { identity: Identity::CommandLine, name, role, supplier_id: None }
    }
}

/// The rows a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl By {
    /// Somebody acts without a request of the moment: a job, a command.
    pub fn acting(gate: &Arc<Gate>, caller: Caller, request_id: &str) -> Result<Self> {
        let (scope, clock) = (caller.scope()?, gate.clock().clone());
        Ok(Self { caller: Arc::new(caller), scope, request_id: request_id.into(), clock, gate: gate.clone() })
    }

    /// Refuses a caller without the permission with this row of the policy table.
    pub fn require(&self, (name, cells): (&str, [bool; COLUMNS])) -> Result<()> {
        if self.caller.has(name, &cells) {
            return Ok(());
        }
        let (code, detail) = match &self.caller.identity {
            Identity::Key { .. } if cells[self.caller.column()] => {
                (Code::InsufficientScope, format!("The API key has not the scope {}.", scope(name)))
            }
            _ => (Code::Forbidden, format!("You are {}, which does not include {name}.", self.caller.is_what())),
        };
        Err(Error::new(code, detail).with("required_permission", name))
    }

    /// The account of the caller; `None` for an API key.
    pub fn account(&self) -> Option<AccountId> {
        match self.caller.identity {
            Identity::Account { id, .. } => Some(id),
            Identity::Key { .. } | Identity::CommandLine => None,
        }
    }

    /// The session of the caller; `None` for an API key.
    pub fn session(&self) -> Option<SessionId> {
        match self.caller.identity {
            Identity::Account { session, .. } => Some(session),
            Identity::Key { .. } | Identity::CommandLine => None,
        }
    }
}
