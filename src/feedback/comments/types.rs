//! The shapes of comments in the API.

use crate::shared::id::{AgreementId, PersonId, SupplierId};
use crate::shared::page::Paging;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::Serialize;

/// What a customer wrote and agreed to share.
#[derive(Clone, Debug, Object, Serialize)]
pub struct SharedComment {
    /// The supplier that it is about.
    pub supplier_id: SupplierId,
    /// The agreement that it is about.
    pub agreement_id: Option<AgreementId>,
    /// What the customer added.
    pub comment: Option<String>,
    /// Praise for somebody.
    pub compliment: Option<String>,
    /// Who is praised: a person of the supplier.
    pub complimented_id: Option<PersonId>,
    /// The first day of the month in which it was written.
    pub month: NaiveDate,
}

/// Which comments, in the order they were recorded.
#[derive(Debug, Clone, Object)]
pub struct CommentQuery {
    /// Only those about this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only praise for this person.
    pub complimented_id: Option<PersonId>,
    #[oai(flatten)]
    pub paging: Paging,
}
