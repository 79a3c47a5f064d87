//! The mail that reminds somebody of what is due.

use super::letters::moment;
use crate::organization::get_organization;
use crate::shared::app::App;
use crate::shared::auth::account;
use crate::shared::error::Result;
use crate::shared::mail::{Letter, Mail, Order, Said};
use crate::shared::notify;
use sea_orm::EntityTrait;

/// None when it is done or handed over meanwhile, or when whoever it was due from is no longer here.
pub async fn mail(app: &App, order: Order) -> Result<Option<Mail>> {
    let task = notify::Entity::find_by_id(order.id).one(app.db.fresh()).await?;
    let Some(task) = task.filter(|task| task.done_at.is_none()) else {
        return Ok(None);
    };
    let account = account::Entity::find_by_id(task.account_id).one(app.db.fresh()).await?;
    let Some(account) = account.filter(|account| account.disabled_at.is_none()) else {
        return Ok(None);
    };
    let said = Said {
        recipient: account.name,
        organization: get_organization(&app.db, &app.clock).await?.name,
        public_url: app.public_url.to_string(),
        title: Some(task.title),
        due_at: Some(moment(task.due_at)),
        is_overdue: task.due_at < app.clock.now(),
        path: Some(task.kind.path(task.resource_id)),
        ..Said::default()
    };
    Ok(Some(Mail { letter: Letter::Reminder, to: account.email, said }))
}
