//! The shapes of API keys.

use crate::parsed;
use crate::shared::auth::api_key::{self, ApiKeyId, KeyNetwork, KeyScope};
use crate::shared::auth::secret;
use crate::shared::change::{Change, NullableChange};
use crate::shared::db::Stored;
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::registry::MetaSchema;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveIntoActiveModel, DerivePartialModel};
use serde::Serialize;

parsed!(
    /// A time (ISO 8601) in days, hours, minutes and seconds: `PT24H`, `P7D`.
    Overlap,
    schema: MetaSchema {
        pattern: Some(
            "^P([0-9]{1,2}D|([0-9]{1,2}D)?T([0-9]{1,3}H([0-9]{1,5}M([0-9]{1,6}S)?)?|[0-9]{1,5}M([0-9]{1,6}S)?|[0-9]{1,6}S))$"
                .to_owned()
        ),
        max_length: Some(20),
        ..MetaSchema::new_with_format("string", "duration")
    }
);

/// Whether a key works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyStatus {
    /// It works.
    #[default]
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back, for good.
    Revoked,
}

/// An API key, without the key itself.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "api_key::Entity")]
pub struct ApiKey {
    /// Never changes.
    pub id: ApiKeyId,
    /// What it is for; its name in the audit trail.
    pub name: String,
    /// How the key begins.
    #[sea_orm(skip)]
    pub prefix: String,
    /// How the key ends.
    pub last4: String,
    /// What it may be used for.
    pub scopes: Stored<Vec<KeyScope>>,
    /// The one supplier whose things it sees; null for a key of the organisation, which sees all.
    pub supplier_id: Option<SupplierId>,
    /// The networks from which it is accepted; none means all.
    pub allowed_cidrs: Stored<Vec<KeyNetwork>>,
    /// Whether it works now.
    #[sea_orm(skip)]
    pub status: ApiKeyStatus,
    /// From when on it is refused; null for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used; written once a minute at most.
    pub last_used_at: Option<Timestamp>,
    /// The address from which it was used then.
    pub last_used_from: Option<String>,
    /// Until when the key before the last rotation works; null if it was never rotated.
    pub previous_until: Option<Timestamp>,
    /// The account that made it.
    pub created_by: AccountId,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed; being used is no change.
    pub updated_at: Timestamp,
}

impl ApiKey {
    /// With what follows from the row and the time.
    pub fn seen_at(self, now: Timestamp, status: fn(&Self, Timestamp) -> ApiKeyStatus) -> Self {
        Self { status: status(&self, now), prefix: secret::API_KEY.to_owned(), ..self }
    }
}

/// An API key with the key itself, which is shown only here.
#[derive(Clone, Debug, Object, Serialize)]
pub struct IssuedApiKey {
    #[oai(flatten)]
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// Send it as `Authorization: Bearer <key>`. Null when the answer is repeated for an
    /// `Idempotency-Key`: it is shown once.
    pub key: Option<String>,
}

impl IssuedApiKey {
    /// The same as it is shown later.
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }
}

/// An API key to be made.
#[derive(Clone, Debug, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "api_key::ActiveModel")]
pub struct NewApiKey {
    /// What it is for.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// What it may be used for.
    #[oai(validator(min_items = 1, max_items = 50, unique_items))]
    pub scopes: Stored<Vec<KeyScope>>,
    /// The one supplier whose things it sees. Left out by owners, it is a key of the organisation;
    /// by a supplier's administrator, one of its own supplier.
    pub supplier_id: Option<SupplierId>,
    /// From when on it is refused; in the future. Left out, it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The networks from which it is accepted; none means all.
    #[oai(default, validator(max_items = 20, unique_items))]
    pub allowed_cidrs: Stored<Vec<KeyNetwork>>,
}

/// A change of an API key (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "api_key::ActiveModel")]
pub struct ApiKeyChange {
    /// What it is for.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// What it may be used for; replaces the whole list.
    #[oai(validator(min_items = 1, max_items = 50, unique_items))]
    pub scopes: Change<Stored<Vec<KeyScope>>>,
    /// From when on it is refused; in the future. Null: it does not expire.
    pub expires_at: NullableChange<Timestamp>,
    /// The networks from which it is accepted; replaces the whole list.
    #[oai(validator(max_items = 20, unique_items))]
    pub allowed_cidrs: Change<Stored<Vec<KeyNetwork>>>,
}

/// How a key is replaced.
#[derive(Clone, Debug, Object)]
pub struct Rotation {
    /// How long the old key works beside the new one: 7 days at most, `PT0S` for not at all. Left
    /// out, it is `PT24H`.
    pub overlap: Option<Overlap>,
}

/// Which API keys, newest first.
#[derive(Debug, Clone, Object)]
pub struct ApiKeyQuery {
    /// Only those of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those in these states; repeat for several.
    #[oai(default)]
    pub status: Vec<ApiKeyStatus>,
    #[oai(flatten)]
    pub paging: Paging,
}
