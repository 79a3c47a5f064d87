//! What tallies have in common: rows that facts add to, in slots, so that many writers of one day do not queue.

use crate::shared::crypto::random;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, Iterable, PrimaryKeyToColumn};
use std::collections::BTreeMap;
use std::fmt::Debug;
use uuid::Uuid;

/// In which slot something new counts.
pub fn slot(db: &impl ConnectionTrait) -> i64 {
    i64::from(random::<1>()[0]) % slots(db)
}

/// An import is one writer: all its rows count in one slot, for every slot is one more to read.
pub fn slot_of(db: &impl ConnectionTrait, writer: Uuid) -> i64 {
    i64::from(writer.as_bytes()[15]) % slots(db)
}

/// On SQLite there is one writer and so one slot.
fn slots(db: &impl ConnectionTrait) -> i64 {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => 16,
        _ => 1,
    }
}

/// A row that is there already grows by the new one.
pub fn added<E: EntityTrait>(columns: &[E::Column]) -> OnConflict {
    let grown = |column: &E::Column| -> SimpleExpr {
        Expr::col((E::default(), *column)).add(Expr::col((Alias::new("excluded"), *column)))
    };
    let key: Vec<_> = E::PrimaryKey::iter().map(|key| key.into_column()).collect();
    OnConflict::columns(key).values(columns.iter().map(|column| (*column, grown(column)))).to_owned()
}

/// A sentence for every tally that is not what was counted.
pub fn compare<K: Ord + Debug, V: Default + PartialEq + Debug>(
    table: &str,
    counted: &BTreeMap<K, V>,
    kept: &BTreeMap<K, V>,
) -> Vec<String> {
    let none = V::default();
    let keys = counted.keys().chain(kept.keys().filter(|key| !counted.contains_key(key)));
    let both = keys.map(|key| (key, counted.get(key).unwrap_or(&none), kept.get(key).unwrap_or(&none)));
    let differ = both.filter(|(_, counted, kept)| counted != kept);
    differ.map(|(key, counted, kept)| format!("{table} {key:?}: {kept:?} is kept, {counted:?} counted")).collect()
}
