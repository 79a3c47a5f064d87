//! The table of expectations. A clause keeps its id through the versions of its agreement.

use super::types::{Comparison, Dimension, Direction, Metric};
use crate::shared::db::Stored;
use crate::shared::id::{AgreementId, ExpectationId};
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "expectation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExpectationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    pub agreement_id: AgreementId,
    pub position: i64,
    pub direction: Direction,
    pub dimension: Dimension,
    pub text: String,
    pub metric: Option<Metric>,
    pub comparison: Option<Comparison>,
    /// Seconds for a duration.
    pub target: Option<f64>,
    pub unit: Option<String>,
    pub reliability: Option<f64>,
    pub is_gate: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub depends_on: Stored<Vec<ExpectationId>>,
    pub review_by: Option<Date>,
    pub accepted_by_us_at: Option<Timestamp>,
    pub accepted_by_supplier_at: Option<Timestamp>,
    pub confirmed_by_us_at: Option<Timestamp>,
    pub confirmed_by_supplier_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
