//! Agreements over HTTP.

mod conclusion;
mod diff;
mod steps;
mod versions;

pub use conclusion::ConclusionApi;
pub use diff::DiffApi;
pub use steps::StepsApi;
pub use versions::VersionsApi;

use super::rules::Verb;
use super::store;
use super::types::{Agreement, AgreementChange, AgreementQuery, NewAgreement};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::agreements::{Create, Delete, Read, Update};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct AgreementsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl AgreementsApi {
    /// List agreements
    ///
    /// Suppliers find their own, from when they were proposed; reviewers those they own or review.
    #[oai(path = "/agreements", method = "get", operation_id = "listAgreements")]
    async fn list_agreements(&self, by: May<Read>, query: Params<AgreementQuery>) -> Result<Listed<Page<Agreement>>> {
        Listed::new(&store::list_agreements(self.app.db.read(), &by, &query).await?)
    }

    /// Create an agreement
    ///
    /// A draft with an open version 1, which the supplier does not see before it is proposed. The
    /// supplier is a candidate, qualified or active (422 otherwise). Refused with 422 as well: an
    /// end before the start, a notice that is not whole days, automatic renewal without an end or
    /// without its months, a cadence that names no day.
    #[oai(path = "/agreements", method = "post", operation_id = "createAgreement")]
    async fn create_agreement(
        &self,
        by: May<Create>,
        once: Once,
        new: Body<NewAgreement>,
    ) -> Result<Created<Agreement>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, new)| {
                Box::pin(async move {
                    let id = store::create_agreement(txn, by, new).await?;
                    let made = store::get_agreement(txn, by, id).await?;
                    let entry = Entry::new("agreement.create", id.0).about(made.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&made))).await?;
                    Created::new(format!("/v1/agreements/{id}"), made.revision, &made)
                })
            })
            .await
    }

    /// Get an agreement
    #[oai(path = "/agreements/:agreement_id", method = "get", operation_id = "getAgreement")]
    async fn get_agreement(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Agreement>> {
        let agreement = store::get_agreement(self.app.db.fresh(), &by, agreement_id.0).await?;
        Found::new(&if_none_match, agreement.revision, &agreement)
    }

    /// Change an agreement
    ///
    /// Owner, reviewers and external id: what is not negotiated. Terms are changed in the open
    /// version (`PATCH /v1/agreements/{agreement_id}/versions/{version}`).
    #[oai(path = "/agreements/:agreement_id", method = "patch", operation_id = "updateAgreement")]
    async fn update_agreement(
        &self,
        by: May<Update>,
        agreement_id: Path<AgreementId>,
        if_match: IfMatch,
        change: Patch<AgreementChange>,
    ) -> Result<Changed<Agreement>> {
        let update = (by.by(), agreement_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let agreement = store::lock_agreement(txn, by, *id).await?;
                    if_match.check(agreement.seen.revision)?;
                    let before = store::get_agreement(txn, by, *id).await?;
                    let is_changed = store::update_agreement(txn, by, &agreement.row, change).await?;
                    let after = store::get_agreement(txn, by, *id).await?;
                    if is_changed {
                        let entry = Entry::new("agreement.update", id.0).about(agreement.supplier.id);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Delete an agreement
    ///
    /// Only a draft that was never proposed (409 `invalid_state` otherwise). Its history stays.
    #[oai(path = "/agreements/:agreement_id", method = "delete", operation_id = "deleteAgreement")]
    async fn delete_agreement(
        &self,
        by: May<Delete>,
        agreement_id: Path<AgreementId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), agreement_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, id, if_match)| {
                Box::pin(async move {
                    let agreement = store::lock_agreement(txn, by, *id).await?;
                    agreement.check(if_match, Verb::Delete)?;
                    let before = store::get_agreement(txn, by, *id).await?;
                    store::delete_agreement(txn, *id).await?;
                    let entry = Entry::new(Verb::Delete.action(), id.0).about(agreement.supplier.id);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
