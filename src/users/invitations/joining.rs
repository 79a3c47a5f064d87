//! What happens at the other end of an invitation: its mail, and somebody who joins with it.

use super::entity::{self, Entity};
use super::rules;
use super::types::{Acceptance, InvitationId, InvitationStatus, JoinedUser};
use crate::shared::app::App;
use crate::shared::auth::account::{self, NewAccount};
use crate::shared::auth::{Anyone, Scope, password};
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::mail::{Letter, Mail, Order, Said};
use crate::shared::time::Timestamp;
use crate::suppliers::get_supplier;
use crate::users::letters::said;
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use std::sync::Arc;

/// The mail of an invitation, unless it is over, was sent again meanwhile, or goes to an address that has
/// an account.
pub async fn mail(app: &App, order: Order) -> Result<Option<Mail>> {
    let db = app.db.fresh();
    let Some(row) = Entity::find_by_id(InvitationId(order.id)).one(db).await? else {
        return Ok(None);
    };
    if row.round != order.round || refuse_over(db, &row, app.clock.now()).await.is_err() {
        return Ok(None);
    }
    let inviter = account::Entity::find_by_id(row.invited_by).one(db).await?;
    let supplier = match row.supplier_id {
        Some(id) => Some(get_supplier(db, Scope::Everything, id).await?.name),
        None => None,
    };
    let token = rules::token(&app.gate.keys().link_key(), row.id, row.round);
    let said = Said {
        inviter: Some(inviter.map_or_else(|| "Somebody".to_owned(), |inviter| inviter.name)),
        role: Some(row.role.name().replace('_', " ")),
        supplier,
        ..said(app, Letter::Invitation, &row.email, token, row.expires_at).await?
    };
    Ok(Some(Mail { letter: Letter::Invitation, to: row.email, said }))
}

/// Refuses an invitation that nobody can join with.
async fn refuse_over(db: &impl ConnectionTrait, row: &entity::Model, now: Timestamp) -> Result<()> {
    match rules::status(row.accepted_at, row.revoked_at, row.expires_at, now) {
        InvitationStatus::Pending => {}
        InvitationStatus::Accepted => return Err(rules::over("It was used.")),
        InvitationStatus::Revoked | InvitationStatus::Expired => return Err(rules::over("Ask for another one.")),
    }
    let inviter = account::Entity::find_by_id(row.invited_by).one(db).await?;
    let inviter = inviter.filter(|inviter| inviter.disabled_at.is_none());
    let place = inviter.map(|inviter| (inviter.role, inviter.supplier_id));
    if !rules::still_invites(place, row.role, row.supplier_id) {
        return Err(rules::over("Whoever sent it may not invite any more: ask for another one."));
    }
    match account::by_email(db, &row.email).await? {
        Some(_) => Err(rules::over("Ask for another one.")),
        None => Ok(()),
    }
}

/// Makes the account of somebody who holds the token of an invitation.
pub async fn accept(app: &App, anyone: &Anyone, acceptance: Acceptance) -> Result<JoinedUser> {
    let Acceptance { token, name, password } = acceptance;
    let id = rules::named(&token)?;
    // First without a lock: hashing takes long, and nobody shall make us hash who has no token.
    let row = Entity::find_by_id(id).one(app.db.fresh()).await?.ok_or_else(rules::unknown)?;
    let key = app.gate.keys().link_key();
    rules::check_token(&key, &token, id, row.round)?;
    refuse_over(app.db.fresh(), &row, app.clock.now()).await?;
    password::check(&password, &[&row.email, &name], "/password").await?;
    let password_hash = password::hash(password, app.password_cost).await?;
    let new = NewAccount {
        email: row.email,
        name,
        password_hash,
        role: row.role,
        supplier_id: row.supplier_id,
        must_change_password: false,
    };
    let joining =
        Joining { clock: app.clock.clone(), id, round: row.round, new, by: anyone.context.request_id.clone() };
    app.db.write(joining, |txn, joining| Box::pin(joining.carry_out(txn))).await
}

struct Joining {
    clock: Clock,
    id: InvitationId,
    round: i64,
    new: NewAccount,
    /// The request.
    by: Arc<str>,
}

impl Joining {
    async fn carry_out(&self, txn: &Txn) -> Result<JoinedUser> {
        let (new, now) = (&self.new, self.clock.now());
        let row = Entity::find_by_id(self.id).lock_exclusive().one(txn).await?;
        let row = row.filter(|row| row.round == self.round).ok_or_else(|| rules::over("It was sent again."))?;
        refuse_over(txn, &row, now).await?;
        let id = account::insert(txn, &self.clock, new).await.map_err(|error| match error.code {
            Code::AlreadyExists | Code::Conflict => rules::over("Ask for another one."),
            _ => error,
        })?;
        let entry = Entry::new("invitation.accept", self.id.0).about_any(row.supplier_id);
        let accepted = serde_json::json!({"status": "accepted", "accepted_at": now, "account_id": id});
        let entry = entry.between(Some(&serde_json::json!({"status": "pending"})), Some(&accepted));
        history::record_as(txn, &self.clock, Author::account(id, row.supplier_id, &new.name, &self.by), entry).await?;
        let entry = Entry::new("user.create", id.0).about_any(row.supplier_id);
        history::record_as(txn, &self.clock, Author::account(id, row.supplier_id, &new.name, &self.by), entry).await?;
        let used = entity::ActiveModel {
            accepted_at: Set(Some(now)),
            account_id: Set(Some(id)),
            revision: Set(row.revision + 1),
            updated_at: Set(now),
            ..row.into()
        };
        Entity::update(used).exec_without_returning(txn).await?;
        let NewAccount { email, name, role, supplier_id, .. } = new.clone();
        Ok(JoinedUser { id, email, name, role, supplier_id })
    }
}
