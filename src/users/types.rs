//! The shapes of users in the API.

use crate::shared::auth::account;
use crate::shared::change::Change;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::permission::Role;
use crate::shared::text::Email;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::DerivePartialModel;
use serde::Serialize;

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum UserStatus {
    Active,
    Disabled,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "account::Entity")]
pub struct User {
    /// Never changes.
    pub id: AccountId,
    /// E-mail address to sign in with, in lower case.
    pub email: String,
    /// Name as others see it.
    pub name: String,
    /// What the user is to the organisation.
    pub role: Role,
    /// The supplier of a supplier role; null for staff.
    pub supplier_id: Option<SupplierId>,
    /// Since when the user cannot sign in; null while it can.
    pub disabled_at: Option<Timestamp>,
    /// Whether somebody else chose the password: it has to be changed before anything else.
    pub must_change_password: bool,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A user to be made without an invitation.
#[derive(Clone, Object)]
pub struct NewUser {
    /// E-mail address to sign in with; case does not count.
    pub email: Email,
    /// Name as others see it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What the user is to the organisation.
    pub role: Role,
    /// The supplier of a supplier role; none for staff.
    pub supplier_id: Option<SupplierId>,
    /// A first password, 12 to 128 characters. The user has to change it after signing in.
    #[oai(validator(min_length = 12, max_length = 128))]
    pub password: String,
}

/// A change of a user (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct UserChange {
    /// Name as others see it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// Changed by owners only. Staff stays staff, and a supplier's user one of that supplier.
    pub role: Change<Role>,
}

/// Which users, in the order they were made.
#[derive(Debug, Clone, Object)]
pub struct UserQuery {
    /// Only these roles.
    #[oai(default)]
    pub role: Vec<Role>,
    /// Only users of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those who can, or cannot, sign in.
    pub status: Option<UserStatus>,
    /// Only the user with this e-mail address.
    pub email: Option<Email>,
    #[oai(flatten)]
    pub paging: Paging,
}
