//! Signing and MAC keys. They live in the table `signing_key`, which all instances read, sealed
//! with the installation's secret.

use crate::shared::clock::Clock;
use crate::shared::crypto;
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
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

pub struct Keys {
    tokens: Vec<TokenKey>,
    cursor: Vec<u8>,
}

pub struct TokenKey {
    pub id: String,
    pub signs: EncodingKey,
    pub verifies: DecodingKey,
}

impl Keys {
    /// Reads the keys, making them at the first start.
    pub async fn load(db: &Db, clock: &Clock, secret: &str) -> Result<Self> {
        if rows(db).await?.is_empty() {
            let input = (secret.to_owned(), clock.clone());
            db.write(input, |txn, (secret, clock)| Box::pin(create(txn, secret, clock))).await?;
        }
        let (mut tokens, mut cursor) = (Vec::new(), None);
        for row in rows(db).await? {
            let secret = crypto::open(secret, &row.id, &row.sealed_secret).ok_or_else(wrong_secret)?;
            match row.purpose.as_str() {
                TOKEN => tokens.push(token_key(row.id, &secret)?),
                _ => cursor = Some(secret),
            }
        }
        Ok(Self { tokens, cursor: cursor.ok_or_else(wrong_secret)? })
    }

    /// Keys of nobody, for a process that serves nothing and only prints its document.
    pub fn made_up() -> Result<Self> {
        let token = token_key("t0".to_owned(), &crypto::random::<32>())?;
        Ok(Self { tokens: vec![token], cursor: crypto::random::<32>().to_vec() })
    }

    /// The key that new tokens are signed with: the newest.
    pub fn signing(&self) -> Result<&TokenKey> {
        self.tokens.last().ok_or_else(wrong_secret)
    }

    pub fn verifying(&self, id: &str) -> Option<&TokenKey> {
        self.tokens.iter().find(|key| key.id == id)
    }

    pub fn cursor_key(&self) -> &[u8] {
        &self.cursor
    }
}

async fn rows(db: &Db) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(db.fresh()).await?)
}

/// Two instances may start at once: the ids are fixed, so only one of them makes the keys.
async fn create(txn: &Txn, secret: &str, clock: &Clock) -> Result<()> {
    for (id, purpose) in [("t1", TOKEN), ("c1", CURSOR)] {
        let row = ActiveModel {
            id: Set(id.to_owned()),
            purpose: Set(purpose.to_owned()),
            sealed_secret: Set(crypto::seal(secret, id, &crypto::random::<32>())?),
            created_at: Set(clock.now()),
        };
        Entity::insert(row).on_conflict_do_nothing().exec_without_returning(txn).await?;
    }
    Ok(())
}

fn token_key(id: String, seed: &[u8]) -> Result<TokenKey> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(Error::internal)?;
    let pkcs8 = [&PKCS8, seed].concat();
    Ok(TokenKey {
        id,
        signs: EncodingKey::from_ed_der(&pkcs8),
        verifies: DecodingKey::from_ed_der(pair.public_key().as_ref()),
    })
}

fn wrong_secret() -> Error {
    Error::new(
        Code::InternalError,
        "The keys in the database were sealed with another secret: give the ACCORD_SECRET (or the secret file) they were made with.",
    )
}
