//! Commitments over HTTP.

mod outcome;

pub use outcome::{OutcomesApi, changed};

use super::rules::{self, Occasion};
use super::store::{self, Terms};
use super::types::{AtRiskQuery, CandidateQuery, Commitment, CommitmentId, CommitmentQuery, NewCommitment};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::Body;
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfNoneMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::commitments::{Create, Read};
use crate::shared::reply::{Created, Found, Listed};
use crate::shared::tag::Tag;
use crate::shared::tally::slot;
use crate::suppliers::{SupplierStatus, get_supplier};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct CommitmentsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Commitments")]
impl CommitmentsApi {
    /// List commitments
    ///
    /// Those that were corrected are left out unless `superseded=true`.
    #[oai(path = "/commitments", method = "get", operation_id = "listCommitments")]
    async fn list_commitments(
        &self,
        by: May<Read>,
        query: Params<CommitmentQuery>,
    ) -> Result<Listed<Page<Commitment>>> {
        Listed::new(&store::list_commitments(self.app.db.read(), &by, &query).await?)
    }

    /// List open commitments that may break soon
    ///
    /// By the time that is left; those whose time is over and that nobody has noticed yet come first.
    #[oai(path = "/commitments/at-risk", method = "get", operation_id = "listCommitmentsAtRisk")]
    async fn list_at_risk(&self, by: May<Read>, query: Params<AtRiskQuery>) -> Result<Listed<Page<Commitment>>> {
        Listed::new(&store::list_at_risk(self.app.db.read(), &by, &query).await?)
    }

    /// List broken commitments that we may have caused
    ///
    /// Broken ones whose clause depends on a clause of ours, when our commitment on that for the same `job_ref`
    /// was broken before: `suggested_by_id` names it. Those that are excused, or asked to be, are left out.
    #[oai(path = "/commitments/excuse-candidates", method = "get", operation_id = "listExcuseCandidates")]
    async fn list_candidates(&self, by: May<Read>, query: Params<CandidateQuery>) -> Result<Listed<Page<Commitment>>> {
        Listed::new(&store::list_candidates(self.app.db.read(), &by, &query).await?)
    }

    /// Record a commitment
    ///
    /// It is judged by the version of the promise that was in force when it was made; one from before the
    /// first version is refused (422). Fulfilled or overdue ones are kept or broken at once, others open.
    /// A retired promise and a suspended supplier get no new ones (409).
    #[oai(path = "/commitments", method = "post", operation_id = "createCommitment")]
    async fn create_commitment(
        &self,
        by: May<Create>,
        once: Once,
        new: Body<NewCommitment>,
    ) -> Result<Created<Commitment>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, new)| {
                Box::pin(async move {
                    let terms = promised(txn, by, new).await?;
                    refuse_suspended(txn, by, terms.promise.supplier_id).await?;
                    store::refuse_stranger(txn, terms.promise.supplier_id, new.person_id).await?;
                    store::refuse_known(txn, by, new.external_id.as_ref()).await?;
                    let occasion = Occasion::of(new, by.clock.now());
                    let judgement = store::judge(txn, by, &terms, &occasion).await?;
                    let row = store::row(&by.clock, slot(txn), &terms, new, &occasion, judgement);
                    store::insert_commitment(txn, &row).await?;
                    let made = Commitment::from(&row);
                    let entry = Entry::new("commitment.create", row.id.0).about(row.supplier_id);
                    history::record(txn, by, entry.between(None, Some(&made))).await?;
                    Created::new(format!("/v1/commitments/{}", row.id), row.revision, &made)
                })
            })
            .await
    }

    /// Get a commitment
    #[oai(path = "/commitments/:commitment_id", method = "get", operation_id = "getCommitment")]
    async fn get_commitment(
        &self,
        by: May<Read>,
        commitment_id: Path<CommitmentId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Commitment>> {
        let row = store::get_commitment(self.app.db.fresh(), &by, commitment_id.0).await?;
        let shown = store::suggest(self.app.db.fresh(), &row).await?;
        Found::new(&if_none_match, shown.revision, &shown)
    }
}

/// The promise that the new commitment names.
async fn promised(txn: &Txn, by: &By, new: &NewCommitment) -> Result<Terms> {
    let (pointer, ids, keys) = match (new.promise_id, &new.promise_external_id) {
        (Some(id), None) => ("/promise_id", vec![id], Vec::new()),
        (None, Some(key)) => ("/promise_external_id", Vec::new(), vec![key.to_string()]),
        _ => {
            let detail = "Name the promise by `promise_id` or by `promise_external_id`.";
            return Err(Error::rule(Code::RuleViolated, "/promise_id", detail));
        }
    };
    let found = store::find_terms(txn, by, ids, keys).await?.pop();
    let terms = found.ok_or_else(|| Error::rule(Code::InvalidReference, pointer, "There is no such promise."))?;
    rules::may_be_made(terms.promise.status)?;
    Ok(terms)
}

/// A suspended supplier gets nothing new.
pub async fn refuse_suspended(txn: &Txn, by: &By, supplier: SupplierId) -> Result<()> {
    match get_supplier(txn, by.scope, supplier).await?.status {
        SupplierStatus::Suspended => {
            let refusal = Error::new(Code::InvalidState, "The supplier is suspended: it gets no new commitments.");
            Err(refusal.with("current_status", "suspended").with("allowed", Vec::<&str>::new()))
        }
        _ => Ok(()),
    }
}
