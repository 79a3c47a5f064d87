//! The queries of invitations.

use super::entity::{self, Column, Entity};
use super::rules;
use super::types::{Invitation, InvitationId, InvitationQuery, InvitationStatus, NewInvitation};
use crate::shared::auth::{By, Scope, account};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::mail::{self, Letter, Order};
use crate::shared::page::{Key, Order as InOrder, Page, rows};
use crate::shared::params::Params;
use crate::shared::time::Timestamp;
use crate::suppliers::lock_for_change;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

/// An invitation, and the round of its token.
pub type Sent = (Invitation, i64);

pub async fn list_invitations(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<InvitationQuery>,
) -> Result<Page<Invitation>> {
    let now = by.clock.now();
    let states = query.status.iter().map(|status| is_in(*status, now));
    let states = (!query.status.is_empty()).then(|| states.fold(Condition::any(), Condition::add));
    let wanted = Condition::all()
        .add_option(states)
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.email.as_ref().map(|email| Column::Email.eq(email.to_lowercase())));
    let order = InOrder {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Invitation| (Key::Id(row.id.0), row.id.0),
    };
    let rows = rows(db, by, Entity::visible(by).filter(wanted), order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |invitation| invitation.at(now)))
}

/// The states of `rules::status`, as the database sees them.
fn is_in(status: InvitationStatus, now: Timestamp) -> Condition {
    let open = || Condition::all().add(Column::AcceptedAt.is_null()).add(Column::RevokedAt.is_null());
    match status {
        InvitationStatus::Accepted => Condition::all().add(Column::AcceptedAt.is_not_null()),
        InvitationStatus::Revoked => {
            Condition::all().add(Column::AcceptedAt.is_null()).add(Column::RevokedAt.is_not_null())
        }
        InvitationStatus::Pending => open().add(Column::ExpiresAt.gt(now)),
        InvitationStatus::Expired => open().add(Column::ExpiresAt.lte(now)),
    }
}

/// Removes invitations that were over at this time already.
pub async fn forget_until(txn: &Txn, then: Timestamp) -> Result<u64> {
    let is_over = Condition::any()
        .add(Column::ExpiresAt.lt(then))
        .add(Column::AcceptedAt.lt(then))
        .add(Column::RevokedAt.lt(then));
    Ok(Entity::delete_many().filter(is_over).exec(txn).await?.rows_affected)
}

pub async fn get_invitation(db: &impl ConnectionTrait, by: &By, id: InvitationId) -> Result<Invitation> {
    let row = Entity::visible(by).filter(Column::Id.eq(id)).into_partial_model::<Invitation>().one(db).await?;
    row.map(|invitation| invitation.at(by.clock.now())).ok_or_else(Error::not_found)
}

/// Reads an invitation to change it. The supplier comes first, in the order everybody locks: users of
/// a suspended one may only read.
pub async fn lock_invitation(txn: &Txn, by: &By, id: InvitationId) -> Result<Sent> {
    if let Scope::Supplier(own) = by.scope {
        lock_for_change(txn, by, own).await?;
    }
    let row = Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?;
    let round = row.ok_or_else(Error::not_found)?.round;
    Ok((get_invitation(txn, by, id).await?, round))
}

