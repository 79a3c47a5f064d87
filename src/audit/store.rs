//! The queries of the audit trail.

use super::types::{Actor, AuditEvent, AuditQuery, Resource};
use crate::shared::auth::{By, Scope};
use crate::shared::error::Result;
use crate::shared::history::{Column, Content, Entity};
use crate::shared::id::SupplierId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::shared::permission::Role;
use crate::shared::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter};
use uuid::Uuid;

#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Row {
    id: Uuid,
    at: Timestamp,
    actor_type: String,
    actor_id: Option<Uuid>,
    action: String,
    resource_type: String,
    resource_id: Option<Uuid>,
    supplier_id: Option<SupplierId>,
    request_id: String,
    content: Option<String>,
}

pub async fn list_events(db: &impl ConnectionTrait, by: &By, query: &Params<AuditQuery>) -> Result<Page<AuditEvent>> {
    let wanted = Condition::all()
        .add_option(query.resource_type.as_deref().map(|kind| Column::ResourceType.eq(kind)))
        .add_option(query.resource_id.map(|id| Column::ResourceId.eq(id)))
        .add_option(query.actor_id.map(|id| Column::ActorId.eq(id)))
        .add_option(query.action.as_deref().map(|action| Column::Action.eq(action)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.at_gte.map(|from| Column::At.gte(from)))
        .add_option(query.at_lt.map(|to| Column::At.lt(to)));
    let select = Entity::find().filter(visible(by)).filter(wanted);
    let order =
        Order { column: Column::Id, id: Column::Id, descending: true, key: |row: &Row| (Key::Id(row.id), row.id) };
    let rows = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(rows, event))
}

/// Owners and auditors see everything, managers what concerns suppliers. A supplier's administrator sees
/// what its own people and keys did, and failed sign-ins to their accounts; not what staff did.
fn visible(by: &By) -> Condition {
    let own = Condition::all().add(by.scope.on(Column::SupplierId));
    match (by.scope, by.caller.role) {
        (Scope::Supplier(supplier), _) => {
            let by_own =
                Condition::any().add(Column::ActorSupplierId.eq(supplier)).add(Column::ActorType.eq("anonymous"));
            own.add(by_own)
        }
        (Scope::Everything, Some(Role::Manager)) => own.add(Column::SupplierId.is_not_null()),
        (Scope::Everything, _) => own,
    }
}

fn event(row: Row) -> AuditEvent {
    let content: Option<Content> = row.content.and_then(|content| serde_json::from_str(&content).ok());
    let (label, changes, reason) = match content {
        Some(content) => (Some(content.actor_label), content.changes, content.reason),
        None => (None, Vec::new(), None),
    };
    AuditEvent {
        id: row.id,
        at: row.at,
        actor: Actor { kind: row.actor_type, id: row.actor_id, label },
        action: row.action,
        resource: Resource { kind: row.resource_type, id: row.resource_id },
        supplier_id: row.supplier_id.map(|supplier| supplier.0),
        request_id: row.request_id,
        changes,
        reason,
    }
}
