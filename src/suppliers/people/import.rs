//! People from files. Every row names the supplier the person works for.

use super::store;
use super::types::{NewPersonRow, PersonChange, PersonId};
use crate::shared::db::{Txn, Writing};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::import::{Batch, ImportMode, Importer, Outcome, Row, failed};
use crate::shared::permission::people::Write;
use crate::suppliers::{known_suppliers, suppliers_by_external_id};
use std::collections::{HashMap, HashSet};

pub const IMPORTER: Importer = Importer::of::<NewPersonRow, Write>("people", write);

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
    let there = store::people_by_external_id(txn, external_ids).await?;
    let (mut outcomes, mut made) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, new) in batch.rows.iter().zip(rows) {
        let there = row.external_id().and_then(|id| there.get(id).copied());
        let outcome =
            match (suppliers.of(&new), there, batch.mode) {
                (Err(error), ..) => Outcome::Failed(error),
                (Ok(_), Some((person, _)), ImportMode::Create) => Outcome::Failed(store::taken(Some(person))),
                (Ok(supplier), Some((_, other)), ImportMode::Upsert) if supplier != other => Outcome::Failed(
                    Error::rule(Code::RuleViolated, "/external_id", "This person works for another supplier."),
                ),
                (Ok(supplier), Some((person, _)), ImportMode::Upsert) => {
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

/// The suppliers the rows name, as far as the caller sees them.
struct Suppliers {
    by_external_id: HashMap<String, SupplierId>,
    ids: HashSet<SupplierId>,
}

impl Suppliers {
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
