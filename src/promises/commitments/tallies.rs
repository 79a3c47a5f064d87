//! Tallies follow facts: what a change adds to them and takes from them is gathered and written in
//! the order of their keys, so that two changes wait for each other and never in a circle.

use super::entity::{Model, tally, value_tally};
use super::types::CommitmentStatus;
use crate::promises::numbers::{Counts, month, rules::bucket};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::PromiseId;
use crate::shared::tally::added;
use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 1000;

/// Promise, subject, promised, day, version, slot.
pub type CountKey = (PromiseId, Uuid, bool, NaiveDate, i64, i64);
/// Promise, month, bucket, slot.
pub type ValueKey = (PromiseId, NaiveDate, i64, i64);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deltas {
    pub counts: BTreeMap<CountKey, Counts>,
    pub values: BTreeMap<ValueKey, i64>,
}

impl Deltas {
    /// What a change of one commitment moves.
    pub fn between(before: Option<&Model>, after: Option<&Model>) -> Self {
        let mut deltas = Self::default();
        if let Some(before) = before {
            deltas.count(before, -1);
        }
        if let Some(after) = after {
            deltas.count(after, 1);
        }
        deltas
    }

    /// Adds or takes what the commitment counts; open, withdrawn and superseded ones count nothing.
    pub fn count(&mut self, fact: &Model, sign: i64) {
        let counts = match fact.status {
            _ if fact.superseded_by_id.is_some() => return,
            CommitmentStatus::Open | CommitmentStatus::Withdrawn => return,
            CommitmentStatus::Kept => Counts { kept: sign, ..Counts::default() },
            CommitmentStatus::Broken | CommitmentStatus::ExcuseRequested => {
                Counts { broken: sign, ..Counts::default() }
            }
            CommitmentStatus::Excused => Counts { excused: sign, ..Counts::default() },
        };
        for subject in [Some(fact.promise_id.0), fact.person_id.map(|person| person.0)].into_iter().flatten() {
            let key = (fact.promise_id, subject, fact.is_promised, fact.day, fact.promise_version, fact.slot);
            *self.counts.entry(key).or_default() += counts;
        }
        if fact.status != CommitmentStatus::Excused {
            let key = (fact.promise_id, month(fact.day), bucket(fact.tightest), fact.slot);
            *self.values.entry(key).or_default() += sign;
        }
    }

    pub async fn write(mut self, txn: &Txn) -> Result<()> {
        self.counts.retain(|_, counts| *counts != Counts::default());
        self.values.retain(|_, count| *count != 0);
        let counts: Vec<_> = self.counts.into_iter().map(count_row).collect();
        for rows in counts.chunks(AT_ONCE) {
            use tally::Column::{Broken, Excused, Kept};
            let insert = tally::Entity::insert_many(rows.to_vec());
            insert.on_conflict(added::<tally::Entity>(&[Kept, Broken, Excused])).exec_without_returning(txn).await?;
        }
        let values: Vec<_> = self.values.into_iter().map(value_row).collect();
        for rows in values.chunks(AT_ONCE) {
            let insert = value_tally::Entity::insert_many(rows.to_vec());
            let added = added::<value_tally::Entity>(&[value_tally::Column::Count]);
            insert.on_conflict(added).exec_without_returning(txn).await?;
        }
        Ok(())
    }
}

fn count_row(((promise, subject, is_promised, day, version, slot), counts): (CountKey, Counts)) -> tally::ActiveModel {
    tally::ActiveModel {
        promise_id: Set(promise),
        subject_id: Set(subject),
        is_promised: Set(is_promised),
        day: Set(day),
        version: Set(version),
        slot: Set(slot),
        kept: Set(counts.kept),
        broken: Set(counts.broken),
        excused: Set(counts.excused),
    }
}

fn value_row(((promise, month, bucket, slot), count): (ValueKey, i64)) -> value_tally::ActiveModel {
    value_tally::ActiveModel {
        promise_id: Set(promise),
        month: Set(month),
        bucket: Set(bucket),
        slot: Set(slot),
        count: Set(count),
    }
}
