//! Files over HTTP.

mod content;

pub use content::ContentApi;

use super::rules;
use super::store::{self, Received};
use super::types::{FileChange, FileQuery, NewFile, StoredFile};
use super::upload::{ReprDigest, Upload};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::Patch;
use crate::shared::crypto::{hex, sha256_parts};
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::FileId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::files::{Delete, Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct FilesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Files")]
impl FilesApi {
    /// Upload a file
    ///
    /// The body is the file as it is, at most 25 MiB. `Content-Type` is its real media type, or
    /// `application/octet-stream`. Taken are PDF, PNG, JPEG, WebP, DOCX, XLSX, PPTX, ODT, ODS, CSV and plain text in
    /// UTF-8: name, media type and content must agree, and no other archive, no macro, nothing encrypted and nothing
    /// that unpacks to more than 256 MiB is taken (422 `file_type_not_allowed`). With `Repr-Digest` it is refused
    /// when something else arrives (422 `file_digest_mismatch`).
    ///
    /// A supplier, and the organisation itself, keeps so much and no more (409 `quota_exceeded`). Then attach the
    /// file by its id: what is not attached within seven days is removed. Where there is a scanner, the file is
    /// `pending_scan` until it was looked at.
    #[oai(path = "/files", method = "post", operation_id = "createFile")]
    async fn create_file(
        &self,
        by: May<Write>,
        said: Params<NewFile>,
        once: Once,
        repr_digest: ReprDigest,
        file: Upload,
    ) -> Result<Created<StoredFile>> {
        let supplier_id = store::owner_of(&by, said.supplier_id)?;
        let claimed = rules::claimed(&said.filename, &file.declared)?;
        if !rules::are_in_order(said.effective_from, said.effective_to) {
            return Err(Error::query(Code::DateOrder, "effective_to", rules::DATES));
        }
        let objects = &self.app.objects;
        let kept = file.keep(objects, claimed, &repr_digest).await?;
        let keyed = once.over(&by, &sha256_parts(&[&kept.digest, claimed.media_type.as_bytes()]));
        let new = Received {
            id: FileId::new(&by.clock),
            said: said.value,
            supplier_id,
            object_key: kept.object_key.clone(),
            media_type: claimed.media_type,
            size: kept.size,
            sha256: hex(&kept.digest),
            quotas: objects.quotas,
            is_scanned: objects.scanner.is_some(),
        };
        self.enter(keyed, &by, new).await
    }

    /// List files
    ///
    /// Newest first: those that are attached to what you read, and those that are attached to nothing. Of the latter
    /// reviewers and agents see what they uploaded themselves.
    #[oai(path = "/files", method = "get", operation_id = "listFiles")]
    async fn list_files(&self, by: May<Read>, query: Params<FileQuery>) -> Result<Listed<Page<StoredFile>>> {
        Listed::new(&store::list_files(self.app.db.read(), &by, &query).await?)
    }

    /// Get a file
    ///
    /// What it is, without its content.
    #[oai(path = "/files/:file_id", method = "get", operation_id = "getFile")]
    async fn get_file(
        &self,
        by: May<Read>,
        file_id: Path<FileId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<StoredFile>> {
        let file = store::find_file(self.app.db.fresh(), &by, file_id.0).await?;
        Found::new(&if_none_match, file.revision, &file.shown(by.scope))
    }

    /// Change what is said of a file
    ///
    /// The days its content speaks of; the content itself never changes. 409 `in_use` when it is attached to what
    /// was handed in.
    #[oai(path = "/files/:file_id", method = "patch", operation_id = "updateFile")]
    async fn update_file(
        &self,
        by: May<Write>,
        file_id: Path<FileId>,
        if_match: IfMatch,
        change: Patch<FileChange>,
    ) -> Result<Changed<StoredFile>> {
        let update = (by.by(), file_id.0, if_match, change.0);
        let changed = self.app.db.write(update, |txn, (by, id, if_match, change)| {
            Box::pin(async move {
                let before = store::lock_file(txn, by, *id).await?;
                if_match.check(before.revision)?;
                store::open_parent(txn, by, &before).await?;
                let after = store::update_file(txn, by, &before, change).await?;
                let (before, after) = (before.shown(by.scope), after.shown(by.scope));
                if after.revision != before.revision {
                    let entry = Entry::new("file.update", id.0).about_any(after.supplier_id);
                    history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                }
                Changed::new(after.revision, &after)
            })
        });
        changed.await
    }

    /// Delete a file
    ///
    /// With its content, and from what it is attached to. 409 `in_use` when that was handed in.
    #[oai(path = "/files/:file_id", method = "delete", operation_id = "deleteFile")]
    async fn delete_file(&self, by: May<Delete>, file_id: Path<FileId>, if_match: IfMatch) -> Result<Removed<Nothing>> {
        let delete = (by.by(), file_id.0, if_match);
        let deleted = self.app.db.write(delete, |txn, (by, id, if_match)| {
            Box::pin(async move {
                let before = store::lock_file(txn, by, *id).await?;
                if_match.check(before.revision)?;
                if let Some((owner, parent)) = store::open_parent(txn, by, &before).await? {
                    (owner.let_go)(txn, parent, *id).await?;
                }
                store::delete_file(txn, *id).await?;
                let entry = Entry::new("file.delete", id.0).about_any(before.supplier_id);
                let (key, shown) = (before.object_key.clone(), before.shown(by.scope));
                history::record(txn, by, entry.between(Some(&shown), None)).await?;
                Ok(key)
            })
        });
        self.app.objects.delete_all([deleted.await?]).await;
        Ok(Removed::new())
    }
}
