//! The shapes of follow-ups in the API.

use crate::feedback::types::FollowUpStatus;
use crate::id;
use crate::shared::id::{AccountId, AgreementId, FeedbackId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::Object;
use serde::Serialize;

id!(
    /// A follow-up.
    FollowUpId
);

/// A low answer that somebody has to follow up.
#[derive(Clone, Debug, Object, Serialize)]
pub struct FollowUp {
    /// Never changes.
    pub id: FollowUpId,
    /// The answer.
    pub feedback_id: FeedbackId,
    /// The agreement that it is about.
    pub agreement_id: Option<AgreementId>,
    /// The supplier that it is about.
    pub supplier_id: SupplierId,
    /// Where it stands.
    pub status: FollowUpStatus,
    /// Whose it is: while it is `required`, the owner of the agreement, or nobody's (null).
    pub owner_id: Option<AccountId>,
    /// Until when the customer is to be contacted.
    pub due_at: Timestamp,
    /// Whether that is over and nobody has contacted the customer.
    pub is_overdue: bool,
    /// When the customer was contacted.
    pub contacted_at: Option<Timestamp>,
    /// When it was resolved or given up.
    pub ended_at: Option<Timestamp>,
    /// What was last said about it.
    pub note: Option<String>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Who takes a follow-up on.
#[derive(Clone, Debug, Object)]
pub struct FollowUpOwner {
    /// Somebody of the staff who may follow up (422); you when left out.
    pub owner_id: Option<AccountId>,
}

/// That the customer was contacted.
#[derive(Clone, Debug, Object)]
pub struct FollowUpContact {
    /// When, not in the future (422); now when left out.
    pub contacted_at: Option<Timestamp>,
    /// What was said.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// How a follow-up ended.
#[derive(Clone, Debug, Object)]
pub struct FollowUpEnd {
    /// What came of it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: String,
}

/// Which follow-ups, soonest due first.
#[derive(Debug, Clone, Object)]
pub struct FollowUpQuery {
    /// Only these states; repeat for several.
    #[oai(default)]
    pub status: Vec<FollowUpStatus>,
    /// Only those of this owner.
    pub owner_id: Option<AccountId>,
    /// Only your own.
    #[oai(default)]
    pub mine: bool,
    /// Only those that are overdue, or only others.
    pub overdue: Option<bool>,
    /// Only those about this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those about this agreement.
    pub agreement_id: Option<AgreementId>,
    #[oai(flatten)]
    pub paging: Paging,
}
