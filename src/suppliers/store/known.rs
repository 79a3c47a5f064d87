//! What many new suppliers could collide with, looked up at once.

use super::super::entity::{Column, Entity, legal_id};
use super::super::rules;
use super::super::types::{ExternalId, LegalId, NewSupplier, SupplierStatus};
use crate::shared::auth::Scope;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};

/// Identities, external ids and parents that are there.
pub struct Known {
    pub external_ids: HashMap<String, SupplierId>,
    legal_ids: HashMap<(String, String), SupplierId>,
    parents: HashSet<SupplierId>,
}

impl Known {
    pub async fn of(db: &impl ConnectionTrait, scope: Scope, new: &[&NewSupplier]) -> Result<Self> {
        let external_ids = new.iter().filter_map(|new| new.external_id.clone()).collect();
        let legal_ids: Vec<_> = new.iter().flat_map(|new| new.legal_ids.iter().map(rules::comparable)).collect();
        let parents: Vec<_> = new.iter().filter_map(|new| new.parent_id).collect();
        let legal_ids = legal_id::Entity::find().filter(legal_id::Column::Value.is_in(legal_ids)).all(db).await?;
        Ok(Self {
            external_ids: by_external_id(db, Scope::Everything, external_ids).await?,
            legal_ids: legal_ids.into_iter().map(|row| ((row.scheme, row.value), row.supplier_id)).collect(),
            parents: known(db, scope, parents).await?,
        })
    }

    /// Refuses what another supplier has, or what is not there.
    pub fn check(&self, new: &NewSupplier, own: Option<SupplierId>) -> Result<()> {
        rules::check_legal_ids(&new.legal_ids)?;
        if let Some(parent) = new.parent_id.filter(|parent| !self.parents.contains(parent)) {
            let detail = format!("There is no supplier {parent}.");
            return Err(Error::rule(Code::InvalidReference, "/parent_id", detail));
        }
        for id in new.legal_ids.iter() {
            if let Some(other) = self.legal_ids.get(&key(id)).filter(|other| Some(**other) != own) {
                return Err(super::taken(&format!("The {} {}", &*id.scheme, id.value), *other));
            }
        }
        Ok(())
    }

    /// The next ones in the same file must not have the same identities.
    pub fn add(&mut self, id: SupplierId, legal_ids: &[LegalId]) {
        self.legal_ids.extend(legal_ids.iter().map(|legal_id| (key(legal_id), id)));
    }
}

fn key(id: &LegalId) -> (String, String) {
    (id.scheme.to_string(), rules::comparable(id))
}

/// The ids behind external ids.
pub async fn by_external_id(
    db: &impl ConnectionTrait,
    scope: Scope,
    external_ids: Vec<ExternalId>,
) -> Result<HashMap<String, SupplierId>> {
    let found = Entity::visible(scope)
        .select_only()
        .column(Column::ExternalId)
        .column(Column::Id)
        .filter(Column::ExternalId.is_in(external_ids));
    Ok(found.into_tuple::<(String, SupplierId)>().all(db).await?.into_iter().collect())
}

/// Those of the suppliers that the caller sees.
pub async fn known(db: &impl ConnectionTrait, scope: Scope, ids: Vec<SupplierId>) -> Result<HashSet<SupplierId>> {
    let found = Entity::visible(scope).select_only().column(Column::Id).filter(Column::Id.is_in(ids));
    Ok(found.into_tuple::<SupplierId>().all(db).await?.into_iter().collect())
}

/// Those that are suspended.
pub async fn suspended(db: &impl ConnectionTrait) -> Result<HashSet<SupplierId>> {
    let found = Entity::find().select_only().column(Column::Id).filter(Column::Status.eq(SupplierStatus::Suspended));
    Ok(found.into_tuple::<SupplierId>().all(db).await?.into_iter().collect())
}

/// Locks suppliers, in one order, and tells where they stand; what is not there is left out.
pub async fn lock_suppliers(txn: &Txn, ids: Vec<SupplierId>) -> Result<HashMap<SupplierId, SupplierStatus>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Status])
        .filter(Column::Id.is_in(ids))
        .order_by_asc(Column::Id)
        .lock_exclusive();
    Ok(found.into_tuple::<(SupplierId, SupplierStatus)>().all(txn).await?.into_iter().collect())
}
