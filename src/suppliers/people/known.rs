//! Who people are, for rooms that name them.

use super::entity::{self, Column, Entity};
use super::types::{PersonRole, Phone};
use crate::shared::error::Result;
use crate::shared::id::{PersonId, SupplierId};
use crate::shared::text::Email;
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

/// A person who takes part in something.
#[derive(Clone, Debug)]
pub struct Attending {
    pub id: PersonId,
    pub name: String,
    /// Whether the person takes part in reviews and signs actions.
    pub is_main_contact: bool,
}

/// Those of one supplier's people who have these ids.
pub async fn attending(db: &impl ConnectionTrait, supplier: SupplierId, ids: Vec<PersonId>) -> Result<Vec<Attending>> {
    let rows = Entity::find().filter(Column::SupplierId.eq(supplier)).filter(Column::Id.is_in(ids)).all(db).await?;
    let each = rows.into_iter().map(|entity::Model { id, name, roles, .. }| {
        let is_main_contact = roles.contains(&PersonRole::MainEmployeeContact);
        Attending { id, name, is_main_contact }
    });
    Ok(each.collect())
}

/// How the people of suppliers can be reached: addresses and telephone numbers.
pub async fn contacts_of(
    db: &impl ConnectionTrait,
    suppliers: Vec<SupplierId>,
) -> Result<Vec<(SupplierId, Option<Email>, Option<Phone>)>> {
    let reachable = Condition::any().add(Column::Email.is_not_null()).add(Column::Phone.is_not_null());
    let found = Entity::find()
        .select_only()
        .columns([Column::SupplierId, Column::Email, Column::Phone])
        .filter(Column::SupplierId.is_in(suppliers))
        .filter(reachable);
    Ok(found.into_tuple().all(db).await?)
}
