//! The job that sends a mail. It holds ids only: what the mail says, and the token in it, is made
//! here. What has changed meanwhile counts: a mail about something that is over is not sent.

use super::{invitations, passwords, reminders};
use crate::organization::get_organization;
use crate::shared::app::App;
use crate::shared::error::{Error, Result};
use crate::shared::jobs::Job;
use crate::shared::mail::{Letter, Order, Said};
use crate::shared::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

pub fn send_mail(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let order: Order = serde_json::from_value(job.payload).map_err(Error::internal)?;
        let mail = match order.letter {
            Letter::Invitation => invitations::mail(&app, order).await?,
            Letter::PasswordReset => passwords::mail(&app, order).await?,
            Letter::Reminder => reminders::mail(&app, order).await?,
        };
        let is_sent = mail.is_some();
        if let Some(mail) = mail {
            app.mail.send(job.id.0, app.clock.now(), mail).await?;
        }
        Ok(json!({"is_sent": is_sent}))
    }
    .boxed()
}

/// What every mail with a token says.
pub(super) async fn said(
    app: &App,
    letter: Letter,
    recipient: &str,
    token: String,
    expires_at: Timestamp,
) -> Result<Said> {
    Ok(Said {
        recipient: recipient.to_owned(),
        organization: get_organization(&app.db, &app.clock).await?.name,
        public_url: app.public_url.to_string(),
        link: app.mail.link(letter, &token),
        token,
        expires_at: moment(expires_at),
        ..Said::default()
    })
}

/// As mails write it.
pub(super) fn moment(at: Timestamp) -> String {
    at.instant().format("%Y-%m-%d %H:%M UTC").to_string()
}
