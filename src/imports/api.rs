//! Imports over HTTP.

use super::kinds::find;
use super::store::{self, NewImport};
use super::types::{Import, ImportOptions, ImportQuery, ImportRow, ImportRowQuery};
use super::upload::Upload;
use crate::jobs::Job;
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::crypto::sha256_parts;
use crate::shared::error::{Error, Result};

use crate::shared::etag::IfNoneMatch;
use crate::shared::file::File;
use crate::shared::id::ImportId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::imports::{Create, Read};
use crate::shared::reply::{Found, Listed, Ordered};
use crate::shared::table;
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct ImportsApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Imports")]
impl ImportsApi {
    /// Import a file
    ///
    /// Takes a file of rows and orders a job that reads them: 256 MiB and 1,000,000 rows at most. Every row
    /// has the shape that creates one of its kind (`people` also name their supplier). Besides this
    /// permission the caller needs the one that creates such a thing.
    ///
    /// CSV begins with a header; `GET /v1/import-templates/{kind}.csv` gives all columns, of which any may be
    /// left out. Members of members are dotted (`address.city`), lists are separated by `;`, lists of
    /// objects are JSON. An empty cell is a member that is not given; a `'` before `=`, `+`, `-` or `@` is
    /// taken away. NDJSON holds one object per line.
    ///
    /// Rows are written in batches of up to 2,000; with `on_error=abort` nothing of the batch with the
    /// refused row is written, and those before it stay. Within a file an external id stands once (of people:
    /// once per supplier). What goes wrong
    /// with the file as a whole (an unknown column) ends the job with `failed`.
    #[oai(path = "/imports", method = "post", operation_id = "createImport")]
    async fn create_import(
        &self,
        by: May<Create>,
        options: Params<ImportOptions>,
        once: Once,
        file: Upload,
    ) -> Result<Ordered<Job>> {
        by.require(options.kind.importer()?.needs)?;
        let (id, format) = (ImportId::new(&by.clock), file.format);
        let stored = match file.store(&self.app, id).await {
            Ok(stored) => stored,
            Err(error) => return store::without_file(&self.app, id, error).await,
        };
        let new = NewImport { id, options: options.value, format, bytes: stored.bytes };
        let keyed = once.over(&by, &sha256_parts(&[&stored.digest, format!("{format:?}").as_bytes()]));
        let ordered = self.app.db.once(keyed, (by.by(), new), |txn, (by, new)| {
            Box::pin(async move {
                let job = store::order_import(txn, by, new).await?;
                Ordered::new(format!("/v1/jobs/{}", job.id), &job)
            })
        });
        match ordered.await {
            Ok(ordered) => store::with_file(&self.app, id, ordered).await,
            Err(error) => store::without_file(&self.app, id, error).await,
        }
    }

    /// List imports
    ///
    /// Newest first. Owners and auditors see all, everybody else what they ordered.
    #[oai(path = "/imports", method = "get", operation_id = "listImports")]
    async fn list_imports(&self, by: May<Read>, query: Params<ImportQuery>) -> Result<Listed<Page<Import>>> {
        Listed::new(&store::list_imports(self.app.db.read(), &by, &query).await?)
    }

    /// Get an import
    #[oai(path = "/imports/:import_id", method = "get", operation_id = "getImport")]
    async fn get_import(
        &self,
        by: May<Read>,
        import_id: Path<ImportId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Import>> {
        let import = store::get_import(self.app.db.fresh(), &by, import_id.0).await?;
        match import.finished_at {
            Some(_) => Found::new(&if_none_match, import.revision, &import),
            // Where its job stands changes without a new revision of the import.
            None => Found::new(&IfNoneMatch::ignored(), import.revision, &import),
        }
    }

    /// List refused rows of an import
    ///
    /// In the order of the file. Only rows that were refused are kept.
    #[oai(path = "/imports/:import_id/rows", method = "get", operation_id = "listImportRows")]
    async fn list_import_rows(
        &self,
        by: May<Read>,
        import_id: Path<ImportId>,
        query: Params<ImportRowQuery>,
    ) -> Result<Listed<Page<ImportRow>>> {
        store::get_import(self.app.db.fresh(), &by, import_id.0).await?;
        Listed::new(&store::list_rows(self.app.db.fresh(), &by, import_id.0, &query).await?)
    }

    /// Get a template for a file
    ///
    /// The header line of CSV with all columns of a kind: `suppliers.csv`.
    #[oai(path = "/import-templates/:template", method = "get", operation_id = "getImportTemplate")]
    async fn get_import_template(&self, by: May<Read>, template: Path<String>) -> Result<File> {
        let importer = template.0.strip_suffix(".csv").and_then(find).ok_or_else(Error::not_found)?;
        let columns = table::columns(by.gate.contract(), &(importer.schema)());
        let header = table::line(columns.iter().map(|column| &*column.name));
        Ok(File::csv(template.0, header))
    }
}
