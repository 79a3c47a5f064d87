//! How many were invited to answer, and how many of those did.

use crate::shared::db::{Txn, sum};
use crate::shared::error::Result;
use crate::shared::id::{PersonId, SurveyId};
use crate::shared::stats::Window;
use crate::shared::tally::added;
use crate::surveys::entity::link;
use crate::surveys::entity::link_tally::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Counts a link for one answer where it belongs; those for several tell nothing about who was asked.
pub async fn count(txn: &Txn, link: &link::Model, invited: i64, answered: i64) -> Result<()> {
    if link.max_uses > 1 {
        return Ok(());
    }
    let base = link.agreement_id.map_or(link.supplier_id.0, |agreement| agreement.0);
    let mut subjects: Vec<_> = [Some(base), link.person_id.map(|person| person.0)].into_iter().flatten().collect();
    // In the order of keys, so that two links wait for each other and never in a circle.
    subjects.sort_unstable();
    let rows = subjects.into_iter().map(|subject| ActiveModel {
        base_id: Set(base),
        subject_id: Set(subject),
        day: Set(link.day),
        survey_id: Set(link.survey_id),
        slot: Set(link.slot),
        invited: Set(invited),
        answered: Set(answered),
    });
    let insert = Entity::insert_many(rows.collect::<Vec<_>>());
    let added = added::<Entity>(&[Column::Invited, Column::Answered]);
    insert.on_conflict(added).exec_without_returning(txn).await?;
    Ok(())
}

/// How many links for one answer were made in these days, and under how many of them somebody answered since: of
/// everything about the bases, or of what is about one person within them; of all surveys or one.
pub async fn response_counts(
    db: &impl ConnectionTrait,
    bases: SelectStatement,
    person: Option<PersonId>,
    survey: Option<SurveyId>,
    window: Window,
) -> Result<(i64, i64)> {
    let about = match person {
        Some(person) => Condition::all().add(Column::SubjectId.eq(person.0)).add(Column::BaseId.in_subquery(bases)),
        None => Condition::all().add(Column::SubjectId.in_subquery(bases)),
    };
    let wanted = about
        .add(Column::Day.between(window.from, window.to))
        .add_option(survey.map(|survey| Column::SurveyId.eq(survey)));
    let sums = Entity::find().select_only().expr(sum(Column::Invited)).expr(sum(Column::Answered)).filter(wanted);
    let sums = sums.into_tuple::<(Option<i64>, Option<i64>)>().one(db).await?.unwrap_or_default();
    Ok((sums.0.unwrap_or(0), sums.1.unwrap_or(0)))
}
