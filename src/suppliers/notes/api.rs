//! Notes over HTTP.

use super::store;
use super::types::{NewNote, Note, NoteChange, NoteId, NoteQuery};
use crate::shared::app::App;
use crate::shared::auth::May;
use crate::shared::body::{Body, Patch};
use crate::shared::error::Result;
use crate::shared::etag::{IfMatch, IfNoneMatch};
use crate::shared::history::{self, Entry};
use crate::shared::id::SupplierId;
use crate::shared::idempotency::Once;
use crate::shared::page::Page;
use crate::shared::params::Params;
use crate::shared::permission::notes::{Read, Write};
use crate::shared::reply::{Changed, Created, Found, Listed, Nothing, Removed};
use crate::shared::tag::Tag;
use crate::suppliers::{get_supplier, lock_for_change};
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

pub struct NotesApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Notes")]
impl NotesApi {
    /// List notes about a supplier
    #[oai(path = "/suppliers/:supplier_id/notes", method = "get", operation_id = "listSupplierNotes")]
    async fn list_notes(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        query: Params<NoteQuery>,
    ) -> Result<Listed<Page<Note>>> {
        get_supplier(self.app.db.fresh(), by.scope, supplier_id.0).await?;
        Listed::new(&store::list_notes(self.app.db.read(), &by, supplier_id.0, &query).await?)
    }

    /// Write a note about a supplier
    #[oai(path = "/suppliers/:supplier_id/notes", method = "post", operation_id = "createSupplierNote")]
    async fn create_note(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        once: Once,
        new: Body<NewNote>,
    ) -> Result<Created<Note>> {
        let keyed = once.over(&by, &new.digest);
        let create = (by.by(), supplier_id.0, new.value);
        self.app
            .db
            .once(keyed, create, |txn, (by, supplier, new)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let id = store::insert_note(txn, by, *supplier, new).await?;
                    let note = store::get_note(txn, by.scope, *supplier, id).await?;
                    let entry = Entry::new("supplier_note.create", id.0).about(*supplier).between(None, Some(&note));
                    history::record(txn, by, entry).await?;
                    Created::new(format!("/v1/suppliers/{supplier}/notes/{id}"), note.revision, &note)
                })
            })
            .await
    }

    /// Get a note about a supplier
    #[oai(path = "/suppliers/:supplier_id/notes/:note_id", method = "get", operation_id = "getSupplierNote")]
    async fn get_note(
        &self,
        by: May<Read>,
        supplier_id: Path<SupplierId>,
        note_id: Path<NoteId>,
        if_none_match: IfNoneMatch,
    ) -> Result<Found<Note>> {
        let note = store::get_note(self.app.db.fresh(), by.scope, supplier_id.0, note_id.0).await?;
        Found::new(&if_none_match, note.revision, &note)
    }

    /// Change a note about a supplier
    #[oai(path = "/suppliers/:supplier_id/notes/:note_id", method = "patch", operation_id = "updateSupplierNote")]
    async fn update_note(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        note_id: Path<NoteId>,
        if_match: IfMatch,
        change: Patch<NoteChange>,
    ) -> Result<Changed<Note>> {
        let update = (by.by(), supplier_id.0, note_id.0, if_match, change.0);
        self.app
            .db
            .write(update, |txn, (by, supplier, id, if_match, change)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_note(txn, by.scope, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    let after = store::update_note(txn, by, &before, change).await?;
                    if after.revision != before.revision {
                        let entry = Entry::new("supplier_note.update", id.0).about(*supplier);
                        history::record(txn, by, entry.between(Some(&before), Some(&after))).await?;
                    }
                    Changed::new(after.revision, &after)
                })
            })
            .await
    }

    /// Delete a note about a supplier
    #[oai(path = "/suppliers/:supplier_id/notes/:note_id", method = "delete", operation_id = "deleteSupplierNote")]
    async fn delete_note(
        &self,
        by: May<Write>,
        supplier_id: Path<SupplierId>,
        note_id: Path<NoteId>,
        if_match: IfMatch,
    ) -> Result<Removed<Nothing>> {
        let delete = (by.by(), supplier_id.0, note_id.0, if_match);
        self.app
            .db
            .write(delete, |txn, (by, supplier, id, if_match)| {
                Box::pin(async move {
                    lock_for_change(txn, by, *supplier).await?;
                    let before = store::lock_note(txn, by.scope, *supplier, *id).await?;
                    if_match.check(before.revision)?;
                    store::delete_note(txn, *id).await?;
                    let entry = Entry::new("supplier_note.delete", id.0).about(*supplier);
                    history::record(txn, by, entry.between(Some(&before), None)).await?;
                    Ok(Removed::new())
                })
            })
            .await
    }
}
