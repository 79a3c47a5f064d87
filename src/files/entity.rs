//! The table of files.

use super::types::{FileFacts, FileParent, FileStatus, Filename, ParentKind, StoredFile};
use crate::shared::auth::{By, Scope};
use crate::shared::id::{FileId, SupplierId};
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryFilter, Select};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    pub supplier_id: Option<SupplierId>,
    /// Where the bytes are; shown to nobody.
    #[sea_orm(unique)]
    pub object_key: String,
    pub filename: Filename,
    pub media_type: String,
    pub size: i64,
    pub sha256: String,
    pub status: FileStatus,
    pub effective_from: Option<Date>,
    pub effective_to: Option<Date>,
    pub parent_kind: Option<ParentKind>,
    pub parent_id: Option<Uuid>,
    pub uploaded_by: Uuid,
    /// The supplier of whoever uploaded it.
    pub uploader_supplier_id: Option<SupplierId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Where every read of files starts. What is attached is read by whoever reads what it is attached to; what is
    /// not, by its supplier and by staff. Reviewers and agents see of these what they uploaded themselves.
    pub fn visible(by: &By) -> Select<Entity> {
        let is_limited = by.caller.is(Role::Reviewer) || by.caller.is(Role::Agent);
        let own = is_limited.then(|| Column::UploadedBy.eq(by.caller.id()));
        let loose = Condition::all().add(Column::ParentId.is_null()).add_option(own.clone());
        let any = by.gate.owners().iter().fold(Condition::any().add(loose), |any, owner| {
            let of_kind = Condition::all().add(Column::ParentKind.eq(owner.kind));
            any.add(of_kind.add(Column::ParentId.in_subquery((owner.seen)(by))))
        });
        Entity::find().filter(by.scope.on(Column::SupplierId)).filter(any.add_option(own))
    }
}

impl Model {
    pub fn parent(&self) -> Option<FileParent> {
        Some(FileParent { kind: self.parent_kind.clone()?, id: self.parent_id? })
    }

    /// Who of the staff uploaded it is staff's own matter.
    pub fn shown(self, scope: Scope) -> StoredFile {
        let is_told = match scope {
            Scope::Everything => true,
            Scope::Supplier(own) => self.uploader_supplier_id == Some(own),
        };
        StoredFile {
            parent: self.parent(),
            id: self.id,
            supplier_id: self.supplier_id,
            filename: self.filename,
            media_type: self.media_type,
            size: self.size,
            sha256: self.sha256,
            status: self.status,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            uploaded_by: Some(self.uploaded_by).filter(|id| is_told && !id.is_nil()),
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<Model> for FileFacts {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            filename: row.filename,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            status: row.status,
            effective_from: row.effective_from,
            effective_to: row.effective_to,
        }
    }
}