/// Stores an invitation and orders its mail.
pub async fn insert_invitation(txn: &Txn, by: &By, new: &NewInvitation) -> Result<Sent> {
    let supplier = rules::admit(by.caller.role, by.scope, new.role, new.supplier_id)?;
    if let Some(supplier) = supplier {
        lock_for_change(txn, by, supplier).await.map_err(unknown_supplier)?;
    }
    let email = new.email.to_lowercase();
    if !mail::is_address(&email) {
        return Err(Error::rule(Code::RuleViolated, "/email", "No mail can be sent to this address."));
    }
    refuse_known(txn, by, &email, supplier, None).await?;
    refuse_too_many(txn, by.clock.now(), supplier).await?;
    let (id, now) = (InvitationId::new(&by.clock), by.clock.now());
    let row = entity::ActiveModel {
        id: Set(id),
        email: Set(email),
        role: Set(new.role),
        supplier_id: Set(supplier),
        round: Set(1),
        expires_at: Set(now.plus(rules::VALID)),
        accepted_at: Set(None),
        revoked_at: Set(None),
        account_id: Set(None),
        invited_by: Set(AccountId(by.caller.id())),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    sent(txn, by, id, 1).await
}

async fn sent(txn: &Txn, by: &By, id: InvitationId, round: i64) -> Result<Sent> {
    mail::order(txn, &by.clock, Order { letter: Letter::Invitation, id: id.0, round }).await?;
    Ok((get_invitation(txn, by, id).await?, round))
}

/// A supplier that the caller does not see answers as one that is not there.
fn unknown_supplier(error: Error) -> Error {
    match error.code {
        Code::NotFound => Error::rule(Code::InvalidReference, "/supplier_id", "There is no such supplier."),
        _ => error,
    }
}

/// Refuses an address that has an account, or a pending invitation to the same place. Whether
/// somebody outside has an account is not a supplier's to know.
async fn refuse_known(
    txn: &Txn,
    by: &By,
    email: &str,
    supplier: Option<SupplierId>,
    but: Option<InvitationId>,
) -> Result<()> {
    let known =
        |detail: &str, id: uuid::Uuid| Err(Error::new(Code::AlreadyExists, detail).with("existing_id", id.to_string()));
    let account = account::by_email(txn, email).await?;
    let is_seen = |account: &account::Model| match by.scope {
        Scope::Everything => true,
        Scope::Supplier(own) => account.supplier_id == Some(own),
    };
    if let Some(account) = account.filter(is_seen) {
        return known("This address has an account already.", account.id.0);
    }
    let place = match supplier {
        Some(supplier) => Column::SupplierId.eq(supplier),
        None => Column::SupplierId.is_null(),
    };
    let pending = is_in(InvitationStatus::Pending, by.clock.now())
        .add(Column::Email.eq(email))
        .add(place)
        .add_option(but.map(|id| Column::Id.ne(id)));
    match Entity::find().filter(pending).one(txn).await? {
        Some(row) => known("This address has a pending invitation already: send that again.", row.id.0),
        None => Ok(()),
    }
}

/// Mails to strangers have a limit: so many invitations into one supplier wait at a time.
async fn refuse_too_many(txn: &Txn, now: Timestamp, supplier: Option<SupplierId>) -> Result<()> {
    let Some(supplier) = supplier else {
        return Ok(());
    };
    let pending = Entity::find().filter(is_in(InvitationStatus::Pending, now)).filter(Column::SupplierId.eq(supplier));
    match pending.count(txn).await? {
        0..rules::MOST_PENDING => Ok(()),
        _ => {
            let detail = format!("{} invitations into this supplier are pending. Revoke some.", rules::MOST_PENDING);
            Err(Error::new(Code::RuleViolated, detail))
        }
    }
}

/// Makes the next token, for another seven days, and orders its mail.
pub async fn resend_invitation(txn: &Txn, by: &By, (before, round): &Sent) -> Result<Sent> {
    rules::refuse_over(before.status, &[InvitationStatus::Pending, InvitationStatus::Expired])?;
    if let Scope::Supplier(_) = by.scope {
        rules::refuse_too_soon(before.expires_at, by.clock.now())?;
    }
    refuse_known(txn, by, &before.email, before.supplier_id, Some(before.id)).await?;
    let (round, now) = (round + 1, by.clock.now());
    let expires_at = Set(now.plus(rules::VALID));
    save(txn, by, before, entity::ActiveModel { round: Set(round), expires_at, ..Default::default() }).await?;
    sent(txn, by, before.id, round).await
}

pub async fn revoke_invitation(txn: &Txn, by: &By, before: &Invitation) -> Result<Invitation> {
    rules::refuse_over(before.status, &[InvitationStatus::Pending])?;
    let revoked_at = Set(Some(by.clock.now()));
    save(txn, by, before, entity::ActiveModel { revoked_at, ..Default::default() }).await?;
    get_invitation(txn, by, before.id).await
}

async fn save(txn: &Txn, by: &By, before: &Invitation, row: entity::ActiveModel) -> Result<()> {
    let (revision, updated_at) = (Set(before.revision + 1), Set(by.clock.now()));
    let row = entity::ActiveModel { id: Set(before.id), revision, updated_at, ..row };
    Entity::update(row).exec_without_returning(txn).await?;
    Ok(())
}
