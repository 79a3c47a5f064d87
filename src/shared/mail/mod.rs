//! Mail: what it says (`template`), how it leaves (`Mailer`), and the job that sends it. Without a
//! mail server mails are written to a folder, one file each, for whoever runs the installation.
//!
//! A mail is ordered in the transaction of its cause. The job names rows only: a token is made when
//! the mail is sent, so that neither a job nor a log ever holds one.

mod template;

pub use template::{Letter, Said, Templates};

use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::jobs::{self, NewJob};
use crate::shared::time::Timestamp;
use lettre::message::{Mailbox, header::ContentType};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// The kind of the job that sends one mail.
pub const KIND: &str = "mail.send";

/// Servers are down, or turn unknown senders away at first: together about two hours.
const ATTEMPTS: i64 = 16;

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// The settings about mail, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mail server; without one, mails are written to the folder.
    pub url: Option<SecretString>,
    pub folder: PathBuf,
    pub from: Mailbox,
    pub templates: Templates,
    /// Pages of the operator that take a token behind `#`.
    pub invitation_url: Option<String>,
    pub password_reset_url: Option<String>,
}

impl Settings {
    /// What applies when nothing is set.
    pub fn in_folder(folder: PathBuf) -> Result<Self> {
        let from = "accord@localhost".parse().map_err(Error::internal)?;
        let (url, invitation_url, password_reset_url) = Default::default();
        Ok(Self { url, folder, from, templates: Templates::ours()?, invitation_url, password_reset_url })
    }
}

/// Whether mail can be addressed to it at all: the pattern of the document is wider.
pub fn is_address(email: &str) -> bool {
    email.parse::<Address>().is_ok()
}

/// Whether the address of a mail server can be used.
pub fn is_server(url: &str) -> bool {
    smtp(url).is_some()
}

/// A server that does not answer is given up after this time; the job tries again later.
const PATIENCE: Duration = Duration::from_secs(10);

/// A password never leaves in the clear: with one, `smtp://` insists on STARTTLS. Without one it takes what
/// the server offers, as relays on the same machine often offer nothing.
fn smtp(url: &str) -> Option<Smtp> {
    let (has_password, rest) = url.rsplit_once('@').map_or((false, url), |(_, rest)| (true, rest));
    let query = rest.split_once('?').map(|(_, query)| query);
    let is_plain = url.starts_with("smtp://");
    let wanted = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("tls=")));
    if is_plain && has_password && wanted.is_some_and(|wanted| wanted != "required") {
        return None;
    }
    let tls = match (is_plain && wanted.is_none(), has_password) {
        (false, _) => "",
        (true, true) => "tls=required",
        (true, false) => "tls=opportunistic",
    };
    let mark = match (tls.is_empty(), query) {
        (true, _) => "",
        (false, Some(_)) => "&",
        (false, None) => "?",
    };
    Some(Smtp::from_url(&format!("{url}{mark}{tls}")).ok()?.timeout(Some(PATIENCE)).build())
}

fn no_server() -> Error {
    Error::internal(std::io::Error::other("the address of the mail server cannot be used"))
}

/// What a job holds: which mail, about which row, in which round of its token.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Order {
    pub letter: Letter,
    pub id: Uuid,
    pub round: i64,
}

/// Orders a mail in the transaction of its cause.
pub async fn order(txn: &Txn, clock: &Clock, order: Order) -> Result<()> {
    order_all(txn, clock, vec![order]).await
}

/// Orders many mails at once.
pub async fn order_all(txn: &Txn, clock: &Clock, orders: Vec<Order>) -> Result<()> {
    let job = |order| {
        let payload = serde_json::to_value(order).map_err(Error::internal)?;
        Ok(NewJob { kind: KIND, payload, dedupe_key: None, max_attempts: ATTEMPTS })
    };
    jobs::enqueue_all(txn, clock, orders.into_iter().map(job).collect::<Result<_>>()?).await
}

/// A mail as it is to be written.
pub struct Mail {
    pub letter: Letter,
    pub to: String,
    pub said: Said,
}

