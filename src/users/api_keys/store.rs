//! The queries of API keys.

use super::rules;
use super::types::{ApiKey, ApiKeyChange, ApiKeyQuery, ApiKeyStatus, IssuedApiKey, NewApiKey, Rotation};
use crate::shared::auth::api_key::{ActiveModel, ApiKeyId, Column, Entity};
use crate::shared::auth::{By, Scope, epoch, secret};
use crate::shared::db::{Txn, merge};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::time::Timestamp;
use crate::suppliers::lock_for_change;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Select,
};

/// Where every read starts: all keys, or those of the caller's supplier.
fn visible(scope: Scope) -> Select<Entity> {
    Entity::find().filter(scope.on(Column::SupplierId))
}

pub async fn list_api_keys(db: &impl ConnectionTrait, by: &By, query: &Params<ApiKeyQuery>) -> Result<Page<ApiKey>> {
    let now = by.clock.now();
    let states = query.status.iter().fold(Condition::any(), |any, status| any.add(in_state(*status, now)));
    let wanted = Condition::all()
        .add_option(query.supplier_id.map(|supplier| Column::SupplierId.eq(supplier)))
        .add_option((!query.status.is_empty()).then_some(states));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &ApiKey| (Key::Id(row.id.0), row.id.0),
    };
    let rows = rows(db, by, visible(by.scope).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |row| row.seen_at(now, rules::status)))
}

/// `rules::status` as a condition.
fn in_state(status: ApiKeyStatus, now: Timestamp) -> Condition {
    let live = Condition::all().add(Column::RevokedAt.is_null());
    match status {
        ApiKeyStatus::Revoked => Condition::all().add(Column::RevokedAt.is_not_null()),
        ApiKeyStatus::Expired => live.add(Column::ExpiresAt.lte(now)),
        ApiKeyStatus::Active => {
            live.add(Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now)))
        }
    }
}

pub async fn get_api_key(db: &impl ConnectionTrait, by: &By, id: ApiKeyId) -> Result<ApiKey> {
    let row = visible(by.scope).filter(Column::Id.eq(id)).into_partial_model::<ApiKey>().one(db).await?;
    row.map(|row| row.seen_at(by.clock.now(), rules::status)).ok_or_else(Error::not_found)
}

/// Reads a key to change it: nobody else can until the transaction ends. Users of a suspended
/// supplier may only read.
pub async fn lock_api_key(txn: &Txn, by: &By, id: ApiKeyId) -> Result<ApiKey> {
    if let Scope::Supplier(own) = by.scope {
        lock_for_change(txn, by, own).await?;
    }
    let row = visible(by.scope).filter(Column::Id.eq(id)).lock_exclusive();
    let row = row.into_partial_model::<ApiKey>().one(txn).await?;
    row.map(|row| row.seen_at(by.clock.now(), rules::status)).ok_or_else(Error::not_found)
}

/// Makes a key; the answer holds the key itself.
pub async fn insert_api_key(txn: &Txn, by: &By, new: &NewApiKey) -> Result<IssuedApiKey> {
    let supplier_id = supplier_of(txn, by, new.supplier_id).await?;
    let (id, now, key) = (ApiKeyId::new(&by.clock), by.clock.now(), secret::random(secret::API_KEY));
    rules::check_new(new, supplier_id, now)?;
    let row = ActiveModel {
        id: Set(id),
        supplier_id: Set(supplier_id),
        digest: Set(secret::digest(&key)),
        last4: Set(last4(&key)),
        created_by: Set(by.account().ok_or_else(Error::not_found)?),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..new.clone().into_active_model()
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(IssuedApiKey { api_key: get_api_key(txn, by, id).await?, key: Some(key) })
}

/// The supplier of a new key. Another one's, for a supplier's administrator, is as unknown as one
/// that is not there.
async fn supplier_of(txn: &Txn, by: &By, wanted: Option<SupplierId>) -> Result<Option<SupplierId>> {
    let supplier = match by.scope {
        Scope::Supplier(own) => Some(wanted.unwrap_or(own)),
        Scope::Everything => wanted,
    };
    if let Some(id) = supplier {
        lock_for_change(txn, by, id).await.map_err(|error| match error.code {
            Code::NotFound => Error::rule(Code::InvalidReference, "/supplier_id", "There is no such supplier."),
            _ => error,
        })?;
    }
    Ok(supplier)
}

/// Applies a patch to the key as it was read under lock, and returns it as it is then.
pub async fn update_api_key(txn: &Txn, by: &By, before: &ApiKey, change: &ApiKeyChange) -> Result<ApiKey> {
    rules::check_change(before, change, by.clock.now())?;
    save(txn, by, before, change.clone().into_active_model()).await
}

pub async fn revoke_api_key(txn: &Txn, by: &By, before: &ApiKey) -> Result<ApiKey> {
    rules::may_revoke(before)?;
    save(txn, by, before, ActiveModel { revoked_at: Set(Some(by.clock.now())), ..Default::default() }).await
}

/// Gives the key another secret. The old one goes on for a while; one from an earlier rotation
/// ends here.
pub async fn rotate_api_key(txn: &Txn, by: &By, before: &ApiKey, rotation: &Rotation) -> Result<IssuedApiKey> {
    rules::may_rotate(before)?;
    let overlap = rules::overlap(rotation.overlap.as_deref())?;
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let key = secret::random(secret::API_KEY);
    let change = ActiveModel {
        digest: Set(secret::digest(&key)),
        last4: Set(last4(&key)),
        previous_digest: Set(Some(row.digest)),
        previous_until: Set(Some(by.clock.now().plus(overlap))),
        ..Default::default()
    };
    Ok(IssuedApiKey { api_key: save(txn, by, before, change).await?, key: Some(key) })
}

async fn save(txn: &Txn, by: &By, before: &ApiKey, change: ActiveModel) -> Result<ApiKey> {
    let row = Entity::find_by_id(before.id).one(txn).await?.ok_or_else(Error::not_found)?;
    let Some(mut row) = merge(row, change) else {
        return Ok(before.clone());
    };
    row.revision = Set(before.revision + 1);
    row.updated_at = Set(by.clock.now());
    Entity::update(row).exec_without_returning(txn).await?;
    get_api_key(txn, by, before.id).await
}

fn last4(key: &str) -> String {
    key.chars().skip(key.chars().count().saturating_sub(4)).collect()
}

/// The entry in the history and the word to all instances: last in every change.
pub async fn record(txn: &Txn, by: &By, action: &'static str, before: Option<&ApiKey>, after: &ApiKey) -> Result<()> {
    let entry = Entry::new(action, after.id.0).about_any(after.supplier_id).between(before, Some(after));
    history::record(txn, by, entry).await?;
    epoch::moved(txn).await
}
