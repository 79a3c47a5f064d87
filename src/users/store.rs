//! The queries of users.

use super::types::{NewUser, User, UserChange, UserQuery, UserStatus};
use crate::shared::auth::account::{self, Column, Entity, NewAccount};
use crate::shared::auth::session::{self, refresh_token};
use crate::shared::auth::{By, Scope, epoch};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AccountId;
use crate::shared::notify;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use crate::suppliers::{lock_for_change, refuse_unknown};
use crate::users::passwords;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};

/// Where every read of users starts: all of them for staff, those of its own for a supplier.
fn visible(scope: Scope) -> Select<Entity> {
    Entity::find().filter(scope.on(Column::SupplierId))
}

pub async fn list_users(db: &impl ConnectionTrait, by: &By, query: &Params<UserQuery>) -> Result<Page<User>> {
    let wanted = Condition::all()
        .add_option((!query.role.is_empty()).then(|| Column::Role.is_in(query.role.clone())))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.email.as_ref().map(|email| Column::Email.eq(email.to_lowercase())))
        .add_option(query.status.map(|status| match status {
            UserStatus::Active => Column::DisabledAt.is_null(),
            UserStatus::Disabled => Column::DisabledAt.is_not_null(),
        }));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: false,
        key: |user: &User| (Key::Id(user.id.0), user.id.0),
    };
    let rows = rows(db, by, visible(by.scope).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |item| item))
}

pub async fn get_user(db: &impl ConnectionTrait, scope: Scope, id: AccountId) -> Result<User> {
    let row = visible(scope).filter(Column::Id.eq(id));
    row.into_partial_model::<User>().one(db).await?.ok_or_else(Error::not_found)
}

/// Reads a user to change it: nobody else can until the transaction ends. Users of a suspended supplier
/// may only read.
pub async fn lock_user(txn: &Txn, by: &By, id: AccountId) -> Result<User> {
    let row = visible(by.scope).filter(Column::Id.eq(id)).lock_exclusive();
    let user = row.into_partial_model::<User>().one(txn).await?.ok_or_else(Error::not_found)?;
    if let Scope::Supplier(own) = by.scope {
        lock_for_change(txn, by, own).await?;
    }
    Ok(user)
}

pub async fn insert_user(txn: &Txn, by: &By, new: &NewUser, password_hash: &str) -> Result<AccountId> {
    if let Some(supplier) = new.supplier_id {
        refuse_unknown(txn, by.scope, supplier, "/supplier_id").await?;
    }
    let account = NewAccount {
        email: new.email.to_string(),
        name: new.name.clone(),
        password_hash: password_hash.to_owned(),
        role: new.role,
        supplier_id: new.supplier_id,
        must_change_password: true,
    };
    account::insert(txn, &by.clock, &account).await
}

pub async fn update_user(txn: &Txn, by: &By, before: &User, change: &UserChange) -> Result<User> {
    let name = change.name.wanted().filter(|name| **name != before.name);
    let role = change.role.wanted().filter(|role| **role != before.role);
    if name.is_none() && role.is_none() {
        return Ok(before.clone());
    }
    if before.role == Role::Owner && role.is_some() {
        account::refuse_last_owner(txn, before.id).await?;
    }
    let mut row = account::ActiveModel::default();
    if let Some(name) = name {
        row.name = Set(name.clone());
    }
    if let Some(role) = role {
        row.role = Set(*role);
    }
    save(txn, by, before, row).await
}

/// Whether the user can sign in. All its sessions end when it no longer can.
pub async fn set_disabled(txn: &Txn, by: &By, before: &User, at: Option<Timestamp>) -> Result<User> {
    if before.disabled_at.is_some() == at.is_some() {
        return Ok(before.clone());
    }
    let is_staff = by.scope == Scope::Everything;
    if at.is_some() {
        account::refuse_last_owner(txn, before.id).await?;
        session::end_all(txn, by.clock.now(), before.id, None).await?;
    } else if !is_staff && Entity::find_by_id(before.id).one(txn).await?.is_some_and(|row| row.disabled_by_staff) {
        return Err(Error::new(Code::Forbidden, "Staff disabled this user and has to enable it again."));
    }
    let disabled_by_staff = Set(at.is_some() && is_staff);
    save(txn, by, before, account::ActiveModel { disabled_at: Set(at), disabled_by_staff, ..Default::default() }).await
}

async fn save(txn: &Txn, by: &By, before: &User, row: account::ActiveModel) -> Result<User> {
    let row = account::ActiveModel { revision: Set(before.revision + 1), updated_at: Set(by.clock.now()), ..row };
    Entity::update_many().set(row).filter(Column::Id.eq(before.id)).exec(txn).await?;
    epoch::moved(txn).await?;
    get_user(txn, by.scope, before.id).await
}

/// Removes the user with its sessions. What it did stays in the history, under its name.
pub async fn delete_user(txn: &Txn, before: &User) -> Result<()> {
    account::refuse_last_owner(txn, before.id).await?;
    let of_user = session::Column::AccountId.eq(before.id);
    let own = Query::select().column(session::Column::Id).from(session::Entity).and_where(of_user.clone()).to_owned();
    let tokens = refresh_token::Column::SessionId.in_subquery(own);
    refresh_token::Entity::delete_many().filter(tokens).exec(txn).await?;
    session::Entity::delete_many().filter(of_user).exec(txn).await?;
    passwords::forget(txn, before.id).await?;
    notify::forget_account(txn, before.id).await?;
    Entity::delete_by_id(before.id).exec(txn).await?;
    epoch::moved(txn).await
}
