//! How many were invited to answer, and how many of those did.

use crate::shared::db::{Db, Txn, sum};
use crate::shared::error::Result;
use crate::shared::id::{PersonId, SurveyId};
use crate::shared::stats::Window;
use crate::shared::tally::{added, compare};
use crate::surveys::entity::link_tally::{ActiveModel, Column, Entity};
use crate::surveys::entity::{self as survey, Entity as Surveys, link};
use futures_util::TryStreamExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Counts a link for one answer where it belongs; those for several tell nothing about who was asked.
pub async fn count(txn: &Txn, link: &link::Model, invited: i64, answered: i64) -> Result<()> {
    if link.max_uses > 1 {
        return Ok(());
    }
    let (base, mut subjects) = subjects(link);
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

/// What a link is about: the base, and where it counts.
fn subjects(link: &link::Model) -> (Uuid, Vec<Uuid>) {
    let base = link.agreement_id.map_or(link.supplier_id.0, |agreement| agreement.0);
    (base, [Some(base), link.person_id.map(|person| person.0)].into_iter().flatten().collect())
}

/// A sentence for every tally that is not what a recount of the links gives: survey by survey, each in one snapshot.
pub async fn differences(db: &Db) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let surveys = Surveys::find().select_only().column(survey::Column::Id).into_tuple::<SurveyId>();
    for survey in surveys.all(db.fresh()).await? {
        let snapshot = db.snapshot().await?;
        let (mut counted, mut kept) = (BTreeMap::<_, [i64; 2]>::new(), BTreeMap::<_, [i64; 2]>::new());
        let of_one = link::Entity::find().filter(link::Column::SurveyId.eq(survey)).filter(link::Column::MaxUses.eq(1));
        let mut links = of_one.stream(&snapshot).await?;
        while let Some(link) = links.try_next().await? {
            let (base, subjects) = subjects(&link);
            for subject in subjects {
                let [invited, answered] = counted.entry((survey, base, subject, link.day)).or_default();
                *invited += 1;
                *answered += link.uses;
            }
        }
        drop(links);
        let mut rows = Entity::find().filter(Column::SurveyId.eq(survey)).stream(&snapshot).await?;
        while let Some(row) = rows.try_next().await? {
            let [invited, answered] = kept.entry((survey, row.base_id, row.subject_id, row.day)).or_default();
            *invited += row.invited;
            *answered += row.answered;
        }
        drop(rows);
        snapshot.commit().await?;
        found.extend(compare("survey_link_tally", &counted, &kept));
    }
    Ok(found)
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
