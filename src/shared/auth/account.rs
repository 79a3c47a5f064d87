//! Accounts: who can sign in.

use super::session::{self, SessionId};
use super::token::Claims;
use super::{Caller, Identity};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::{Permission, Role};
use crate::shared::time::Timestamp;
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

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
    /// A supplier's administrator does not lift what staff did.
    pub disabled_by_staff: bool,
    pub must_change_password: bool,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is needed to make an account.
#[derive(Clone)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub role: Role,
    pub supplier_id: Option<SupplierId>,
    pub must_change_password: bool,
}

/// Makes an account from the command line, with its history row.
pub async fn create(txn: &Txn, clock: &Clock, new: &NewAccount) -> Result<AccountId> {
    let id = insert(txn, clock, new).await?;
    let entry = Entry::new("user.create", id.0).about_any(new.supplier_id);
    history::record_as(txn, clock, Author::command_line(), entry).await?;
    Ok(id)
}

pub async fn insert(txn: &Txn, clock: &Clock, new: &NewAccount) -> Result<AccountId> {
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
        disabled_by_staff: Set(false),
        must_change_password: Set(new.must_change_password),
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

/// Whether there is an account for this supplier, perhaps a disabled one.
pub async fn is_any_of(db: &impl ConnectionTrait, supplier: SupplierId) -> Result<bool> {
    Ok(Entity::find().filter(Column::SupplierId.eq(supplier)).limit(1).one(db).await?.is_some())
}

/// The roles that have a permission.
pub fn roles_with<P: Permission>() -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().zip(P::CELLS).filter(|(_, may)| *may).map(|(role, _)| role)
}

/// Whether anybody can sign in for this supplier who may do that.
pub async fn is_any_with<P: Permission>(db: &impl ConnectionTrait, supplier: SupplierId) -> Result<bool> {
    let able = Entity::find()
        .filter(Column::SupplierId.eq(supplier))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::Role.is_in(roles_with::<P>()));
    Ok(able.limit(1).one(db).await?.is_some())
}

/// Refuses to take away the last owner who can sign in. All owners are locked, in one order, so that two
/// requests cannot remove each other's last one.
pub async fn refuse_last_owner(txn: &Txn, leaving: AccountId) -> Result<()> {
    let owners = Entity::find()
        .filter(Column::Role.eq(Role::Owner))
        .filter(Column::DisabledAt.is_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    match owners.iter().any(|owner| owner.id != leaving) || !owners.iter().any(|owner| owner.id == leaving) {
        true => Ok(()),
        false => Err(Error::new(Code::LastOwner, "This is the last owner who can sign in. Make another one first.")),
    }
}

/// Stores a new password.
pub async fn set_password(txn: &Txn, clock: &Clock, id: AccountId, hash: &str, must_change: bool) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::MustChangePassword, Expr::value(must_change))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// The caller behind a token, as the tables know them now: role and supplier are read, not
/// believed.
pub async fn caller(db: &impl ConnectionTrait, claims: &Claims, now: Timestamp) -> Result<Caller> {
    let session = session::Entity::find_by_id(claims.sid).one(db).await?.ok_or_else(ended)?;
    let account = Entity::find_by_id(session.account_id).one(db).await?.ok_or_else(ended)?;
    let live = session.revoked_at.is_none() && now < session.expires_at && account.disabled_at.is_none();
    if !live || account.id != claims.sub {
        return Err(ended());
    }
    Ok(account.caller(session.id))
}

/// Somebody who ordered a job, as the tables know them now.
pub async fn acting(db: &impl ConnectionTrait, id: AccountId) -> Result<Caller> {
    let account = Entity::find_by_id(id).one(db).await?.filter(|account| account.disabled_at.is_none());
    let gone = || Error::new(Code::Forbidden, "Whoever ordered it has no account any more.");
    Ok(account.ok_or_else(gone)?.caller(SessionId(Uuid::nil())))
}

fn ended() -> Error {
    Error::new(Code::SessionRevoked, "The session behind this token has ended. Sign in again.")
}

impl Model {
    pub fn caller(self, session: SessionId) -> Caller {
        let Model { id, name, role, supplier_id, must_change_password, .. } = self;
        let identity = Identity::Account { id, session, must_change_password };
        Caller { identity, name, role: Some(role), supplier_id }
    }
}
