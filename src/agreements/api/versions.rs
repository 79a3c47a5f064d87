//! The versions of agreements over HTTP.

use super::super::open::lock_open;
use super::super::store;
use super::super::types::{AgreementVersion, VersionChange, VersionSummary};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Patch;
use crate::shared::error::{Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use crate::shared::page::Page;
use crate::shared::permission::agreements::{Negotiate, Read};
use crate::shared::reply::{Changed, Found, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct VersionsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl VersionsApi {
    /// List versions of an agreement
    ///
    /// All in one page, oldest first: those that were ever offered, and the one that your side writes. What
    /// the other side writes is read as it was last handed over.
    #[oai(path = "/agreements/:agreement_id/versions", method = "get", operation_id = "listAgreementVersions")]
    async fn list_agreement_versions(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
    ) -> Result<Listed<Page<VersionSummary>>> {
        Listed::new(&Page::whole(store::list_versions(&self.app.db.snapshot().await?, &by, agreement_id.0).await?))
    }

    /// Get a version of an agreement
    ///
    /// While the other side writes it: as your side handed it over. 404 for one that you were not offered
    /// yet.
    #[oai(path = "/agreements/:agreement_id/versions/:version", method = "get", operation_id = "getAgreementVersion")]
    async fn get_agreement_version(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        version: Path<i64>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<AgreementVersion>> {
        let found = store::get_version(&self.app.db.snapshot().await?, &by, agreement_id.0, version.0).await?;
        Found::new(&if_none_match, found.summary.revision, &found)
    }

    /// Change the terms of the open version
    ///
    /// A JSON Merge Patch by the side whose turn it is (409 `invalid_state` otherwise); the other
    /// side has to accept what it says then. Only the open version is changed: of others, and of
    /// versions that do not exist, it is 404. The rules of terms are those of `createAgreement`.
    #[oai(
        path = "/agreements/:agreement_id/versions/:version",
        method = "patch",
        operation_id = "updateAgreementVersion"
    )]
    async fn update_agreement_version(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        version: Path<i64>,
        if_match: IfMatch,
        change: Patch<VersionChange>,
    ) -> Result<Changed<AgreementVersion>> {
        let update = (by.by(), agreement_id.0, version.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, number, if_match, change)| {
                Box::pin(async move {
                    let before = store::get_version(txn, by, *id, *number).await?;
                    let open = lock_open(txn, by, *id).await?;
                    if open.version.number != *number {
                        return Err(Error::not_found());
                    }
                    if_match.check(open.version.revision)?;
                    let after = if store::update_terms(txn, by, &open, change).await? {
                        let after = store::get_version(txn, by, *id, *number).await?;
                        let entry = Entry::new("agreement.update-terms", id.0).about(open.agreement.supplier.id);
                        history::record(txn, by, entry.between(Some(&before.terms), Some(&after.terms))).await?;
                        after
                    } else {
                        before
                    };
                    Changed::new(after.summary.revision, &after)
                })
            })
            .await
    }
}