enum Way {
    Folder(PathBuf),
    Smtp(Smtp),
}

/// Writes mails and sends them.
pub struct Mailer {
    way: Way,
    from: Mailbox,
    templates: Templates,
    invitation_url: Option<String>,
    password_reset_url: Option<String>,
}

impl Mailer {
    pub fn new(settings: Settings) -> Result<Self> {
        let Settings { url, folder, from, templates, invitation_url, password_reset_url } = settings;
        let way = match url {
            Some(url) => Way::Smtp(smtp(url.expose_secret()).ok_or_else(no_server)?),
            None => Way::Folder(folder),
        };
        Ok(Self { way, from, templates, invitation_url, password_reset_url })
    }

    /// Whether mails reach the people they are for. If not, whoever invites hands the token on.
    pub fn reaches_people(&self) -> bool {
        matches!(self.way, Way::Smtp(_))
    }

    /// The operator's page with the token. What stands behind `#` is sent to no server, so no log has it.
    pub fn link(&self, letter: Letter, token: &str) -> Option<String> {
        let page = match letter {
            Letter::Invitation => self.invitation_url.as_ref(),
            Letter::PasswordReset => self.password_reset_url.as_ref(),
            Letter::Reminder => None,
        };
        page.map(|page| format!("{page}#token={token}"))
    }

    /// Removes mails in the folder that are older, and says how many. What a server has sent is not ours.
    pub async fn tidy(&self, then: Timestamp) -> Result<u64> {
        let Way::Folder(folder) = &self.way else {
            return Ok(0);
        };
        let Ok(mut files) = tokio::fs::read_dir(folder).await else {
            return Ok(0);
        };
        let (mut removed, then) = (0, std::time::SystemTime::from(then.instant()));
        while let Some(file) = files.next_entry().await.map_err(Error::internal)? {
            let is_mail = file.path().extension().is_some_and(|kind| kind == "eml");
            let written = file.metadata().await.and_then(|about| about.modified());
            if is_mail && written.is_ok_and(|written| written < then) {
                removed += u64::from(tokio::fs::remove_file(file.path()).await.is_ok());
            }
        }
        Ok(removed)
    }

    /// Sends a mail. `id` names it, so that sending it again after a crash makes no second one where
    /// that can be seen: the file is the same, and so is the Message-ID.
    pub async fn send(&self, id: Uuid, now: Timestamp, mail: Mail) -> Result<()> {
        let (subject, body) = self.templates.write(mail.letter, mail.said)?;
        let to = mail.to.parse::<Address>().map_err(Error::internal)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(now.instant().into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(Error::internal)?;
        match &self.way {
            Way::Smtp(server) => server.send(message).await.map(drop).map_err(Error::internal),
            Way::Folder(folder) => into_folder(folder, id, &message.formatted()).await.map_err(Error::internal),
        }
    }
}

/// Written whole beside it and then renamed: whoever reads the folder finds no half of a mail.
async fn into_folder(folder: &Path, id: Uuid, mail: &[u8]) -> std::io::Result<()> {
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    let (path, draft) = (folder.join(format!("{id}.eml")), folder.join(format!("{id}.draft")));
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&draft).await?;
    file.write_all(mail).await?;
    file.sync_all().await?;
    tokio::fs::rename(draft, path).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_by_smtp_addresses_only() {
        for url in ["smtp://user:hush@mail.example:587", "smtps://mail.example", "smtp://localhost:25?tls=required"] {
            assert!(is_server(url), "{url}");
        }
        for url in [
            "mail.example:25",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example?tls=maybe",
            "smtp://user:hush@mail.example?tls=opportunistic",
        ] {
            assert!(!is_server(url), "{url}");
        }
    }

    #[test]
    fn addresses_that_no_mail_can_have_are_seen() {
        assert!(is_address("jo@accord.example"));
        for wrong in ["jo", "a..b@accord.example", "jo@accord..example", "jo <jo@accord.example"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
