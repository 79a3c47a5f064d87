//! Exports over HTTP.

use super::types::{Export, ExportQuery, NewExport};
use super::{kinds, store};
use crate::jobs::Job;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Body;
use crate::shared::error::Result;
use crate::shared::export;
use crate::shared::file::File;
use crate::shared::id::ExportId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::exports::{Create, Read};
use crate::shared::reply::{Listed, Ordered};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ExportsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Exports")]
impl ExportsApi {
    /// Export a list
    ///
    /// Orders a job that writes the whole list to a file, with the rights the caller has while it runs. The
    /// filter holds what the query string of the list may hold (422 otherwise). Besides this permission the
    /// caller needs the one that reads the list.
    #[oai(path = "/exports", method = "post", operation_id = "createExport")]
    async fn create_export(&self, by: May<Create>, once: Once, new: Body<NewExport>) -> Result<Ordered<Job>> {
        let source = kinds::find(&new.kind)?;
        by.require(source.needs)?;
        export::check(by.gate.contract(), &source, &new.query())?;
        let keyed = once.over(&by, &new.digest);
        self.app
            .db
            .once(keyed, (by.by(), new.value), |txn, (by, new)| {
                Box::pin(async move {
                    let job = store::order_export(txn, by, new).await?;
                    Ordered::new(format!("/v1/jobs/{}", job.id), &job)
                })
            })
            .await
    }

    /// List exports
    ///
    /// Newest first. Owners and auditors see all, everybody else what they ordered.
    #[oai(path = "/exports", method = "get", operation_id = "listExports")]
    async fn list_exports(&self, by: May<Read>, query: Params<ExportQuery>) -> Result<Listed<Page<Export>>> {
        Listed::new(&store::list_exports(self.app.db.read(), &by, &query).await?)
    }

    /// Get an export
    #[oai(path = "/exports/:export_id", method = "get", operation_id = "getExport")]
    async fn get_export(&self, by: May<Read>, export_id: Path<ExportId>) -> Result<Listed<Export>> {
        Listed::new(&store::get_export(self.app.db.fresh(), &by, export_id.0).await?)
    }

    /// Get the file of an export
    ///
    /// For whoever ordered it and for owners, until `expires_at`. 409 `invalid_state` while it is not ready.
    /// CSV is UTF-8 with a byte order mark and a header; a cell that a spreadsheet would take for a formula
    /// begins with `'`.
    #[oai(path = "/exports/:export_id/content", method = "get", operation_id = "getExportContent")]
    async fn get_export_content(&self, by: May<Read>, export_id: Path<ExportId>) -> Result<File> {
        store::get_content(&self.app.db, &by, export_id.0).await
    }
}
