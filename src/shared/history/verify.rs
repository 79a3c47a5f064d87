//! Reads the whole chain of seals again and says what does not fit.

use super::{Column, Entity, Model, seal};
use crate::shared::crypto::sha256_parts;
use crate::shared::error::Result;
use poem_openapi::Object;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// What reading the audit trail again showed.
#[derive(Debug, Default, Object, Serialize)]
pub struct Verification {
    /// Whether every sealed row is there and unchanged.
    pub is_intact: bool,
    /// How many rows are sealed.
    pub sealed: u64,
    /// How many rows wait for their seal; they are sealed within seconds.
    pub unsealed: u64,
    /// What does not fit, at most the first 100.
    pub problems: Vec<Problem>,
}

/// A place where the audit trail was changed by hand.
#[derive(Debug, Object, Serialize)]
pub struct Problem {
    /// Position in the chain; null for a row outside of it.
    pub position: Option<i64>,
    /// The audit event concerned; null when a seal itself is missing.
    pub event_id: Option<Uuid>,
    /// What is wrong: `removed`, `changed`, `seal_missing` or `chain_broken`.
    pub problem: String,
}

const CHUNK: u64 = 500;
const SHOWN: usize = 100;

pub async fn verify(db: &impl ConnectionTrait) -> Result<Verification> {
    let mut report =
        Verification { unsealed: seal::pending::Entity::find().count(db).await?, ..Verification::default() };
    let (mut position, mut prev) = (0, Vec::new());
    loop {
        let seals = seal::Entity::find()
            .filter(seal::Column::Position.gt(position))
            .order_by_asc(seal::Column::Position)
            .limit(CHUNK)
            .all(db)
            .await?;
        if seals.is_empty() {
            break;
        }
        let rows = rows(db, &seals).await?;
        for seal in seals {
            if seal.position != position + 1 {
                report.add(Some(position + 1), None, "seal_missing");
            }
            if let Some(problem) = compare(&seal, rows.get(&seal.event_id), &prev) {
                report.add(Some(seal.position), Some(seal.event_id), problem);
            }
            position = seal.position;
            prev = seal.digest;
            report.sealed += 1;
        }
    }
    for lost in lost(db).await? {
        report.add(None, Some(lost), "removed");
    }
    report.is_intact = report.problems.is_empty();
    Ok(report)
}

/// Rows that wait for their seal but are not there any more.
async fn lost(db: &impl ConnectionTrait) -> Result<Vec<Uuid>> {
    let waiting = seal::pending::Entity::find().filter(seal::is_there().not()).limit(CHUNK).all(db).await?;
    Ok(waiting.into_iter().map(|row| row.event_id).collect())
}

async fn rows(db: &impl ConnectionTrait, seals: &[seal::Model]) -> Result<HashMap<Uuid, Model>> {
    let ids = seals.iter().map(|seal| seal.event_id);
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn compare(seal: &seal::Model, row: Option<&Model>, prev: &[u8]) -> Option<&'static str> {
    let Some(row) = row else {
        return Some("removed");
    };
    if seal.prev_digest != prev {
        return Some("chain_broken");
    }
    let content_fits = match (&row.content, &row.salt) {
        (Some(content), Some(salt)) => sha256_parts(&[salt, content.as_bytes()]) == row.content_digest,
        // Erased: the digest of the content stays, the content is gone.
        (None, None) => true,
        _ => false,
    };
    (!content_fits || seal::digest(prev, row) != seal.digest).then_some("changed")
}

impl Verification {
    fn add(&mut self, position: Option<i64>, event_id: Option<Uuid>, problem: &str) {
        if self.problems.len() < SHOWN {
            self.problems.push(Problem { position, event_id, problem: problem.to_owned() });
        }
    }
}
