//! The hourly job that removes what has served its time: password resets after a day, invitations thirty days
//! after their end, mails in the folder after thirty days. They hold addresses, and tokens that are over.

use super::{invitations, passwords};
use crate::shared::app::App;
use crate::shared::error::Result;
use crate::shared::jobs::Job;
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

pub const TIDYING: &str = "users.tidying";
pub const TIDIED_EVERY: TimeDelta = TimeDelta::hours(1);

pub fn tidy(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let db = app.db.clone();
        let removed = db.write((app.clone(), job), |txn, (app, job)| {
            Box::pin(async move {
                job.still_mine(txn, &app.clock).await?;
                let now = app.clock.now();
                let (day, month) = (now.plus(TimeDelta::days(-1)), now.plus(TimeDelta::days(-30)));
                Ok((passwords::forget_until(txn, day).await?, invitations::forget_until(txn, month).await?))
            })
        });
        let (resets, invitations) = removed.await?;
        let mails = app.mail.tidy(app.clock.now().plus(TimeDelta::days(-30))).await?;
        Ok(json!({"password_resets": resets, "invitations": invitations, "mails": mails}))
    }
    .boxed()
}
