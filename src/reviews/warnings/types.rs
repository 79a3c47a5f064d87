//! The shapes of early warnings.

use crate::shared::id::{AgreementId, EarlyWarningId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::time::Timestamp;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How soon somebody has to look.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Urgency {
    /// Within two weeks.
    Low,
    /// Within a week.
    #[default]
    Normal,
    /// Within a day.
    High,
}

/// What may go wrong, said before it does.
#[derive(Clone, Debug, Object, Serialize)]
pub struct EarlyWarning {
    /// Never changes.
    pub id: EarlyWarningId,
    /// The agreement it is about.
    pub agreement_id: AgreementId,
    /// Its supplier.
    pub supplier_id: SupplierId,
    /// What may go wrong, and what would help.
    pub text: String,
    /// How soon somebody has to look.
    pub urgency: Urgency,
    /// Who raised it; null where that is none of the reader's business.
    pub raised_by: Option<Uuid>,
    /// What was answered; null while it waits.
    pub answer: Option<String>,
    /// Who answered; null where that is none of the reader's business.
    pub answered_by: Option<Uuid>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An early warning to be raised.
#[derive(Clone, Debug, Object)]
pub struct NewEarlyWarning {
    /// An agreement in force that the caller sees (422 `invalid_reference`).
    pub agreement_id: AgreementId,
    /// What may go wrong, and what would help.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub text: String,
    /// How soon somebody has to look.
    #[oai(default)]
    pub urgency: Urgency,
}

/// The answer to an early warning.
#[derive(Clone, Debug, Object)]
pub struct WarningAnswer {
    /// What is done about it, or why nothing is.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub answer: String,
}

/// Which early warnings, newest first.
#[derive(Debug, Clone, Object)]
pub struct EarlyWarningQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Only those of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only those about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only those that are answered, or only those that wait.
    pub is_answered: Option<bool>,
}
