//! The page over HTTP.

use super::types::DocumentQuery;
use super::{page, rules, store};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::params::Params;
use crate::shared::permission::agreements::Read;
use crate::shared::reply::{Html, Shown};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct DocumentApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl DocumentApi {
    /// Get an agreement as a page to print
    ///
    /// The parties, the terms, what either side owes the other and what customers are promised, the service code and
    /// the signatures, in English, for a screen and for paper (A4). What is not in force is stamped. A version that the
    /// other side writes is shown as it was last handed over; one that was not offered to you yet is 404.
    #[oai(path = "/agreements/:agreement_id/document.html", method = "get", operation_id = "getAgreementDocument")]
    async fn get_agreement_document(
        &self,
        by: May<Read>,
        agreement_id: Path<AgreementId>,
        query: Params<DocumentQuery>,
    ) -> Result<Shown<Html>> {
        let content = store::content(&self.app.db, &by, agreement_id.0, query.version).await?;
        Ok(Shown::new(page::render(&rules::document(&content))?))
    }
}
