//! The table of early warnings.

use super::types::Urgency;
use crate::agreements::seen_by;
use crate::shared::auth::By;
use crate::shared::id::{AgreementId, EarlyWarningId, SupplierId};
use crate::shared::permission::early_warnings::Read;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "early_warning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EarlyWarningId,
    pub agreement_id: AgreementId,
    pub supplier_id: SupplierId,
    pub text: String,
    pub urgency: Urgency,
    pub raised_by: Option<Uuid>,
    pub answer: Option<String>,
    pub answered_by: Option<Uuid>,
    pub answered_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read starts: those of agreements that the caller sees, and none for whoever may not read them.
    pub fn visible(by: &By) -> Select<Entity> {
        let seen = match by.caller.may::<Read>() {
            true => seen_by(by, Column::AgreementId),
            false => Condition::all().add(Column::Id.is_null()),
        };
        Entity::find().filter(seen)
    }
}
