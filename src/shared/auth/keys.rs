//! Signing and MAC keys. They live in the table `signing_key`, which all instances read, sealed
//! with the installation's secret.

use super::epoch;
use crate::shared::clock::Clock;
use crate::shared::crypto;
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::time::Timestamp;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::TimeDelta;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub purpose: String,
    pub sealed_secret: Vec<u8>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const TOKEN: &str = "token";
const CURSOR: &str = "cursor";

/// The wrapper that makes a PKCS#8 (v1) document of a 32-byte Ed25519 seed (RFC 8410).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// Every instance knows a new key before any signs with it.
const ANNOUNCED: TimeDelta = TimeDelta::minutes(1);
/// So long after its successor began to sign, no token of a key is valid any more.
const TAIL: TimeDelta = TimeDelta::minutes(16);

pub struct Keys {
    /// Oldest first.
    tokens: Vec<TokenKey>,
    cursor: Vec<u8>,
}

pub struct TokenKey {
    pub id: String,
    pub signs: EncodingKey,
    pub verifies: DecodingKey,
    pub public: Vec<u8>,
    created_at: Timestamp,
}

impl Keys {
    /// Reads the keys, making them at the first start.
    pub async fn load(db: &Db, clock: &Clock, secret: &str) -> Result<Self> {
        if rows(db).await?.is_empty() {
            let input = (secret.to_owned(), clock.clone());
            db.write(input, |txn, (secret, clock)| Box::pin(create(txn, secret, clock))).await?;
        }
        Self::read(db, secret).await
    }

    /// Reads the keys that are there.
    pub async fn read(db: &Db, secret: &str) -> Result<Self> {
        let (mut tokens, mut cursor) = (Vec::new(), None);
        for row in rows(db).await? {
            let secret = crypto::open(secret, &row.id, &row.sealed_secret).ok_or_else(wrong_secret)?;
            match row.purpose.as_str() {
                TOKEN => tokens.push(token_key(row.id, &secret, row.created_at)?),
                _ => cursor = Some(secret),
            }
        }
        Ok(Self { tokens, cursor: cursor.ok_or_else(wrong_secret)? })
    }

    /// Keys of nobody, for a process that serves nothing and only prints its document.
    pub fn made_up(clock: &Clock) -> Result<Self> {
        let token = token_key("t0".to_owned(), &crypto::random::<32>(), clock.now())?;
        Ok(Self { tokens: vec![token], cursor: crypto::random::<32>().to_vec() })
    }

    /// The key that new tokens are signed with: the newest that all instances know.
    pub fn signing(&self, now: Timestamp) -> Result<&TokenKey> {
        let known = self.tokens.iter().rev().find(|key| key.created_at.plus(ANNOUNCED) <= now);
        known.or(self.tokens.first()).ok_or_else(wrong_secret)
    }

    /// The keys whose tokens are accepted, those that will sign soon included.
    pub fn accepted(&self, now: Timestamp) -> impl Iterator<Item = &TokenKey> {
        let successors = self.tokens.iter().skip(1).map(Some).chain([None]);
        let is_over = move |next: &TokenKey| next.created_at.plus(ANNOUNCED).plus(TAIL) <= now;
        self.tokens.iter().zip(successors).filter(move |(_, next)| !next.is_some_and(is_over)).map(|(key, _)| key)
    }

    pub fn verifying(&self, id: &str, now: Timestamp) -> Option<&TokenKey> {
        self.accepted(now).find(|key| key.id == id)
    }

    pub fn cursor_key(&self) -> &[u8] {
        &self.cursor
    }

    /// The key of links that are sent by mail.
    pub fn link_key(&self) -> Vec<u8> {
        crypto::mac(&self.cursor, b"links 1")
    }
}

/// Makes the next signing key and removes those whose last token has expired. It signs after a
/// minute, so nobody is signed out.
pub async fn rotate(txn: &Txn, secret: &str, clock: &Clock) -> Result<String> {
    let token_rows = Entity::find().filter(Column::Purpose.eq(TOKEN)).order_by_asc(Column::CreatedAt).all(txn).await?;
    let now = clock.now();
    let over = token_rows.windows(2).filter(|pair| pair[1].created_at.plus(ANNOUNCED).plus(TAIL) <= now);
    let over: Vec<_> = over.map(|pair| pair[0].id.clone()).collect();
    Entity::delete_many().filter(Column::Id.is_in(over)).exec(txn).await?;
    let number = |id: &str| id.trim_start_matches('t').parse().unwrap_or(0);
    let id = format!("t{}", token_rows.iter().map(|row| number(&row.id)).max().unwrap_or(0_u64) + 1);
    Entity::insert(sealed(&id, TOKEN, secret, now)?).exec_without_returning(txn).await?;
    history::record_as(txn, clock, Author::command_line(), Entry::of_nothing("signing_key.rotate")).await?;
    epoch::moved(txn).await?;
    Ok(id)
}

async fn rows(db: &Db) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(db.fresh()).await?)
}

/// Two instances may start at once: the ids are fixed, so only one of them makes the keys.
async fn create(txn: &Txn, secret: &str, clock: &Clock) -> Result<()> {
    for (id, purpose) in [("t1", TOKEN), ("c1", CURSOR)] {
        let row = sealed(id, purpose, secret, clock.now())?;
        Entity::insert(row).on_conflict_do_nothing().exec_without_returning(txn).await?;
    }
    Ok(())
}

fn sealed(id: &str, purpose: &str, secret: &str, now: Timestamp) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: Set(id.to_owned()),
        purpose: Set(purpose.to_owned()),
        sealed_secret: Set(crypto::seal(secret, id, &crypto::random::<32>())?),
        created_at: Set(now),
    })
}

fn token_key(id: String, seed: &[u8], created_at: Timestamp) -> Result<TokenKey> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(Error::internal)?;
    let pkcs8 = [&PKCS8, seed].concat();
    let public = pair.public_key().as_ref().to_vec();
    let (signs, verifies) = (EncodingKey::from_ed_der(&pkcs8), DecodingKey::from_ed_der(&public));
    Ok(TokenKey { id, signs, verifies, public, created_at })
}

fn wrong_secret() -> Error {
    Error::new(
        Code::InternalError,
        "The keys in the database were sealed with another secret: give the ACCORD_SECRET (or the secret file) they were made with.",
    )
}
