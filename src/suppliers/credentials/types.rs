//! The shapes of credentials in the API.

use super::entity;
use crate::id;
use crate::shared::change::{Change, NullableChange};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, DeriveIntoActiveModel, DerivePartialModel, EnumIter};
use serde::{Deserialize, Serialize};

id!(
    /// A credential.
    CredentialId
);

/// What staff decided about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CredentialStatus {
    Submitted,
    Verified,
    Rejected,
    Revoked,
}

/// What the dates of a credential say today (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    NotYetValid,
    #[default]
    Valid,
    /// It ends within 30 days.
    Expiring,
    Expired,
}

/// A certificate, insurance or permit of a supplier.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Credential {
    /// Never changes.
    pub id: CredentialId,
    /// The supplier that holds it.
    pub supplier_id: SupplierId,
    /// What it is: `iso-9001`, `liability-insurance`.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// Its number with the issuer.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// First day it is valid.
    pub valid_from: Option<NaiveDate>,
    /// Last day it is valid.
    pub valid_to: Option<NaiveDate>,
    /// What staff decided.
    pub status: CredentialStatus,
    /// What the dates say today.
    #[sea_orm(skip)]
    pub validity: Validity,
    /// Why it was rejected or revoked.
    pub status_reason: Option<String>,
    /// Who decided last; suppliers always see null.
    pub decided_by: Option<AccountId>,
    /// When that was.
    pub decided_at: Option<Timestamp>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A credential to be submitted.
#[derive(Clone, Debug, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct NewCredential {
    /// What it is: `iso-9001`, `liability-insurance`.
    #[oai(rename = "type", validator(max_length = 50, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub kind: String,
    /// Its number with the issuer.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub number: String,
    /// Who issued it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub issuer: String,
    /// First day it is valid.
    pub valid_from: Option<NaiveDate>,
    /// Last day it is valid.
    pub valid_to: Option<NaiveDate>,
}

/// A change of a credential that nobody has verified yet (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object, DeriveIntoActiveModel)]
#[sea_orm(active_model = "entity::ActiveModel")]
pub struct CredentialChange {
    /// Its number with the issuer.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub number: Change<String>,
    /// Who issued it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub issuer: Change<String>,
    /// First day it is valid.
    pub valid_from: NullableChange<NaiveDate>,
    /// Last day it is valid.
    pub valid_to: NullableChange<NaiveDate>,
}

/// Why a credential is not accepted (any more).
#[derive(Clone, Debug, Object)]
pub struct CredentialReason {
    /// The reason; the supplier reads it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Which credentials: all of one supplier, in the order they were submitted.
#[derive(Debug, Clone, Object)]
pub struct CredentialQuery {
    #[oai(flatten)]
    pub paging: Paging,
}
