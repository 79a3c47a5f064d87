//! The shapes of the caller itself.

use crate::shared::auth::SessionId;
use crate::shared::change::Change;
use crate::shared::id::SupplierId;
use crate::shared::notify::TaskKind;
use crate::shared::page::Paging;
use crate::shared::permission::Role;
use crate::shared::text::Email;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use serde::Serialize;
use uuid::Uuid;

/// What a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    /// A person who signed in.
    Account,
    /// Another system, with an API key.
    ApiKey,
}

/// The caller.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Me {
    /// What it is.
    pub kind: CallerKind,
    /// Id of the account or of the API key.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// E-mail address of the account; null for an API key.
    pub email: Option<Email>,
    /// Role of the account. An API key of a supplier has that of its administrator, one of the
    /// organisation none.
    pub role: Option<Role>,
    /// The one supplier it sees; null for those who see all.
    pub supplier_id: Option<SupplierId>,
    /// Scopes of the API key; empty for an account, which needs none.
    pub scopes: Vec<String>,
    /// The session of the access token; null for an API key.
    pub session_id: Option<SessionId>,
    /// Whether the password has to be changed before anything else.
    pub password_change_required: bool,
    /// Counts edits of the account; null for an API key.
    pub revision: Option<i64>,
}

/// A change of one's own account (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct MeChange {
    /// Name as others see it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
}

/// A new password of one's own.
#[derive(Clone, Object)]
pub struct PasswordChange {
    /// The password until now.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub current_password: String,
    /// The new one: 12 to 128 characters of any kind, not easily guessed.
    #[oai(validator(min_length = 12, max_length = 128))]
    pub new_password: String,
}

/// What the caller may do.
#[derive(Clone, Debug, Object, Serialize)]
pub struct MyPermissions {
    /// The names that operations give as `x-required-permission`.
    pub permissions: Vec<String>,
    /// The one supplier whose things they are about; null for all.
    pub supplier_id: Option<SupplierId>,
}

/// Something that is due from you.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Task {
    /// Never changes.
    pub id: Uuid,
    /// What is expected.
    pub kind: TaskKind,
    /// The same in words.
    pub title: String,
    /// What it is about.
    pub resource_id: Uuid,
    /// Where that is found.
    pub resource_path: String,
    /// The supplier that it concerns.
    pub supplier_id: Option<SupplierId>,
    /// Until when.
    pub due_at: Timestamp,
    /// Whether that is over and it is not done.
    pub is_overdue: bool,
    /// When it was done; null while it is due.
    pub done_at: Option<Timestamp>,
    /// Since when it is due from you.
    pub created_at: Timestamp,
}

/// Which tasks, soonest first.
#[derive(Debug, Clone, Object)]
pub struct TaskQuery {
    /// Only those that are overdue, or only others.
    pub overdue: Option<bool>,
    /// Those that are done instead of those that are due.
    #[oai(default)]
    pub done: bool,
    #[oai(flatten)]
    pub paging: Paging,
}
