//! The shapes of reciprocity in the API.

use crate::agreements::Dimension;
use crate::shared::days::WindowQuery;
use crate::shared::id::AgreementId;
use crate::shared::stats::Rate;
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// Who keeps less of what was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum WeakerPartner {
    Us,
    Supplier,
    /// Both keep the same share.
    Neither,
}

/// What both sides of an agreement keep of their promises.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Reciprocity {
    /// The agreement.
    pub agreement_id: AgreementId,
    /// What we keep of what we promised the supplier.
    pub ours: Rate,
    /// What the supplier keeps of what it promised us and our customers.
    pub theirs: Rate,
    /// Our rate less theirs (−1 to 1); null when one of them has no value.
    pub gap: Option<f64>,
    /// Who keeps less; null when one of the rates has no value.
    pub weaker_partner: Option<WeakerPartner>,
    /// The same for the promises on clauses of each dimension (RATER), all five of them. A clause is of the dimension
    /// that it had when it was last signed.
    pub dimensions: Vec<DimensionReciprocity>,
}

/// What both sides of an agreement keep of their promises in one dimension of quality.
#[derive(Clone, Debug, Object, Serialize)]
pub struct DimensionReciprocity {
    /// Of which kind of quality (RATER).
    pub dimension: Dimension,
    /// What we keep of what we promised the supplier.
    pub ours: Rate,
    /// What the supplier keeps of what it promised us and our customers.
    pub theirs: Rate,
    /// Our rate less theirs (−1 to 1); null when one of them has no value.
    pub gap: Option<f64>,
    /// Who keeps less; null when one of the rates has no value.
    pub weaker_partner: Option<WeakerPartner>,
}

/// Over which days.
#[derive(Debug, Clone, Object)]
pub struct ReciprocityQuery {
    #[oai(flatten)]
    pub days: WindowQuery,
}
