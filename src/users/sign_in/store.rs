//! What signing in reads and writes.

use crate::shared::app::App;
use crate::shared::auth::session::{self, Device, Refreshed};
use crate::shared::auth::throttle::{self, Counted};
use crate::shared::auth::{Anyone, SessionId, account, password};
use crate::shared::clock::Clock;
use crate::shared::context::Context;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::AccountId;
use sea_orm::{EntityTrait, QuerySelect};
use std::sync::Arc;

/// The account that this e-mail address and password belong to. Whatever is wrong, the answer and the
/// work are the same.
pub async fn identify(app: &App, context: &Context, email: &str, given: String) -> Result<account::Model> {
    count_attempt(app, context, email).await?;
    let account = account::by_email(app.db.fresh(), email).await?;
    let usable = account.as_ref().filter(|account| account.disabled_at.is_none());
    let stored = usable.map(|account| account.password_hash.clone());
    let fits = password::verify(given, stored, app.password_cost).await?;
    match (fits, account) {
        (true, Some(account)) => Ok(account),
        (_, account) => {
            note_refusal(app, context, account).await?;
            Err(wrong())
        }
    }
}

fn wrong() -> Error {
    Error::new(Code::InvalidCredentials, "Email or password is wrong.")
}

fn counted(context: &Context, email: &str) -> [Counted; 2] {
    [Counted::account(email), Counted::address(context.network())]
}

async fn count_attempt(app: &App, context: &Context, email: &str) -> Result<()> {
    if !app.gate.is_limited() {
        return Ok(());
    }
    let input = (app.clock.now(), counted(context, email));
    app.db.write(input, |txn, (now, counted)| Box::pin(throttle::attempt(txn, *now, counted))).await
}

async fn note_refusal(app: &App, context: &Context, account: Option<account::Model>) -> Result<()> {
    let input = (app.clock.clone(), context.request_id.clone(), account);
    app.db
        .write(input, |txn, (clock, request_id, account)| {
            let action = "user.sign_in_refused";
            let entry = match account {
                Some(account) => Entry::new(action, account.id.0).about_any(account.supplier_id),
                None => Entry::of_nothing(action),
            };
            Box::pin(history::record_as(txn, clock, Author::nobody(request_id), entry))
        })
        .await
}

/// Opens a session for somebody who has shown who they are.
pub async fn open(app: &App, anyone: &Anyone, account: &account::Model) -> Result<(SessionId, String)> {
    let request_id = anyone.context.request_id.clone();
    let opening = Opening {
        clock: app.clock.clone(),
        counted: counted(&anyone.context, &account.email),
        account: account.clone(),
        device: anyone.device(),
        request_id,
    };
    app.db.write(opening, |txn, opening| Box::pin(opening.carry_out(txn))).await
}

struct Opening {
    clock: Clock,
    counted: [Counted; 2],
    account: account::Model,
    device: Device,
    request_id: Arc<str>,
}

impl Opening {
    async fn carry_out(&self, txn: &Txn) -> Result<(SessionId, String)> {
        let account::Model { id, name, supplier_id, password_hash, .. } = &self.account;
        // Hashing took a while: the password may have been changed, or the account disabled, meanwhile.
        let now = account::Entity::find_by_id(*id).lock_exclusive().one(txn).await?;
        if now.is_none_or(|now| now.disabled_at.is_some() || now.password_hash != *password_hash) {
            return Err(wrong());
        }
        let (session, refresh_token) = session::open(txn, &self.clock, *id, &self.device).await?;
        let entry = Entry::new("session.create", session.0).about_any(*supplier_id);
        history::record_as(txn, &self.clock, Author::account(*id, *supplier_id, name, &self.request_id), entry).await?;
        let [account, address] = &self.counted;
        throttle::success(txn, self.clock.now(), account, address).await?;
        Ok((session, refresh_token))
    }
}

/// Exchanges a refresh token for another pair.
pub async fn refresh(app: &App, anyone: &Anyone, token: &str) -> Result<(account::Model, SessionId, String)> {
    let input = (app.clock.clone(), token.to_owned(), anyone.context.request_id.clone());
    let refreshed = app.db.write(input, |txn, (clock, token, request_id)| {
        Box::pin(async move {
            let refreshed = session::refresh(txn, clock, token).await?;
            if let Refreshed::Reused { account, session } = &refreshed {
                note_reuse(txn, clock, request_id, *account, *session).await?;
            }
            Ok(refreshed)
        })
    });
    match refreshed.await? {
        Refreshed::Pair { account, session, refresh_token } => Ok((account, session, refresh_token)),
        Refreshed::Reused { .. } => {
            app.gate.forget();
            let detail =
                "This refresh token was used before: one of the two who have it has stolen it. The session has ended.";
            Err(Error::new(Code::RefreshTokenReused, detail))
        }
        Refreshed::Expired => Err(Error::new(Code::RefreshTokenExpired, "The session is over. Sign in again.")),
        Refreshed::Unknown => Err(Error::new(Code::InvalidToken, "The refresh token is not one of ours.")),
    }
}

async fn note_reuse(txn: &Txn, clock: &Clock, request_id: &str, account: AccountId, session: SessionId) -> Result<()> {
    let account = account::Entity::find_by_id(account).one(txn).await?;
    let supplier = account.and_then(|account| account.supplier_id);
    let entry = Entry::new("session.reuse_detected", session.0).about_any(supplier);
    history::record_as(txn, clock, Author::nobody(request_id), entry).await
}
