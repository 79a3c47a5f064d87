//! The shapes of sessions.

use crate::shared::auth::{SessionId, session};
use crate::shared::id::AccountId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use sea_orm::DerivePartialModel;
use serde::Serialize;

/// Where somebody is signed in.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "session::Entity")]
pub struct Session {
    /// Never changes.
    pub id: SessionId,
    /// Who is signed in.
    pub account_id: AccountId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its refresh token was last exchanged.
    pub last_used_at: Option<Timestamp>,
    /// When it ends, however much it is used.
    pub expires_at: Timestamp,
    /// What the client called itself at the sign-in.
    pub user_agent: Option<String>,
    /// The address of the sign-in.
    pub address: Option<String>,
    /// Whether this request belongs to it.
    #[sea_orm(skip)]
    pub is_current: bool,
}

/// Which sessions, newest first. Ended ones are not listed.
#[derive(Debug, Clone, Object)]
pub struct SessionQuery {
    /// Only those of this account.
    pub account_id: Option<AccountId>,
    #[oai(flatten)]
    pub paging: Paging,
}
