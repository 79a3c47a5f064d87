//! What becomes of commitments, over HTTP.

use super::super::entity::Model;
use super::super::types::{
    Commitment, CommitmentCause, CommitmentId, CommitmentReason, CommitmentStatus, Correction, Fulfilment,
};
use super::super::{excuses, rules, store};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::idempotency::Once;
use crate::shared::permission::commitments::Transition;
use crate::shared::reply::{Changed, Created};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct OutcomesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Commitments")]
impl OutcomesApi {
    /// Fulfil a commitment
    ///
    /// open → kept | broken. On a broken one, excused or not, a late fulfilment is recorded once and changes
    /// nothing else; that it was fulfilled in time after all is a correction (422).
    #[oai(path = "/commitments/:commitment_id/fulfil", method = "post", operation_id = "fulfilCommitment")]
    async fn fulfil(
        &self,
        by: May<Transition>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        how: Body<Fulfilment>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &how.digest);
        let fulfil = (by.by(), commitment_id.0, if_match, how.value);
        self.app
            .db
            .once(keyed, fulfil, |txn, (by, id, if_match, how)| {
                Box::pin(async move {
                    let before = store::lock_commitment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let occasion = rules::fulfilled(&before, how, by.clock.now())?;
                    let judged = store::judge_again(txn, by, &before, &occasion).await?;
                    let status = if before.status == CommitmentStatus::Open { judged.status } else { before.status };
                    let (fulfilled_at, value, tightest) = (occasion.fulfilled_at, judged.value, judged.tightest);
                    let after = Model { status, fulfilled_at, value, tightest, ..before.clone() };
                    changed(txn, by, "commitment.fulfil", &before, after, None).await
                })
            })
            .await
    }

    /// Withdraw a commitment
    ///
    /// open → withdrawn: it was taken back, or never came about, and does not count.
    #[oai(path = "/commitments/:commitment_id/withdraw", method = "post", operation_id = "withdrawCommitment")]
    async fn withdraw(
        &self,
        by: May<Transition>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        why: Body<CommitmentReason>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &why.digest);
        let withdraw = (by.by(), commitment_id.0, if_match, why.value);
        self.app
            .db
            .once(keyed, withdraw, |txn, (by, id, if_match, why)| {
                Box::pin(async move {
                    let before = store::lock_commitment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_withdraw(&before)?;
                    let after = Model { status: CommitmentStatus::Withdrawn, ..before.clone() };
                    changed(txn, by, "commitment.withdraw", &before, after, Some(&why.reason)).await
                })
            })
            .await
    }

    /// Say why a commitment was not kept
    ///
    /// Only while it is broken; whether it is excused is another matter.
    #[oai(path = "/commitments/:commitment_id/set-cause", method = "post", operation_id = "setCommitmentCause")]
    async fn set_cause(
        &self,
        by: May<Transition>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        what: Body<CommitmentCause>,
    ) -> Result<Changed<Commitment>> {
        let keyed = once.over(&by, &what.digest);
        let set = (by.by(), commitment_id.0, if_match, what.value);
        self.app
            .db
            .once(keyed, set, |txn, (by, id, if_match, what)| {
                Box::pin(async move {
                    let before = store::lock_commitment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_have_cause(&before)?;
                    let after = Model { cause: Some(what.cause), ..before.clone() };
                    changed(txn, by, "commitment.set-cause", &before, after, None).await
                })
            })
            .await
    }

    /// Correct a commitment
    ///
    /// Facts are not edited: a new commitment takes the place of this one and is judged anew, and the
    /// numbers move. An excuse that was asked for or granted falls away with the old one.
    #[oai(path = "/commitments/:commitment_id/correct", method = "post", operation_id = "correctCommitment")]
    async fn correct(
        &self,
        by: May<Transition>,
        commitment_id: Path<CommitmentId>,
        once: Once,
        if_match: IfMatch,
        what: Body<Correction>,
    ) -> Result<Created<Commitment>> {
        let keyed = once.over(&by, &what.digest);
        let correct = (by.by(), commitment_id.0, if_match, what.value);
        self.app
            .db
            .once(keyed, correct, |txn, (by, id, if_match, what)| {
                Box::pin(async move {
                    let before = store::lock_commitment(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    store::refuse_stranger(txn, before.supplier_id, what.person_id).await?;
                    let after = store::correct(txn, by, &before, what).await?;
                    excuses::void(txn, by, vec![before.id]).await?;
                    let (old, new) = (Commitment::from(&before), Commitment::from(&after));
                    let entry = Entry::new("commitment.correct", after.id.0).about(after.supplier_id);
                    let entry = entry.between(Some(&old), Some(&new)).because(Some(&what.reason));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/commitments/{}", after.id), after.revision, &new)
                })
            })
            .await
    }
}

/// Writes what a commitment became, and who made it so.
pub async fn changed(
    txn: &Txn,
    by: &By,
    action: &'static str,
    before: &Model,
    after: Model,
    reason: Option<&str>,
) -> Result<Changed<Commitment>> {
    let after = store::update_commitment(txn, by, before, after).await?;
    let (old, new) = (Commitment::from(before), Commitment::from(&after));
    let entry = Entry::new(action, after.id.0).about(after.supplier_id).between(Some(&old), Some(&new));
    history::record(txn, by, entry.because(reason)).await?;
    Changed::new(after.revision, &new)
}
