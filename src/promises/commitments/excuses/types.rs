//! The shapes of excuses in the API.

use super::super::entity::excuse;
use super::super::types::{Cause, CommitmentId, ExcuseStatus};
use crate::agreements::Side;
use crate::shared::id::SupplierId;
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use sea_orm::DerivePartialModel;
use serde::Serialize;
use uuid::Uuid;

/// A request to excuse a broken commitment.
#[derive(Clone, Debug, Object, Serialize, DerivePartialModel)]
#[sea_orm(entity = "excuse::Entity")]
pub struct Excuse {
    /// Never changes.
    pub id: Uuid,
    /// The broken commitment.
    pub commitment_id: CommitmentId,
    /// The supplier of its agreement.
    pub supplier_id: SupplierId,
    /// How it was decided.
    pub status: ExcuseStatus,
    /// Who or what stood in the way.
    pub cause: Cause,
    /// What happened.
    pub reason: String,
    /// Which side asked.
    pub asked_by_side: Side,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// What was said about the decision.
    pub decision_reason: Option<String>,
    /// Counts edits.
    pub revision: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a commitment should be excused.
#[derive(Clone, Debug, Object)]
pub struct ExcuseRequest {
    /// Who or what stood in the way; `us` only at the supplier's request.
    pub cause: Cause,
    /// What happened.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// What to say about a granted excuse.
#[derive(Clone, Debug, Object)]
pub struct ExcuseGrant {
    /// Remarks; both sides read them.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// Why a commitment is not excused.
#[derive(Clone, Debug, Object)]
pub struct ExcuseRefusal {
    /// The reason; both sides read it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
}

/// Which excuses, in the order they were asked for.
#[derive(Debug, Clone, Object)]
pub struct ExcuseQuery {
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<ExcuseStatus>,
    /// Only those of this commitment.
    pub commitment_id: Option<CommitmentId>,
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    #[oai(flatten)]
    pub paging: Paging,
}
