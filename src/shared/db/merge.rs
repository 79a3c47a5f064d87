//! Applying a patch to a row: only what really differs is written, so that a patch that changes
//! nothing makes no new revision.

use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel, Iterable, ModelTrait};

/// The row's model with the patch on it; `None` when nothing differs.
pub fn merge<M, A>(row: M, patch: A) -> Option<A>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
    M::Entity: EntityTrait<Model = M>,
{
    let mut merged = row.into_active_model();
    for column in <M::Entity as EntityTrait>::Column::iter() {
        if let ActiveValue::Set(value) = patch.get(column) {
            merged.set_if_not_equals(column, value);
        }
    }
    merged.is_changed().then_some(merged)
}
