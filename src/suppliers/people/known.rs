//! Who people are, for rooms that name them.

use super::entity::{Column, Entity};
use crate::shared::error::Result;
use crate::shared::id::{PersonId, SupplierId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// A person as others refer to it.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    pub id: PersonId,
    pub supplier_id: SupplierId,
    pub external_id: Option<String>,
}

/// The people with these ids, or these keys in another system.
pub async fn find_people(
    db: &impl ConnectionTrait,
    ids: Vec<PersonId>,
    external_ids: Vec<String>,
) -> Result<Vec<KnownPerson>> {
    if ids.is_empty() && external_ids.is_empty() {
        return Ok(Vec::new());
    }
    let named = Condition::any().add(Column::Id.is_in(ids)).add(Column::ExternalId.is_in(external_ids));
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::SupplierId, Column::ExternalId])
        .filter(named)
        .into_tuple::<(PersonId, SupplierId, Option<String>)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, supplier_id, external_id)| KnownPerson { id, supplier_id, external_id }).collect())
}
