//! What is in a file, over HTTP; and the entry of what was uploaded.

use super::FilesApi;
use crate::files::content::{Content, Range};
use crate::files::store::{self, Received};
use crate::files::types::{FileStatus, StoredFile};
use crate::shared::app::App;
use crate::shared::auth::{By, May};
use crate::shared::error::{Code, Error, Result};
use crate::shared::etag::IfNoneMatch;
use crate::shared::history::{self, Entry};
use crate::shared::id::FileId;
use crate::shared::idempotency::Keyed;
use crate::shared::permission::files::Read;
use crate::shared::reply::{Created, Reply};
use crate::shared::tag::Tag;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

impl FilesApi {
    /// Enters a file whose bytes are in the store. They go again when it is refused, or was sent before; when nobody
    /// knows whether it was entered they stay, and are looked at a day later.
    pub(super) async fn enter(&self, keyed: Keyed, by: &By, new: Received) -> Result<Created<StoredFile>> {
        let key = new.object_key.clone();
        let entered = self.app.db.once(keyed, (by.clone(), new), |txn, (by, new)| {
            Box::pin(async move {
                let file = store::insert_file(txn, by, new).await?.shown(by.scope);
                let entry = Entry::new("file.create", file.id.0).about_any(file.supplier_id);
                history::record(txn, by, entry.between(None, Some(&file))).await?;
                Created::new(format!("/v1/files/{}", file.id), file.revision, &file)
            })
        });
        let entered = entered.await;
        let is_in_vain = match &entered {
            Ok(created) => created.sent().replayed,
            Err(error) => error.code.status() < 500,
        };
        if is_in_vain {
            self.app.objects.delete_all([key]).await;
        }
        entered
    }
}

pub struct ContentApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Files")]
impl ContentApi {
    /// Get the content of a file
    ///
    /// As bytes to be kept, whatever they are: `media_type` of the file tells. `Range` asks for a part. 409
    /// `invalid_state` while the scanner has not looked, and for ever when it found something. Every download is
    /// entered in the audit trail.
    #[oai(path = "/files/:file_id/content", method = "get", operation_id = "getFileContent")]
    async fn get_file_content(
        &self,
        by: May<Read>,
        file_id: Path<FileId>,
        if_none_match: IfNoneMatch,
        range: Range,
    ) -> Result<Content> {
        let file = store::find_file(self.app.db.fresh(), &by, file_id.0).await?;
        if file.status != FileStatus::Available {
            return Err(Error::new(Code::InvalidState, "Its content cannot be read.")
                .with("current_status", file.status.name())
                .with("allowed", Vec::<String>::new()));
        }
        let (content, is_begun) = Content::of(&self.app.objects, &file, &if_none_match, &range)?;
        if is_begun {
            let input = (by.by(), Entry::new("file.download", file.id.0).about_any(file.supplier_id));
            let noted = self.app.db.write(input, |txn, (by, entry)| Box::pin(history::record(txn, by, entry.clone())));
            noted.await?;
        }
        Ok(content)
    }
}
