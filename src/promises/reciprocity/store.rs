//! Reading what both sides kept.

use super::super::entity::{Column, Entity};
use super::super::numbers::{Basis, Counts, Subjects, daily};
use super::rules;
use super::types::Reciprocity;
use crate::agreements::Direction;
use crate::shared::auth::By;
use crate::shared::error::Result;
use crate::shared::id::AgreementId;
use crate::shared::stats::{Rate, Window};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

const OURS: &str =
    "Share of occasions kept of what we promised the supplier, among those made within a published version.";
const THEIRS: &str = "Share of occasions kept of what the supplier promised us and our customers, among those made within a published version.";

pub async fn get_reciprocity(
    db: &impl ConnectionTrait,
    by: &By,
    agreement: AgreementId,
    window: Window,
) -> Result<Reciprocity> {
    let us = [Direction::UsToSupplier];
    let them = [Direction::SupplierToUs, Direction::SupplierToCustomer];
    let (ours, theirs) = (kept(db, agreement, &us, window).await?, kept(db, agreement, &them, window).await?);
    let rate = |counts: Counts, what| Rate::new(counts.kept, counts.kept + counts.broken, window, by.clock.now(), what);
    let (ours, theirs) = (rate(ours, OURS), rate(theirs, THEIRS));
    let (gap, weaker_partner) = ours.value.zip(theirs.value).map(|(ours, theirs)| rules::gap(ours, theirs)).unzip();
    Ok(Reciprocity { agreement_id: agreement, ours, theirs, gap, weaker_partner })
}

async fn kept(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    directions: &[Direction],
    window: Window,
) -> Result<Counts> {
    let promises = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AgreementId.eq(agreement))
        .filter(Column::Direction.is_in(directions.iter().copied()))
        .into_query();
    let days = daily(db, Subjects::Promises(promises), Basis::Promised, window.from, window.to).await?;
    Ok(days.into_iter().fold(Counts::default(), |mut sum, (_, counts)| {
        sum += counts;
        sum
    }))
}
