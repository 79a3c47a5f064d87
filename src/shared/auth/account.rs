//! Accounts and their sessions.

use super::token::Claims;
use super::{Caller, SessionId};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// Folded to lower case; unique.
    #[sea_orm(unique)]
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub role: Role,
    pub supplier_id: Option<SupplierId>,
    pub disabled_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub mod session {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SessionId,
        pub account_id: AccountId,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is needed to make an account.
#[derive(Clone)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub role: Role,
    pub supplier_id: Option<SupplierId>,
}

/// Makes an account from the command line, with its history row.
pub async fn create(txn: &Txn, clock: &Clock, new: &NewAccount) -> Result<AccountId> {
    let id = insert(txn, clock, new).await?;
    let entry = Entry::new("account.create", id.0);
    history::record_as(txn, clock, Author::command_line(), entry).await?;
    Ok(id)
}

async fn insert(txn: &Txn, clock: &Clock, new: &NewAccount) -> Result<AccountId> {
    let email = new.email.to_lowercase();
    if by_email(txn, &email).await?.is_some() {
        return Err(Error::new(Code::AlreadyExists, format!("{email} has an account already.")));
    }
    let (id, now) = (AccountId::new(clock), clock.now());
    let row = ActiveModel {
        id: Set(id),
        email: Set(email),
        name: Set(new.name.clone()),
        password_hash: Set(new.password_hash.clone()),
        role: Set(new.role),
        supplier_id: Set(new.supplier_id),
        disabled_at: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

pub async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Email.eq(email.to_lowercase())).one(db).await?)
}

pub async fn is_any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().limit(1).one(db).await?.is_some())
}

/// Whether anybody signs in for this supplier.
pub async fn is_any_of(db: &impl ConnectionTrait, supplier: SupplierId) -> Result<bool> {
    Ok(Entity::find().filter(Column::SupplierId.eq(supplier)).limit(1).one(db).await?.is_some())
}

/// A session ends for good after 30 days.
pub async fn open_session(txn: &Txn, clock: &Clock, account: AccountId) -> Result<SessionId> {
    let (id, now) = (SessionId::new(clock), clock.now());
    let row = session::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        created_at: Set(now),
        expires_at: Set(now.plus(TimeDelta::days(30))),
        revoked_at: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// The caller behind a token, as the tables know them now: role and supplier are read, not
/// believed.
pub async fn caller(db: &impl ConnectionTrait, claims: &Claims, now: Timestamp) -> Result<Caller> {
    let ended = || Error::new(Code::SessionRevoked, "The session behind this token has ended. Sign in again.");
    let session = session::Entity::find_by_id(claims.sid).one(db).await?.ok_or_else(ended)?;
    let account = Entity::find_by_id(session.account_id).one(db).await?.ok_or_else(ended)?;
    let live = session.revoked_at.is_none() && now < session.expires_at && account.disabled_at.is_none();
    if !live || account.id != claims.sub {
        return Err(ended());
    }
    let Model { id, name, role, supplier_id, .. } = account;
    Ok(Caller { account_id: id, name, role, supplier_id })
}
