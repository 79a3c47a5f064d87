//! Accepting and confirming expectations over HTTP.

use super::super::types::{Confirmation, Expectation, ExpectationId};
use super::super::{rules, store};
use crate::agreements::open::lock_open;
use crate::agreements::store::side_of;
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::AgreementId;
use crate::shared::idempotency::Once;
use crate::shared::permission::agreements::Negotiate;
use crate::shared::reply::Changed;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct MarksApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Expectations")]
impl MarksApi {
    /// Accept an expectation
    ///
    /// As it reads in the version being negotiated, by the side whose turn it is (409
    /// `invalid_state` otherwise). A version is agreed when every clause is accepted by both sides.
    #[oai(
        path = "/agreements/:agreement_id/expectations/:expectation_id/accept",
        method = "post",
        operation_id = "acceptExpectation"
    )]
    async fn accept(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        expectation_id: Path<ExpectationId>,
        once: Once,
        if_match: IfMatch,
    ) -> Result<Changed<Expectation>> {
        let keyed = once.over(&by, &[]);
        let accept = (by.by(), agreement_id.0, expectation_id.0, if_match);
        self.app
            .db
            .once(keyed, accept, |txn, (by, agreement, id, if_match)| {
                Box::pin(async move {
                    let open = lock_open(txn, by, *agreement).await?;
                    let (before, _) = store::in_version(txn, *agreement, open.version.number, *id).await?;
                    if_match.check(before.revision)?;
                    let after = rules::accepted(&before, open.side, by.clock.now());
                    if after != before {
                        store::mark_expectation(txn, by, &after).await?;
                        let entry = Entry::new("expectation.accept", id.0).about(open.agreement.supplier.id);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Confirm that an expectation still holds
    ///
    /// As it reads in the version in force (409 `invalid_state` when none is), by either side. Only
    /// the organisation sets `review_by` (403), to a day to come (422).
    #[oai(
        path = "/agreements/:agreement_id/expectations/:expectation_id/confirm",
        method = "post",
        operation_id = "confirmExpectation"
    )]
    async fn confirm(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        expectation_id: Path<ExpectationId>,
        once: Once,
        if_match: IfMatch,
        confirmation: Body<Confirmation>,
    ) -> Result<Changed<Expectation>> {
        let keyed = once.over(&by, &confirmation.digest);
        let confirm = (by.by(), (agreement_id.0, expectation_id.0), if_match, confirmation.value);
        self.app
            .db
            .once(keyed, confirm, |txn, (by, (agreement, id), if_match, confirmation)| {
                Box::pin(async move {
                    let (supplier, before) = store::lock_in_force(txn, by, *agreement, *id).await?;
                    if_match.check(before.revision)?;
                    let (now, today) = (by.clock.now(), today(txn, &by.clock).await?);
                    let after = rules::confirmed(&before, side_of(by), confirmation, now, today)?;
                    store::mark_expectation(txn, by, &after).await?;
                    let entry = Entry::new("expectation.confirm", id.0).about(supplier);
                    history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}
