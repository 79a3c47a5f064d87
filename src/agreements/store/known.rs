//! Which agreements there are, for rooms that name them.

use super::super::entity::{Column, Entity};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::id::{AccountId, AgreementId, SupplierId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult, QueryFilter, QuerySelect};

/// An agreement as others refer to it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct KnownAgreement {
    pub id: AgreementId,
    pub supplier_id: SupplierId,
    pub external_id: Option<String>,
    pub owner_id: Option<AccountId>,
}

/// Those that the caller sees of the agreements with these ids, or these keys in another system.
pub async fn find_agreements(
    db: &impl ConnectionTrait,
    by: &By,
    ids: Vec<AgreementId>,
    external_ids: Vec<String>,
) -> Result<Vec<KnownAgreement>> {
    if ids.is_empty() && external_ids.is_empty() {
        return Ok(Vec::new());
    }
    let named = Condition::any().add(Column::Id.is_in(ids)).add(Column::ExternalId.is_in(external_ids));
    let columns = [Column::Id, Column::SupplierId, Column::ExternalId, Column::OwnerId];
    let found = Entity::visible(by).filter(named).select_only().columns(columns);
    Ok(found.into_model::<KnownAgreement>().all(db).await?)
}
