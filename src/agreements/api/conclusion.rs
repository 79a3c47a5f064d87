//! Signatures and successors over HTTP.

use super::super::rules::Verb;
use super::super::store;
use super::super::types::{Agreement, AgreementVersion, NewSignature, Successor};
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use crate::shared::idempotency::Once;
use crate::shared::permission::agreements::{Sign, Transition};
use crate::shared::reply::{Changed, Created};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ConclusionApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl ConclusionApi {
    /// Sign the agreed version of an agreement
    ///
    /// In your own name, for your own side: staff for us, the supplier's administrator for the
    /// supplier. Staff may instead record a signature on paper, for either side, which stays marked as
    /// such. Each side signs once (409 `already_exists`); API keys do not sign. The signature
    /// holds the content hash of the version. Send the hash of what you read as `content_hash`, and
    /// nothing else is signed (422).
    #[oai(path = "/agreements/:agreement_id/sign", method = "post", operation_id = "signAgreement")]
    async fn sign(
        &self,
        by: May<Sign>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        new: Body<NewSignature>,
    ) -> Result<Changed<AgreementVersion>> {
        let keyed = once.over(&by, &new.digest);
        let sign = (by.by(), agreement_id.0, if_match, new.value);
        self.app
            .db
            .once(keyed, sign, |txn, (by, id, if_match, new)| {
                Box::pin(async move {
                    let (signed, number) =
                        store::sign(txn, by, *id, if_match, new, today(txn, &by.clock).await?).await?;
                    let supplier = store::get_agreement(txn, by, *id).await?.supplier_id;
                    let entry = Entry::new(Verb::Sign.action(), id.0).about(supplier);
                    history::record(txn, by, entry.between(None, Some(&signed))).await?;
                    let version = store::get_version(txn, by, *id, number).await?;
                    Changed::new(version.summary.revision, &version)
                })
            })
            .await
    }

    /// Continue an agreement with another one
    ///
    /// Of an active or expiring agreement with an end: makes a draft with the same terms and
    /// clauses that starts on the day after. This one becomes `renewed` at its end when the new one is
    /// active by then, otherwise `expired`. It is continued once (409 `already_exists`).
    #[oai(path = "/agreements/:agreement_id/renew", method = "post", operation_id = "renewAgreement")]
    async fn renew(
        &self,
        by: May<Transition>,
        agreement_id: Path<AgreementId>,
        once: Once,
        if_match: IfMatch,
        successor: Body<Successor>,
    ) -> Result<Created<Agreement>> {
        let keyed = once.over(&by, &successor.digest);
        let renew = (by.by(), agreement_id.0, if_match, successor.value);
        self.app
            .db
            .once(keyed, renew, |txn, (by, id, if_match, successor)| {
                Box::pin(async move {
                    let made = store::renew(txn, by, *id, if_match, successor).await?;
                    let made = store::get_agreement(txn, by, made).await?;
                    let entry = Entry::new(Verb::Renew.action(), made.id.0).about(made.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&made))).await?;
                    Created::new(format!("/v1/agreements/{}", made.id), made.revision, &made)
                })
            })
            .await
    }
}
