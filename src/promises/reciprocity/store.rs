//! Reading what both sides kept.

use super::super::entity::{Column, Entity};
use super::super::numbers::{Basis, by_promise};
use super::rules::{self, Kept};
use super::types::{DimensionReciprocity, Reciprocity};
use crate::agreements::{Dimension, Direction, dimensions_of};
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::id::{AgreementId, ExpectationId, PromiseId};
use crate::shared::stats::Window;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QuerySelect, QueryTrait};

pub async fn get_reciprocity(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    window: Window,
) -> Result<Reciprocity> {
    let promises = Entity::find().select_only().filter(Column::AgreementId.eq(agreement));
    let counts = by_promise(db, promises.clone().column(Column::Id).into_query(), Basis::Promised, window).await?;
    let promises = promises.columns([Column::Id, Column::Direction, Column::ExpectationId]);
    let promises = promises.into_tuple::<(PromiseId, Direction, ExpectationId)>().all(db).await?;
    let dimensions = dimensions_of(db, promises.iter().map(|(_, _, clause)| *clause).collect()).await?;
    let of = |wanted: Option<Dimension>| {
        let mut kept = Kept::default();
        for (id, direction, clause) in &promises {
            if wanted.is_none() || wanted.as_ref() == dimensions.get(clause) {
                kept.add(*direction, counts.get(id).copied().unwrap_or_default());
            }
        }
        rules::compared(kept, window, by.clock.now())
    };
    let each = |dimension| {
        let (ours, theirs, gap, weaker_partner) = of(Some(dimension));
        DimensionReciprocity { dimension, ours, theirs, gap, weaker_partner }
    };
    let (ours, theirs, gap, weaker_partner) = of(None);
    let dimensions = Dimension::iter().map(each).collect();
    Ok(Reciprocity { agreement_id: agreement, ours, theirs, gap, weaker_partner, dimensions })
}
