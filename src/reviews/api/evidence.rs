//! The evidence pack over HTTP.

use crate::reviews::document;
use crate::reviews::store;
use crate::reviews::types::EvidencePack;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::crypto;
use crate::shared::error::Result;
use crate::shared::etag::IfNoneMatch;
use crate::shared::id::ReviewId;
use crate::shared::permission::reviews::Read;
use crate::shared::reply::{Found, Html, Shown};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct EvidenceApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Reviews")]
impl EvidenceApi {
    /// Get the evidence pack of a review
    ///
    /// As it was frozen, byte for byte, whatever has changed since; the ETag is its SHA-256. 404 before the review is
    /// `ready`. Customers stand in it only as suppliers may read of them.
    #[oai(path = "/reviews/:review_id/pack", method = "get", operation_id = "getReviewPack")]
    async fn get_pack(
        &self,
        by: May<Read>,
        review_id: Path<ReviewId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<EvidencePack>> {
        let db = self.app.db.snapshot().await?;
        let row = store::find_review(&db, &by, review_id.0).await?;
        let content = store::get_pack(&db, &row).await?;
        let hash = row.pack_hash.as_deref().map(crypto::hex).unwrap_or_default();
        Ok(Found::kept(&if_none_match, &hash, content))
    }

    /// Get the evidence pack of a review as a page to print
    ///
    /// In English, for a screen and for paper (A4); always the same page. 404 before the review is `ready`.
    #[oai(path = "/reviews/:review_id/pack.html", method = "get", operation_id = "getReviewPackPage")]
    async fn get_pack_page(&self, by: May<Read>, review_id: Path<ReviewId>) -> Result<Shown<Html>> {
        let db = self.app.db.snapshot().await?;
        let row = store::find_review(&db, &by, review_id.0).await?;
        let content = store::get_pack(&db, &row).await?;
        let hash = row.pack_hash.as_deref().map(crypto::hex).unwrap_or_default();
        Ok(Shown::new(document::render(&content, &hash)?))
    }
}
