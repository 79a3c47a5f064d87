//! Suppliers from files.

use super::store::{self, Known};
use super::types::{NewSupplier, SupplierChange};
use crate::shared::db::{Txn, Writing};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SupplierId;
use crate::shared::import::{Batch, ImportMode, Importer, Outcome, Row, failed};
use crate::shared::permission::suppliers::Create;

pub const IMPORTER: Importer = Importer::of::<NewSupplier, Create>("suppliers", write);

fn write<'a>(txn: &'a Txn, batch: &'a Batch) -> Writing<'a, Vec<Outcome>> {
    Box::pin(import(txn, batch))
}

async fn import(txn: &Txn, batch: &Batch) -> Result<Vec<Outcome>> {
    let rows = batch.rows.iter().map(|row| row.read::<NewSupplier>()).collect::<Result<Vec<_>>>()?;
    let mut known = Known::of(txn, batch.by.scope, &rows.iter().collect::<Vec<_>>()).await?;
    let (mut outcomes, mut made) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, new) in batch.rows.iter().zip(rows) {
        let there = row.external_id().and_then(|id| known.external_ids.get(id).copied());
        let outcome = match (known.check(&new, there), there, batch.mode) {
            (_, Some(other), ImportMode::Create) => Outcome::Failed(store::taken("The external id", other)),
            (Err(error), ..) => Outcome::Failed(error),
            (Ok(()), Some(id), ImportMode::Upsert) => {
                known.add(id, &new.legal_ids);
                failed(update(txn, batch, id, row, &new).await)?
            }
            (Ok(()), None, _) => {
                let id = SupplierId::new(&batch.by.clock);
                known.add(id, &new.legal_ids);
                made.push((id, new));
                Outcome::Created(id.0)
            }
        };
        outcomes.push(outcome);
    }
    store::insert_all(txn, &batch.by, Some(batch.import_id), &made).await?;
    Ok(outcomes)
}

/// Changes one supplier, as every change of one is made.
async fn update(txn: &Txn, batch: &Batch, id: SupplierId, row: &Row, new: &NewSupplier) -> Result<Outcome> {
    let before = store::lock_supplier(txn, batch.by.scope, id).await?;
    if before.kind != new.kind {
        return Err(Error::rule(Code::RuleViolated, "/kind", "What a supplier is does not change."));
    }
    let after = store::update_supplier(txn, &batch.by, &before, &row.read::<SupplierChange>()?).await?;
    Ok(match after.revision == before.revision {
        true => Outcome::Unchanged(id.0),
        false => Outcome::Updated(id.0),
    })
}
