//! Reviews over HTTP.

mod evidence;
mod findings;
mod steps;

pub use evidence::EvidenceApi;
pub use findings::FindingsApi;
pub use steps::StepsApi;

use super::store;
use super::types::{NewReview, Review, ReviewChange, ReviewQuery};
use crate::agreements::find_agreements;
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::body::{Body, Patch};
use crate::shared::db::Txn;
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::id::ReviewId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::reviews::{Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed};
use crate::shared::tag::Tag;
use crate::suppliers::lock_for_change;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ReviewsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Reviews")]
impl ReviewsApi {
    /// List reviews
    ///
    /// Newest first. Suppliers see theirs, reviewers those of their agreements. Before `ready` there is nothing to read
    /// but the day, the period and who takes part.
    #[oai(path = "/reviews", method = "get", operation_id = "listReviews")]
    async fn list_reviews(&self, by: May<Read>, query: Params<ReviewQuery>) -> Result<Listed<Page<Review>>> {
        Listed::new(&store::list_reviews(self.app.db.read(), &by, &query).await?)
    }

    /// Call an extra review
    ///
    /// Besides those that the cadence of the agreement calls by itself. The agreement is in force (422); one that the
    /// caller does not see is 422 `invalid_reference`, as are attendees that are neither staff nor of the supplier. It
    /// is due from owner and reviewers of the agreement.
    #[oai(path = "/reviews", method = "post", operation_id = "createReview")]
    async fn create_review(&self, by: May<Write>, once: Once, new: Body<NewReview>) -> Result<Created<Review>> {
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let made = call(txn, by, new).await?;
                    Created::new(format!("/v1/reviews/{}", made.id), made.revision, &made)
                })
            })
            .await
    }

    /// Get a review
    #[oai(path = "/reviews/:review_id", method = "get", operation_id = "getReview")]
    async fn get_review(
        &self,
        by: May<Read>,
        review_id: Path<ReviewId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Review>> {
        let review = store::get_review(&self.app.db.snapshot().await?, &by, review_id.0).await?;
        Found::new(&if_none_match, review.revision, &review)
    }

    /// Move a review, or invite others
    ///
    /// While it is scheduled or ready (409 `invalid_state`). Not into the past, and not before its period ends (422).
    #[oai(path = "/reviews/:review_id", method = "patch", operation_id = "updateReview")]
    async fn update_review(
        &self,
        by: May<Write>,
        review_id: Path<ReviewId>,
        if_match: IfMatch,
        change: Patch<ReviewChange>,
    ) -> Result<Changed<Review>> {
        let update = (by.by(), review_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, id, if_match, change)| {
                Box::pin(async move {
                    let before = store::lock_review(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::update_review(txn, by, &before, change).await?;
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }
}

async fn call(txn: &Txn, by: &By, new: &NewReview) -> Result<Review> {
    let known = find_agreements(txn, by, vec![new.agreement_id], Vec::new()).await?.pop();
    let unknown = || Error::rule(Code::InvalidReference, "/agreement_id", "There is no such agreement.");
    let supplier = known.ok_or_else(unknown)?.supplier_id;
    lock_for_change(txn, by, supplier).await?;
    store::call_extra(txn, by, supplier, new).await
}
