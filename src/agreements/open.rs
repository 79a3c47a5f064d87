//! The version that is being written or negotiated, and whose move it is.

use super::entity::{self, version};
use super::rules::{self, Verb};
use super::store::{Locked, amend, get_agreement, lock_agreement, save_for, side_of, version_row};
use super::types::{AgreementStatus, Offer, Side, VersionStatus};
use crate::shared::auth::By;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

/// An open version, locked with its agreement, on the caller's turn.
pub struct Open {
    pub agreement: Locked,
    pub version: version::Model,
    /// The side whose turn it is.
    pub side: Side,
}

/// Locks the agreement and its open version for the side whose turn it is. An agreement that the
/// caller does not see is 404; without an open version, or on the other side's turn, it is 409
/// `invalid_state`; users of a suspended supplier may only read (403).
pub async fn lock_open(txn: &Txn, by: &By, agreement: AgreementId) -> Result<Open> {
    lock_open_for(txn, by, agreement, side_of(by)).await
}

/// The same on the turn of a side that the caller acts for.
pub(super) async fn lock_open_for(txn: &Txn, by: &By, agreement: AgreementId, side: Side) -> Result<Open> {
    let agreement = lock_agreement(txn, by, agreement).await?;
    let refused = |detail: &str| Err(rules::invalid_state(detail, agreement.seen.status));
    let Some(number) = agreement.seen.open_version else {
        return refused("No version is open: `amend` opens the next one.");
    };
    let version = version_row(txn, agreement.row.id, number).await?;
    if version.status != VersionStatus::Open {
        return refused("Both sides have agreed on this version: it is frozen.");
    }
    match version.turn == side {
        true => Ok(Open { agreement, version, side }),
        false if side == side_of(by) => refused("It is the other side's turn."),
        false => refused("It is our turn: what the supplier has accepted is not what it says now."),
    }
}

/// The same; an agreement in force of which no version is open is amended first.
pub async fn open_to_write(txn: &Txn, by: &By, id: AgreementId) -> Result<Open> {
    let before = get_agreement(txn, by, id).await?;
    let is_in_force = [AgreementStatus::Active, AgreementStatus::Expiring].contains(&before.status);
    if before.open_version.is_none() && is_in_force {
        amend(txn, by, id, &IfMatch::ignored(), &Offer { note: None }).await?;
        let after = get_agreement(txn, by, id).await?;
        let entry = Entry::new(Verb::Amend.action(), id.0).about(after.supplier_id);
        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
    }
    lock_open(txn, by, id).await
}

impl Open {
    /// The number of the version.
    pub fn number(&self) -> i64 {
        self.version.number
    }

    /// Notes that the caller's side added, changed or removed a clause: the version and its agreement
    /// get their next revision, and the other side has to accept the choice of clauses again. It notices
    /// nothing before it is handed over. Call it once per change, in its transaction.
    pub async fn clauses_changed(&self, txn: &Txn, by: &By) -> Result<()> {
        self.touch(txn, by, Default::default()).await
    }

    /// The same, with a change of the agreement itself.
    pub(super) async fn touch(&self, txn: &Txn, by: &By, change: entity::ActiveModel) -> Result<()> {
        let now = by.clock.now();
        let row = version::ActiveModel {
            agreement_id: Set(self.agreement.row.id),
            number: Set(self.version.number),
            accepted_by_us_at: Set((self.side == Side::Us).then_some(now)),
            accepted_by_supplier_at: Set((self.side == Side::Supplier).then_some(now)),
            revision: Set(self.version.revision + 1),
            updated_at: Set(now),
            ..Default::default()
        };
        version::Entity::update(row).exec_without_returning(txn).await?;
        save_for(txn, by, self.side, &self.agreement.row, change).await
    }
}
