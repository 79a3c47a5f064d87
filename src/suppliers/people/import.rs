//! People from files. Every row names the supplier the person works for; only among that supplier's people the
//! `external_id` of a person is its own.

use super::store;
use super::types::{NewPersonRow, PersonChange, PersonId};
use crate::shared::db::{Txn, Writing};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::import::{Batch, ImportMode, Importer, Outcome, Row, failed};
use crate::shared::permission::people::Write;
use crate::suppliers::{known_suppliers, suppliers_by_external_id};
use std::collections::{HashMap, HashSet};

pub const IMPORTER: Importer = Importer::of::<NewPersonRow, Write>("people", write).with_key(&[
    "external_id",
    "supplier_id",
    "supplier_external_id",
]);

fn write<'a>(txn: &'a Txn, batch: &'a Batch) -> Writing<'a, Vec<Outcome>> {
    Box::pin(import(txn, batch))
}

async fn import(txn: &Txn, batch: &Batch) -> Result<Vec<Outcome>> {
    let rows = batch.rows.iter().map(|row| row.read::<NewPersonRow>()).collect::<Result<Vec<_>>>()?;
    let named = rows.iter().filter_map(|row| row.supplier_external_id.clone()).collect();
    let suppliers = Suppliers {
        by_external_id: suppliers_by_external_id(txn, batch.by.scope, named).await?,
        ids: known_suppliers(txn, batch.by.scope, rows.iter().filter_map(|row| row.supplier_id).collect()).await?,
    };
    let external_ids = rows.iter().filter_map(|row| row.person.external_id.clone()).collect();
    let there = store::people_by_external_id(txn, suppliers.all(), external_ids).await?;
    let (mut outcomes, mut made, mut given) = (Vec::with_capacity(rows.len()), Vec::new(), HashSet::new());
    for (row, new) in batch.rows.iter().zip(rows) {
        let supplier = suppliers.of(&new);
        let key = supplier.as_ref().ok().zip(row.external_id()).map(|(supplier, name)| (*supplier, name.to_owned()));
        let person = key.as_ref().and_then(|key| there.get(key).copied());
        let outcome = match (supplier, person, batch.mode) {
            (Err(error), ..) => Outcome::Failed(error),
            // The file may name the supplier here by its id, there by its external id.
            _ if key.is_some_and(|key| !given.insert(key)) => Outcome::Failed(twice()),
            (Ok(_), Some(person), ImportMode::Create) => Outcome::Failed(store::taken(person)),
            (Ok(supplier), Some(person), ImportMode::Upsert) => {
                failed(update(txn, batch, supplier, person, row).await)?
            }
            (Ok(supplier), None, _) => {
                let id = PersonId::new(&batch.by.clock);
                made.push((id, supplier, new.person));
                Outcome::Created(id.0)
            }
        };
        outcomes.push(outcome);
    }
    store::insert_people(txn, &batch.by, Some(batch.import_id), made).await?;
    Ok(outcomes)
}

fn twice() -> Error {
    Error::rule(Code::AlreadyExists, "/external_id", "The same person stands in an earlier row.")
}

/// The suppliers the rows name, as far as the caller sees them.
struct Suppliers {
    by_external_id: HashMap<String, SupplierId>,
    ids: HashSet<SupplierId>,
}

impl Suppliers {
    fn all(&self) -> Vec<SupplierId> {
        self.by_external_id.values().chain(&self.ids).copied().collect()
    }

    fn of(&self, row: &NewPersonRow) -> Result<SupplierId> {
        let unknown = |pointer| Error::rule(Code::InvalidReference, pointer, "There is no such supplier.");
        match (row.supplier_id, &row.supplier_external_id) {
            (Some(id), None) => self.ids.get(&id).copied().ok_or_else(|| unknown("/supplier_id")),
            (None, Some(name)) => {
                self.by_external_id.get(&**name).copied().ok_or_else(|| unknown("/supplier_external_id"))
            }
            _ => {
                let detail = "Give one of supplier_id and supplier_external_id.";
                Err(Error::rule(Code::RuleViolated, "/supplier_id", detail))
            }
        }
    }
}

/// Changes one person, as every change of one is made.
async fn update(txn: &Txn, batch: &Batch, supplier: SupplierId, id: PersonId, row: &Row) -> Result<Outcome> {
    let before = store::lock_person(txn, batch.by.scope, supplier, id).await?;
    let after = store::update_person(txn, &batch.by, &before, &row.read::<PersonChange>()?).await?;
    Ok(match after.revision == before.revision {
        true => Outcome::Unchanged(id.0),
        false => Outcome::Updated(id.0),
    })
}
