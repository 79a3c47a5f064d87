//! The shapes of invitations.

use super::{entity, rules};
use crate::id;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::permission::Role;
use crate::shared::text::Email;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::DerivePartialModel;
use serde::Serialize;

id!(
    /// An invitation.
    InvitationId
);

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Can be accepted.
    #[default]
    Pending,
    /// Somebody joined with it.
    Accepted,
    /// Taken back.
    Revoked,
    /// Its time is over; sending it again makes it pending.
    Expired,
}

/// Somebody who was asked to join.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Invitation {
    /// Never changes.
    pub id: InvitationId,
    /// Where the invitation was sent, in lower case.
    pub email: Email,
    /// The role of the account that it makes.
    pub role: Role,
    /// The supplier the account belongs to; null for staff.
    pub supplier_id: Option<SupplierId>,
    /// Where it stands.
    #[sea_orm(skip)]
    pub status: InvitationStatus,
    /// Until when it can be accepted: 7 days after it was last sent.
    pub expires_at: Timestamp,
    /// When somebody joined with it.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// The account that it made.
    pub account_id: Option<AccountId>,
    /// Who invited.
    pub invited_by: AccountId,
    /// The token to accept it with, for staff to hand on. Only while no mail server is configured, and only
    /// in the first answer to creating it or sending it again; otherwise null.
    #[sea_orm(skip)]
    pub accept_token: Option<String>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Invitation {
    /// As it stands at this time.
    pub fn at(self, now: Timestamp) -> Self {
        let status = rules::status(self.accepted_at, self.revoked_at, self.expires_at, now);
        Self { status, ..self }
    }
}

/// Somebody to be asked to join.
#[derive(Clone, Debug, Object)]
pub struct NewInvitation {
    /// Where to send the invitation. The account gets this address.
    pub email: Email,
    /// The role of the account; none above your own.
    pub role: Role,
    /// The supplier the account belongs to. Supplier roles need one, others have none; for a supplier's
    /// administrator it is its own.
    pub supplier_id: Option<SupplierId>,
}

/// Which invitations, newest first.
#[derive(Debug, Clone, Object)]
pub struct InvitationQuery {
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<InvitationStatus>,
    /// Only those into this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those to this address.
    pub email: Option<Email>,
    #[oai(flatten)]
    pub paging: Paging,
}

/// What somebody joins with.
#[derive(Clone, Object)]
pub struct Acceptance {
    /// The token of the invitation. It works once.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub token: String,
    /// Name as others will see it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// 12 to 128 characters of any kind, not easily guessed.
    #[oai(validator(min_length = 12, max_length = 128))]
    pub password: String,
}

/// The account that accepting an invitation made.
#[derive(Clone, Debug, Object, Serialize)]
pub struct JoinedUser {
    /// Id of the account.
    pub id: AccountId,
    /// The address to sign in with.
    pub email: String,
    /// Name as others see it.
    pub name: String,
    /// What the account may do.
    pub role: Role,
    /// The supplier it belongs to; null for staff.
    pub supplier_id: Option<SupplierId>,
}
