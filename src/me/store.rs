//! What the caller changes of its own account.

use super::types::{CallerKind, Me, MeChange, Task, TaskQuery};
use crate::shared::app::App;
use crate::shared::auth::account::{self, Column, Entity};
use crate::shared::auth::throttle::{self, Counted};
use crate::shared::auth::{By, Identity, epoch, password, session};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Entry};
use crate::shared::notify;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::users::forget_resets;
use poem_openapi::types::ParseFromJSON;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};

pub async fn get_me(db: &impl ConnectionTrait, by: &By) -> Result<Me> {
    let caller = &by.caller;
    let mut me = Me {
        kind: CallerKind::ApiKey,
        id: caller.id(),
        name: caller.name.clone(),
        email: None,
        role: caller.role,
        supplier_id: caller.supplier_id,
        scopes: Vec::new(),
        session_id: by.session(),
        password_change_required: false,
        revision: None,
    };
    match &caller.identity {
        Identity::Key { scopes, .. } => me.scopes.clone_from(scopes),
        Identity::Account { id, must_change_password, .. } => {
            let account = Entity::find_by_id(*id).one(db).await?.ok_or_else(Error::not_found)?;
            me.kind = CallerKind::Account;
            me.name = account.name;
            me.revision = Some(account.revision);
            me.email = ParseFromJSON::parse_from_json(Some(account.email.into())).ok();
            me.password_change_required = *must_change_password;
        }
        // It sends no requests.
        Identity::CommandLine => {}
    }
    Ok(me)
}

pub async fn list_tasks(db: &impl ConnectionTrait, by: &By, query: &Params<TaskQuery>) -> Result<Page<Task>> {
    use notify::Column as Of;
    let order = Order {
        column: Of::DueAt,
        id: Of::Id,
        descending: false,
        key: |row: &notify::Model| (Key::At(row.due_at), row.id),
    };
    let (now, is_done) = (by.clock.now(), query.done);
    let overdue = Condition::all().add(Of::DoneAt.is_null()).add(Of::DueAt.lt(now));
    let wanted = Condition::all()
        .add(Of::AccountId.eq(by.caller.id()))
        .add(if is_done { Of::DoneAt.is_not_null() } else { Of::DoneAt.is_null() })
        .add_option(query.overdue.map(|wanted| if wanted { overdue } else { overdue.not() }));
    let select = notify::Entity::find().filter(wanted);
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| Task {
        id: row.id,
        kind: row.kind,
        resource_path: row.kind.path(row.resource_id),
        title: row.title,
        resource_id: row.resource_id,
        supplier_id: row.supplier_id,
        due_at: row.due_at,
        is_overdue: row.done_at.is_none() && row.due_at < now,
        done_at: row.done_at,
        created_at: row.created_at,
    }))
}

/// The caller's account; API keys have no right that leads here.
pub async fn lock_own(txn: &Txn, by: &By) -> Result<account::Model> {
    let id = by.account().ok_or_else(Error::not_found)?;
    Entity::find_by_id(id).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)
}

pub async fn update_me(txn: &Txn, by: &By, before: &account::Model, change: &MeChange) -> Result<()> {
    let Some(name) = change.name.wanted().filter(|name| **name != before.name) else {
        return Ok(());
    };
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(by.clock.now()))
        .filter(Column::Id.eq(before.id))
        .exec(txn)
        .await?;
    let named = |name: &str| serde_json::json!({"name": name});
    let entry = Entry::new("user.update", before.id.0).about_any(before.supplier_id);
    history::record(txn, by, entry.between(Some(&named(&before.name)), Some(&named(name)))).await?;
    epoch::moved(txn).await
}

/// Changes the caller's password and ends all its other sessions.
pub async fn change_password(app: &App, by: &By, current: String, new: String) -> Result<()> {
    let id = by.account().ok_or_else(Error::not_found)?;
    let account = Entity::find_by_id(id).one(app.db.fresh()).await?.ok_or_else(Error::not_found)?;
    let counted = Counted::account(&account.email);
    if app.gate.is_limited() {
        let input = (app.clock.now(), [counted.clone()]);
        app.db.write(input, |txn, (now, counted)| Box::pin(throttle::attempt(txn, *now, counted))).await?;
    }
    if !password::verify(current.clone(), Some(account.password_hash.clone()), app.password_cost).await? {
        let entry = (by.clone(), Entry::new("user.change_password_refused", id.0).about_any(account.supplier_id));
        app.db.write(entry, |txn, (by, entry)| Box::pin(history::record(txn, by, entry.clone()))).await?;
        let detail = "The current password is wrong.";
        return Err(Error::rule(Code::RuleViolated, "/current_password", detail));
    }
    if account.must_change_password && new == current {
        let detail = "Somebody else knows this password. Choose another one.";
        return Err(Error::rule(Code::RuleViolated, "/new_password", detail));
    }
    password::check(&new, &[&account.email, &account.name], "/new_password").await?;
    let hash = password::hash(new, app.password_cost).await?;
    let input = (by.clone(), account.password_hash, hash, counted);
    let stored = app.db.write(input, |txn, (by, verified, hash, counted)| {
        Box::pin(async move {
            throttle::forgive(txn, by.clock.now(), counted).await?;
            store_password(txn, by, verified, hash).await
        })
    });
    stored.await?;
    app.gate.forget();
    Ok(())
}

/// Hashing took a while: if the password was reset or the session ended meanwhile, that counts.
async fn store_password(txn: &Txn, by: &By, verified: &str, hash: &str) -> Result<()> {
    let account = lock_own(txn, by).await?;
    let session = session::Entity::find_by_id(by.session().ok_or_else(Error::not_found)?).one(txn).await?;
    let is_live = session.is_some_and(|session| session.revoked_at.is_none());
    if account.password_hash != verified || account.disabled_at.is_some() || !is_live {
        return Err(Error::new(Code::SessionRevoked, "The password was changed meanwhile. Sign in again."));
    }
    account::set_password(txn, &by.clock, account.id, hash, false).await?;
    forget_resets(txn, account.id).await?;
    let entry = Entry::new("user.change_password", account.id.0).about_any(account.supplier_id);
    history::record(txn, by, entry).await?;
    session::end_all(txn, by.clock.now(), account.id, by.session()).await?;
    Ok(())
}
