//! Sessions and their refresh tokens. A session ends after 30 days, or after 7 days without use, or
//! when somebody ends it. A refresh token works once; whoever presents it again ends the session,
//! because one of the two has stolen it.

use super::secret::{self, REFRESH};
use super::{account, epoch};
use crate::id;
use crate::shared::clock::Clock;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::AccountId;
use crate::shared::time::Timestamp;
use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, PaginatorTrait, QuerySelect};

id!(
    /// A signed-in period of one account on one device.
    SessionId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub account_id: AccountId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub mod refresh_token {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: Vec<u8>,
        pub session_id: SessionId,
        pub expires_at: Timestamp,
        pub rotated_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A session lasts at most this long,
const LONGEST: TimeDelta = TimeDelta::days(30);
/// and at most this long without being used.
pub const IDLE: TimeDelta = TimeDelta::days(7);
/// A lost answer, or two tabs at once: so long after its rotation a token still gives another pair.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// So many pairs a session gets in that time.
const MOST_PAIRS: u64 = 20;

/// From where somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

/// What presenting a refresh token led to.
pub enum Refreshed {
    /// Another pair for this session.
    Pair { account: account::Model, session: SessionId, refresh_token: String },
    /// It had been used before; the session has ended.
    Reused { account: AccountId, session: SessionId },
    /// Its time is over, or its session has ended.
    Expired,
    /// Not one of ours.
    Unknown,
}

/// Opens a session and gives its first refresh token.
pub async fn open(txn: &Txn, clock: &Clock, account: AccountId, device: &Device) -> Result<(SessionId, String)> {
    let (id, now) = (SessionId::new(clock), clock.now());
    let row = ActiveModel {
        id: Set(id),
        account_id: Set(account),
        created_at: Set(now),
        expires_at: Set(now.plus(LONGEST)),
        revoked_at: Set(None),
        last_used_at: Set(Some(now)),
        user_agent: Set(device.user_agent.clone()),
        address: Set(device.address.clone()),
    };
    Entity::insert(row).exec_without_returning(txn).await?;
    let refresh_token = issue(txn, id, now).await?;
    Ok((id, refresh_token))
}

/// Exchanges a refresh token. Two requests with the same one wait for each other here.
pub async fn refresh(txn: &Txn, clock: &Clock, token: &str) -> Result<Refreshed> {
    let now = clock.now();
    let digest = secret::digest(token);
    let Some(row) = refresh_token::Entity::find_by_id(digest).lock_exclusive().one(txn).await? else {
        return Ok(Refreshed::Unknown);
    };
    let session = Entity::find_by_id(row.session_id).lock_exclusive().one(txn).await?;
    let Some(session) = session.filter(|session| session.revoked_at.is_none() && now < session.expires_at) else {
        return Ok(Refreshed::Expired);
    };
    if row.rotated_at.is_some_and(|at| now >= at.plus(GRACE)) {
        end(txn, now, Condition::all().add(Column::Id.eq(session.id))).await?;
        return Ok(Refreshed::Reused { account: session.account_id, session: session.id });
    }
    refuse_too_many(txn, now, session.id).await?;
    let account = account::Entity::find_by_id(session.account_id).one(txn).await?;
    let Some(account) = account.filter(|account| account.disabled_at.is_none() && now < row.expires_at) else {
        return Ok(Refreshed::Expired);
    };
    let id = session.id;
    Entity::update(ActiveModel { last_used_at: Set(Some(now)), ..session.into() }).exec_without_returning(txn).await?;
    if row.rotated_at.is_none() {
        let used = refresh_token::ActiveModel { rotated_at: Set(Some(now)), ..row.into() };
        refresh_token::Entity::update(used).exec_without_returning(txn).await?;
    }
    let refresh_token = issue(txn, id, now).await?;
    Ok(Refreshed::Pair { account, session: id, refresh_token })
}

/// Within the grace a token gives a pair to every tab, but not to everybody.
async fn refuse_too_many(txn: &Txn, now: Timestamp, session: SessionId) -> Result<()> {
    let issued = refresh_token::Entity::find()
        .filter(refresh_token::Column::SessionId.eq(session))
        .filter(refresh_token::Column::ExpiresAt.gt(now.plus(IDLE - GRACE)))
        .count(txn)
        .await?;
    match issued {
        0..MOST_PAIRS => Ok(()),
        _ => Err(Error::new(Code::RateLimited, "This session has just been refreshed many times.")
            .with("policy", "refresh")
            .retry_after(GRACE.num_seconds().unsigned_abs())),
    }
}

async fn issue(txn: &Txn, session: SessionId, now: Timestamp) -> Result<String> {
    let token = secret::random(REFRESH);
    let row = refresh_token::ActiveModel {
        digest: Set(secret::digest(&token)),
        session_id: Set(session),
        expires_at: Set(now.plus(IDLE)),
        rotated_at: Set(None),
    };
    refresh_token::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(token)
}

/// Ends the sessions that meet the condition, and says how many. All instances notice.
pub async fn end(txn: &Txn, now: Timestamp, which: Condition) -> Result<u64> {
    let live = which.add(Column::RevokedAt.is_null());
    let change = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(now)).filter(live);
    let ended = change.exec(txn).await?.rows_affected;
    epoch::moved(txn).await?;
    Ok(ended)
}

/// Ends every session of an account, but perhaps one.
pub async fn end_all(txn: &Txn, now: Timestamp, account: AccountId, except: Option<SessionId>) -> Result<u64> {
    let which =
        Condition::all().add(Column::AccountId.eq(account)).add_option(except.map(|session| Column::Id.ne(session)));
    end(txn, now, which).await
}
