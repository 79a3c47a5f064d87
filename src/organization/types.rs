//! The shapes of the organisation.

use super::entity;
use crate::shared::change::{Change, NullableChange};
use crate::shared::text::{Email, Language};
use crate::shared::time::Timestamp;
use crate::shared::zone::ZoneName;
use poem_openapi::Object;
use sea_orm::DerivePartialModel;
use serde::Serialize;

/// The organisation that runs this installation.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "entity::Entity")]
pub struct Organization {
    /// Name as others see it.
    pub name: String,
    /// The time zone in which its days begin and end (IANA).
    pub time_zone: ZoneName,
    /// The language it writes in (BCP 47).
    pub language: Language,
    /// Where suppliers and users may write to.
    pub contact_email: Option<Email>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was first read.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A change of the organisation (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct OrganizationChange {
    /// Name as others see it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Change<String>,
    /// The time zone in which its days begin and end (IANA). Upper and lower case are put right.
    pub time_zone: Change<ZoneName>,
    /// The language it writes in (BCP 47).
    pub language: Change<Language>,
    /// Where suppliers and users may write to.
    pub contact_email: NullableChange<Email>,
}
