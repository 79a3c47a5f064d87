//! The seal: a chain of digests over history, appended in the order in which rows are found by
//! whoever holds the lease. Writers never wait for it; a row is sealed within seconds.

use crate::shared::app::App;
use crate::shared::crypto::sha256_parts;
use crate::shared::db::{Lease, Txn};
use crate::shared::error::Result;
use crate::shared::history;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ActiveValue::Set, ExprTrait as _, QueryOrder, QuerySelect, Select};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(unique)]
    pub event_id: Uuid,
    pub digest: Vec<u8>,
    pub prev_digest: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Rows that wait for their seal.
pub mod pending {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_pending")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const AT_ONCE: u64 = 200;
const TERM: TimeDelta = TimeDelta::seconds(15);

/// Seals new rows for as long as the process lives: soon after a commit, and every two seconds in
/// case another instance wrote.
pub async fn run(app: App) {
    let lease = Lease::new("audit_seal", TERM, &app.clock);
    loop {
        let work = async {
            while is_waiting(&app).await? && lease.hold(&app.db, &app.clock).await? && seal(&app).await? == AT_ONCE {}
            Ok(())
        };
        let done: Result<()> = work.await;
        if let Err(error) = done {
            tracing::warn!(%error, cause = ?error.cause, "sealing the audit trail failed; trying again");
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), app.db.changed()).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Seals up to `AT_ONCE` rows in one transaction and says how many.
pub async fn seal(app: &App) -> Result<u64> {
    app.db.write((), |txn, ()| Box::pin(append(txn))).await
}

/// Whether a row waits for its seal. (A row that waits but is not there was removed by hand: it
/// goes on waiting, and is reported.)
async fn is_waiting(app: &App) -> Result<bool> {
    Ok(waiting().limit(1).one(app.db.fresh()).await?.is_some())
}

fn waiting() -> Select<pending::Entity> {
    pending::Entity::find().filter(is_there())
}

/// Asked of each row that waits, which are few: `IN (SELECT …)` would have SQLite go through all of history instead.
pub fn is_there() -> Expr {
    let (waits, id) = ((pending::Entity, pending::Column::EventId), (history::Entity, history::Column::Id));
    let there =
        Query::select().expr(Expr::value(1)).from(history::Entity).and_where(Expr::col(id).equals(waits)).to_owned();
    Expr::exists(there)
}

async fn append(txn: &Txn) -> Result<u64> {
    let waiting = waiting().order_by_asc(pending::Column::EventId).limit(AT_ONCE).all(txn).await?;
    let ids: Vec<Uuid> = waiting.iter().map(|row| row.event_id).collect();
    let rows = history::Entity::find()
        .filter(history::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(history::Column::Id)
        .all(txn)
        .await?;
    let last = Entity::find().order_by_desc(Column::Position).one(txn).await?;
    let (mut position, mut prev) = last.map_or((0, Vec::new()), |seal| (seal.position, seal.digest));
    let mut seals = Vec::with_capacity(rows.len());
    for row in &rows {
        let digest = digest(&prev, row);
        position += 1;
        seals.push(ActiveModel {
            position: Set(position),
            event_id: Set(row.id),
            digest: Set(digest.clone()),
            prev_digest: Set(std::mem::replace(&mut prev, digest)),
        });
    }
    Entity::insert_many(seals).exec_without_returning(txn).await?;
    pending::Entity::delete_many().filter(pending::Column::EventId.is_in(ids)).exec(txn).await?;
    Ok(rows.len() as u64)
}

/// Covers everything but the content itself, of which it covers the salted digest.
pub fn digest(prev: &[u8], row: &history::Model) -> Vec<u8> {
    let id = |id: Option<Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let mut parts = vec![
        prev.to_vec(),
        row.id.as_bytes().to_vec(),
        row.at.instant().timestamp_millis().to_be_bytes().to_vec(),
        row.actor_type.as_bytes().to_vec(),
        id(row.actor_id),
        row.action.as_bytes().to_vec(),
        row.resource_type.as_bytes().to_vec(),
        id(row.resource_id),
        id(row.supplier_id.map(|supplier| supplier.0)),
        row.request_id.as_bytes().to_vec(),
        row.content_digest.clone(),
    ];
    // Rows from before the column was there, and those of staff, are sealed without it.
    parts.extend(row.actor_supplier_id.map(|supplier| supplier.0.as_bytes().to_vec()));
    sha256_parts(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}
