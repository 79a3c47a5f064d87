//! Expectations over HTTP.

mod marks;

pub use marks::MarksApi;

use super::types::{
    Expectation, ExpectationChange, ExpectationId, ExpectationQuery, ExpectationVersionQuery, NewExpectation,
    StaleExpectation, StaleQuery,
};
use super::{rules, store};
use crate::agreements::open::lock_open;
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
use crate::shared::permission::agreements::{Negotiate, Read};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ExpectationsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Expectations")]
impl ExpectationsApi {
    /// List the expectations of an agreement
    ///
    /// Of one version, in the order of their numbers. A version that the other side writes is read as it was
    /// last handed over, and not at all before.
    #[oai(path = "/agreements/:agreement_id/expectations", method = "get", operation_id = "listExpectations")]
    async fn list_expectations(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        query: Params<ExpectationQuery>,
    ) -> Result<Listed<Page<Expectation>>> {
        Listed::new(&store::list_expectations(&self.app.db.snapshot().await?, &by, agreement_id.0, &query).await?)
    }

    /// Write an expectation
    ///
    /// In the version being negotiated, by the side whose turn it is (409 `invalid_state` otherwise);
    /// whoever writes it accepts it. 422: the numbers do not fit the metric; a dependency is not a
    /// clause of this version that the other side owes; the version has 200 clauses.
    #[oai(path = "/agreements/:agreement_id/expectations", method = "post", operation_id = "createExpectation")]
    async fn create_expectation(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        once: Once,
        new: Body<NewExpectation>,
    ) -> Result<Created<Expectation>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), agreement_id.0, new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, agreement, new)| {
                Box::pin(async move {
                    let open = lock_open(txn, by, *agreement).await?;
                    let clause = store::insert_expectation(txn, by, &open, new).await?;
                    let address = format!("/v1/agreements/{agreement}/expectations/{}", clause.id);
                    Created::new(address, clause.revision, &clause)
                })
            })
            .await
    }

    /// Get an expectation
    ///
    /// As it reads in one version. Always in full: without `version`, the same address shows another
    /// version as soon as there is one.
    #[oai(
        path = "/agreements/:agreement_id/expectations/:expectation_id",
        method = "get",
        operation_id = "getExpectation"
    )]
    async fn get_expectation(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        expectation_id: Path<ExpectationId>,
        query: Params<ExpectationVersionQuery>,
    ) -> Result<Found<Expectation>> {
        let (id, version) = (expectation_id.0, query.version);
        let clause = store::get_expectation(&self.app.db.snapshot().await?, &by, agreement_id.0, id, version).await?;
        Found::new(&IfNoneMatch::ignored(), clause.revision, &clause)
    }

    /// Change an expectation
    ///
    /// In the version being negotiated, by the side whose turn it is (409 `invalid_state` otherwise).
    /// A clause that reads differently is accepted by the side that changed it, and no longer by the
    /// other. 422 as for a new one.
    #[oai(
        path = "/agreements/:agreement_id/expectations/:expectation_id",
        method = "patch",
        operation_id = "updateExpectation"
    )]
    async fn update_expectation(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        expectation_id: Path<ExpectationId>,
        if_match: IfMatch,
        change: Patch<ExpectationChange>,
    ) -> Result<Changed<Expectation>> {
        let update = (by.by(), agreement_id.0, expectation_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, agreement, id, if_match, change)| {
                Box::pin(async move {
                    let open = lock_open(txn, by, *agreement).await?;
                    let (before, all) = store::in_version(txn, *agreement, open.version.number, *id).await?;
                    if_match.check(before.revision)?;
                    let after = rules::changed(&before, change, open.side, by.clock.now());
                    if after != before {
                        rules::check_change(all, &after)?;
                        store::update_expectation(txn, &after).await?;
                        open.clauses_changed(txn, by).await?;
                        let entry = Entry::new("expectation.update", id.0).about(open.agreement.supplier.id);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Remove an expectation
    ///
    /// From the version being negotiated, by the side whose turn it is (409 `invalid_state`
    /// otherwise). Not while another clause depends on it (409 `in_use`).
    #[oai(
        path = "/agreements/:agreement_id/expectations/:expectation_id",
        method = "delete",
        operation_id = "deleteExpectation"
    )]
    async fn delete_expectation(
        &self,
        by: May<Negotiate>,
        agreement_id: Path<AgreementId>,
        expectation_id: Path<ExpectationId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), agreement_id.0, expectation_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, agreement, id, if_match)| {
                Box::pin(async move {
                    let open = lock_open(txn, by, *agreement).await?;
                    let (before, all) = store::in_version(txn, *agreement, open.version.number, *id).await?;
                    if_match.check(before.revision)?;
                    rules::may_remove(&all, *id)?;
                    store::delete_expectation(txn, *id, before.version).await?;
                    open.clauses_changed(txn, by).await?;
                    let entry = Entry::new("expectation.delete", id.0).about(open.agreement.supplier.id);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }

    /// List expectations to be looked at again
    ///
    /// Clauses in force whose `review_by` has passed, or which one of the sides has neither
    /// agreed to nor confirmed for `older_than`. Agreeing on a version confirms all its clauses.
    #[oai(path = "/expectations/stale", method = "get", operation_id = "listStaleExpectations")]
    async fn list_stale(&self, by: May<Read>, query: Params<StaleQuery>) -> Result<Listed<Page<StaleExpectation>>> {
        Listed::new(&store::list_stale(self.app.db.read(), &by, &query).await?)
    }
}
