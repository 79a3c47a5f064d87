//! API keys: how other systems sign in. Only their digests are stored.

use super::secret;
use super::{Caller, Identity};
use crate::shared::context::Context;
use crate::shared::db::{Db, Stored};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AccountId, SupplierId};
use crate::shared::permission::{Role, SCOPES};
use crate::shared::time::Timestamp;
use crate::{id, parsed};
use chrono::TimeDelta;
use ipnet::IpNet;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect};
use std::net::IpAddr;

id!(
    /// An API key.
    ApiKeyId
);
parsed!(
    /// What a key may be used for: a module and `read` or `write`.
    KeyScope, one_of: SCOPES
);
parsed!(
    /// A network from which a key is accepted (CIDR): `192.0.2.0/24`, `2001:db8::/32`.
    KeyNetwork, pattern: "^[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}$", at_most: 49
);

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub scopes: Stored<Vec<KeyScope>>,
    pub supplier_id: Option<SupplierId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_cidrs: Stored<Vec<KeyNetwork>>,
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    pub last4: String,
    /// The digest before the last rotation; it works until `previous_until`.
    #[sea_orm(unique)]
    pub previous_digest: Option<Vec<u8>>,
    pub previous_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub last_used_from: Option<String>,
    pub created_by: AccountId,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Networks from which a key is accepted; none means all.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    pub fn check(&self, peer: IpAddr) -> Result<()> {
        let peer = peer.to_canonical();
        match self.0.is_empty() || self.0.iter().any(|network| network.contains(&peer)) {
            true => Ok(()),
            false => Err(Error::new(Code::IpNotAllowed, "This key is not accepted from your address.")),
        }
    }
}

/// What is known of a presented key.
pub struct Presented {
    pub caller: Caller,
    pub networks: Networks,
    /// When it stops working; `None` for never.
    pub until: Option<Timestamp>,
    /// When the use was last noted.
    pub noted: Option<Timestamp>,
}

/// The key behind the secret, if it works now.
pub async fn presented(db: &impl ConnectionTrait, key: &str, now: Timestamp) -> Result<Presented> {
    let invalid = || Error::new(Code::InvalidApiKey, "The API key is not one of ours, or it was revoked.");
    if !secret::is_well_formed(secret::API_KEY, key) {
        return Err(invalid());
    }
    let digest = secret::digest(key);
    let either = Condition::any().add(Column::Digest.eq(digest.clone())).add(Column::PreviousDigest.eq(digest.clone()));
    let row = Entity::find().filter(either).one(db).await?.filter(|row| row.revoked_at.is_none());
    let row = row.ok_or_else(invalid)?;
    let rotated = if row.digest == digest { None } else { row.previous_until };
    let until = [row.expires_at, rotated].into_iter().flatten().min();
    if until.is_some_and(|until| until <= now) {
        return Err(Error::new(Code::ApiKeyExpired, "The API key has expired."));
    }
    // One that cannot be read must not make the list empty, which would mean all.
    let networks = row.allowed_cidrs.0.iter().map(|network| network.parse());
    let networks = Networks(networks.collect::<Result<_, ipnet::AddrParseError>>().map_err(Error::internal)?);
    let noted = row.last_used_at;
    Ok(Presented { caller: row.caller(), networks, until, noted })
}

/// A key that ordered a job, as the tables know it now.
pub async fn acting(db: &impl ConnectionTrait, id: ApiKeyId, now: Timestamp) -> Result<Caller> {
    let works = |row: &Model| row.revoked_at.is_none() && row.expires_at.is_none_or(|until| now < until);
    let row = Entity::find_by_id(id).one(db).await?.filter(works);
    Ok(row.ok_or_else(|| Error::new(Code::Forbidden, "The API key that ordered it works no more."))?.caller())
}

impl Model {
    fn caller(self) -> Caller {
        let scopes = self.scopes.0.iter().map(|scope| scope.to_string()).collect();
        Caller {
            identity: Identity::Key { id: self.id, scopes },
            name: self.name,
            role: self.supplier_id.map(|_| Role::SupplierAdmin),
            supplier_id: self.supplier_id,
        }
    }
}

/// Whether a supplier has keys. Revoked ones count: they stay, and name it.
pub async fn is_any_of(db: &impl ConnectionTrait, supplier: SupplierId) -> Result<bool> {
    Ok(Entity::find().filter(Column::SupplierId.eq(supplier)).limit(1).one(db).await?.is_some())
}

/// A use is noted once a minute at most,
pub const NOTED: TimeDelta = TimeDelta::minutes(1);

/// and enters the audit trail when the key is used for the first time on a day, or from another
/// address than before.
pub async fn note_use(db: &Db, context: &Context, caller: &Caller, id: ApiKeyId) -> Result<()> {
    let clock = context.gate.clock().clone();
    let input = (clock, caller.clone(), id, context.peer.to_canonical().to_string(), context.request_id.clone());
    db.write(input, |txn, (clock, caller, id, peer, request_id)| {
        Box::pin(async move {
            let now = clock.now();
            let Some(row) = Entity::find_by_id(*id).lock_exclusive().one(txn).await? else {
                return Ok(());
            };
            if row.last_used_at.is_some_and(|at| now < at.plus(NOTED)) {
                return Ok(());
            }
            let day = |at: Timestamp| at.instant().date_naive();
            let is_new =
                row.last_used_at.is_none_or(|at| day(at) != day(now)) || row.last_used_from.as_ref() != Some(peer);
            Entity::update_many()
                .col_expr(Column::LastUsedAt, Expr::value(now))
                .col_expr(Column::LastUsedFrom, Expr::value(peer.as_str()))
                .filter(Column::Id.eq(*id))
                .exec(txn)
                .await?;
            if is_new {
                let entry = Entry::new("api_key.use", id.0).about_any(row.supplier_id).because(Some(peer));
                history::record_as(txn, clock, Author::caller(caller, request_id), entry).await?;
            }
            Ok(())
        })
    })
    .await
}
