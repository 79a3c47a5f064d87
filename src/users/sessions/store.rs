//! The queries of sessions.

use super::types::{Session, SessionQuery};
use crate::shared::app::App;
use crate::shared::auth::session::{self, Column, Entity};
use crate::shared::auth::{By, SessionId, account};
use crate::shared::error::{Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, Select};

/// Sessions that are not over, of the caller; of everybody for owners.
fn visible(by: &By, now: Timestamp) -> Select<Entity> {
    let own = (!by.caller.is(Role::Owner)).then(|| Column::AccountId.eq(by.caller.id()));
    Entity::find()
        .filter(Condition::all().add_option(own))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::LastUsedAt.is_null().or(Column::LastUsedAt.gt(now.plus(-session::IDLE))))
}

pub async fn list_sessions(db: &impl ConnectionTrait, by: &By, query: &Params<SessionQuery>) -> Result<Page<Session>> {
    let wanted = Condition::all().add_option(query.account_id.map(|id| Column::AccountId.eq(id)));
    let select = visible(by, by.clock.now()).filter(wanted);
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Session| (Key::Id(row.id.0), row.id.0),
    };
    let current = by.session();
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, |session| Session { is_current: Some(session.id) == current, ..session }))
}

/// Ends a session that the caller sees.
pub async fn end(app: &App, by: &By, id: SessionId) -> Result<()> {
    let ended = app.db.write((by.clone(), id), |txn, (by, id)| {
        Box::pin(async move {
            let now = by.clock.now();
            let found = visible(by, now).filter(Column::Id.eq(*id)).one(txn).await?.ok_or_else(Error::not_found)?;
            let account = account::Entity::find_by_id(found.account_id).one(txn).await?;
            let supplier = account.and_then(|account| account.supplier_id);
            history::record(txn, by, Entry::new("session.end", id.0).about_any(supplier)).await?;
            session::end(txn, now, Condition::all().add(Column::Id.eq(found.id))).await
        })
    });
    ended.await?;
    app.gate.forget();
    Ok(())
}
