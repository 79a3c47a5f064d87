//! Deciding about credentials over HTTP.

use super::super::rules::{self, Decision};
use super::super::store;
use super::super::types::{Credential, CredentialId, CredentialReason};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::permission::credentials::Verify;
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct DecisionsApi {
    pub app: App,
}

type Decided = Result<Changed<Credential>>;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Credentials")]
impl DecisionsApi {
    /// Verify a credential
    ///
    /// submitted → verified, by somebody who is not the supplier.
    #[oai(
        path = "/suppliers/:supplier_id/credentials/:credential_id/verify",
        method = "post",
        operation_id = "verifyCredential"
    )]
    async fn verify(
        &self,
        by: May<Verify>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
        once: Once,
        if_match: IfMatch,
    ) -> Decided {
        self.decide(by, (supplier_id.0, credential_id.0), once, if_match, Decision::Verify, None).await
    }

    /// Reject a credential
    ///
    /// submitted → rejected, with a reason that the supplier reads.
    #[oai(
        path = "/suppliers/:supplier_id/credentials/:credential_id/reject",
        method = "post",
        operation_id = "rejectCredential"
    )]
    async fn reject(
        &self,
        by: May<Verify>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
        once: Once,
        if_match: IfMatch,
        why: Body<CredentialReason>,
    ) -> Decided {
        self.decide(by, (supplier_id.0, credential_id.0), once, if_match, Decision::Reject, Some(why)).await
    }

    /// Revoke a credential
    ///
    /// verified → revoked, with a reason that the supplier reads.
    #[oai(
        path = "/suppliers/:supplier_id/credentials/:credential_id/revoke",
        method = "post",
        operation_id = "revokeCredential"
    )]
    async fn revoke(
        &self,
        by: May<Verify>,
        supplier_id: Path<SupplierId>,
        credential_id: Path<CredentialId>,
        once: Once,
        if_match: IfMatch,
        why: Body<CredentialReason>,
    ) -> Decided {
        self.decide(by, (supplier_id.0, credential_id.0), once, if_match, Decision::Revoke, Some(why)).await
    }
}

impl DecisionsApi {
    async fn decide(
        &self,
        by: May<Verify>,
        at: (SupplierId, CredentialId),
        once: Once,
        if_match: IfMatch,
        decision: Decision,
        why: Option<Body<CredentialReason>>,
    ) -> Decided {
        let (digest, reason) = why.map(|why| (why.digest, why.value.reason)).unzip();
        let keyed = once.over(&by, &digest.unwrap_or_default());
        let decide = (by.by(), at, if_match, decision, reason);
        self.app
            .db
            .once(keyed, decide, |txn, (by, (supplier, id), if_match, decision, reason)| {
                Box::pin(async move {
                    let before = store::lock_credential(txn, by, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_decide(&by.caller, &before)?;
                    let status = decision.apply(before.status)?;
                    let after = store::update_status(txn, by, &before, status, reason.clone()).await?;
                    let entry =
                        Entry::new(decision.action(), id.0).about(*supplier).between(Some(&before), Some(&after));
                    history::record(txn, by, entry.because(reason.as_deref())).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
