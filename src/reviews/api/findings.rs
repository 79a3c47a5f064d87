//! What a review finds, over HTTP: ratings, and what is said of clauses.

use crate::reviews::store;
use crate::reviews::types::{ClauseReview, NewClauseReview, ReviewRatings};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::etag::IfMatch;
use crate::shared::id::{ExpectationId, ReviewId};
use crate::shared::page::Page;
use crate::shared::permission::reviews::{Read, Write};
use crate::shared::reply::{Changed, Listed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct FindingsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Reviews")]
impl FindingsApi {
    /// Get the ratings of a review
    ///
    /// Before they are locked everybody reads only their own. Then: how both sides rate each other, with spread and
    /// outliers (more than 1.5 from the median); who rated is told to the rater's own side. What changes after a dispute
    /// is read once the review is finalised.
    #[oai(path = "/reviews/:review_id/ratings", method = "get", operation_id = "getReviewRatings")]
    async fn get_ratings(&self, by: May<Read>, review_id: Path<ReviewId>) -> Result<Listed<ReviewRatings>> {
        let db = self.app.db.snapshot().await?;
        let row = store::find_review(&db, &by, review_id.0).await?;
        Listed::new(&store::get_ratings(&db, &by, &row).await?)
    }

    /// List what a review says of clauses
    ///
    /// In the order in which the clauses were written. The list is always whole.
    #[oai(path = "/reviews/:review_id/expectations", method = "get", operation_id = "listReviewExpectations")]
    async fn list_expectations(&self, by: May<Read>, review_id: Path<ReviewId>) -> Result<Listed<Page<ClauseReview>>> {
        let db = self.app.db.snapshot().await?;
        let row = store::find_review(&db, &by, review_id.0).await?;
        Listed::new(&Page::whole(store::list_clauses(&db, row.id).await?))
    }

    /// Confirm a clause, or propose a change
    ///
    /// Of a clause in force, from `ready` on until the review is closed (409 `invalid_state`); what was said before is
    /// replaced. It takes effect when the review closes: what is confirmed until the supplier agrees is confirmed by both
    /// sides, what is confirmed later by ours. The ETag is that of the review.
    #[oai(
        path = "/reviews/:review_id/expectations/:expectation_id",
        method = "put",
        operation_id = "putReviewExpectation"
    )]
    async fn put_expectation(
        &self,
        by: May<Write>,
        review_id: Path<ReviewId>,
        expectation_id: Path<ExpectationId>,
        if_match: IfMatch,
        new: Body<NewClauseReview>,
    ) -> Result<Changed<ClauseReview>> {
        let put = (by.by(), (review_id.0, expectation_id.0), if_match, new.value);
        self.app
            .db
            .write(put, |txn, (by, (id, clause), if_match, new)| {
                Box::pin(async move {
                    let before = store::lock_review(txn, by, *id).await?;
                    if_match.check(before.revision)?;
                    let (said, revision) = store::put_clause(txn, by, &before, *clause, new).await?;
                    Changed::new(revision, &said)
                })
            })
            .await
    }
}
