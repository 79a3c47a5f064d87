//! The shapes of the audit trail.

use crate::shared::history::FieldChange;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

/// Who did something.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Actor {
    /// The kind of actor: `account`, `api_key`, `command_line`, or `anonymous` for somebody who has not shown
    /// who they are.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: Option<Uuid>,
    /// Its name at that time; null after erasure.
    pub label: Option<String>,
}

/// What something was done to.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Resource {
    /// The kind of resource: `supplier`, `person`, ...
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: Option<Uuid>,
}

/// Something that was done.
#[derive(Clone, Debug, Object, Serialize)]
pub struct AuditEvent {
    /// Never changes.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What: `supplier.suspend`.
    pub action: String,
    /// To what.
    pub resource: Resource,
    /// The supplier concerned.
    pub supplier_id: Option<Uuid>,
    /// The request in which it was done.
    pub request_id: String,
    /// What changed; empty after erasure.
    pub changes: Vec<FieldChange>,
    /// The reason that was given.
    pub reason: Option<String>,
}

/// Which events, newest first.
#[derive(Debug, Clone, Object)]
pub struct AuditQuery {
    /// Only what was done to this kind of resource.
    #[oai(validator(max_length = 50, pattern = "^[a-z_]+$"))]
    pub resource_type: Option<String>,
    /// Only what was done to this resource.
    pub resource_id: Option<Uuid>,
    /// Only what this account or API key did.
    pub actor_id: Option<Uuid>,
    /// Only this action: `supplier.suspend`.
    #[oai(validator(max_length = 50, pattern = "^[a-z_]+\\.[a-z_-]+$"))]
    pub action: Option<String>,
    /// Only what concerned this supplier.
    pub supplier_id: Option<Uuid>,
    /// At or after this instant.
    pub at_gte: Option<Timestamp>,
    /// Before this instant.
    pub at_lt: Option<Timestamp>,
    #[oai(flatten)]
    pub paging: Paging,
}
