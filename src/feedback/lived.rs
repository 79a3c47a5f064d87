//! What customers lived under agreements, for those who hold it against what was promised.

use super::entity::{self, month, tally};
use super::numbers::{Span, spans};
use super::types::FeedbackStatus;
use crate::shared::db::sum;
use crate::shared::error::Result;
use crate::shared::id::{AgreementId, SurveyId};
use crate::shared::stats::Window;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, IntoCondition, JoinType, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use std::iter::Sum;
use uuid::Uuid;

/// How satisfied customers were: the two best values of five.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Satisfied {
    pub satisfied: i64,
    pub n: i64,
}

impl Sum for Satisfied {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self { satisfied: sum.satisfied + one.satisfied, n: sum.n + one.n })
    }
}

/// A sum over what respondents said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// How many respondents.
    pub n: i64,
    /// The sum, in millionths.
    pub total: i64,
}

/// How unhappy customers were with jobs on which the promises that count were kept, and with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnJobs {
    /// Answers on kept jobs.
    pub on_kept: i64,
    pub unhappy_on_kept: i64,
    /// Unhappy answers on jobs of which it is known whether they were kept.
    pub unhappy: i64,
}

/// Satisfaction by agreement, or of one only, from the answers to some items of surveys on a scale of 1 to 5. Agreements
/// without answers are left out.
pub async fn satisfied_with(
    db: &impl ConnectionTrait,
    items: HashMap<SurveyId, Vec<String>>,
    only: Option<AgreementId>,
    window: Window,
) -> Result<HashMap<AgreementId, Satisfied>> {
    use tally::Column::{BaseId, C3, C4, Item, N, SurveyId};
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = items
        .into_iter()
        .fold(Condition::any(), |any, (survey, keys)| any.add(SurveyId.eq(survey).and(Item.is_in(keys))));
    let rows = tally::Entity::find()
        .select_only()
        .column(BaseId)
        .expr(sum(C3))
        .expr(sum(C4))
        .expr(sum(N))
        .filter(of_base(only))
        .filter(asked)
        .filter(days_of(window))
        .group_by(BaseId);
    let rows = rows.into_tuple::<(Uuid, i64, i64, i64)>().all(db).await?;
    let of = |(base, fourth, fifth, n)| (AgreementId(base), Satisfied { satisfied: fourth + fifth, n });
    Ok(rows.into_iter().map(of).collect())
}

/// Satisfaction under an agreement in whole months, as they are published to suppliers, by survey and item; what nobody
/// answered is left out.
pub async fn published_satisfaction(
    db: &impl ConnectionTrait,
    items: HashMap<SurveyId, Vec<String>>,
    agreement: AgreementId,
    months: Window,
) -> Result<HashMap<(SurveyId, String), Satisfied>> {
    use month::Column::{BaseId, C3, C4, Day, Item, N, SurveyId};
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = items
        .into_iter()
        .fold(Condition::any(), |any, (survey, keys)| any.add(SurveyId.eq(survey).and(Item.is_in(keys))));
    let rows = month::Entity::find()
        .select_only()
        .columns([SurveyId, Item])
        .expr(sum(C3))
        .expr(sum(C4))
        .expr(sum(N))
        .filter(BaseId.eq(agreement.0))
        .filter(Day.between(months.from, months.to))
        .filter(asked)
        .group_by(SurveyId)
        .group_by(Item);
    let rows = rows.into_tuple::<(_, String, i64, i64, i64)>().all(db).await?;
    let of = |(survey, item, fourth, fifth, n)| ((survey, item), Satisfied { satisfied: fourth + fifth, n });
    Ok(rows.into_iter().map(of).filter(|(_, said)| said.n > 0).collect())
}

/// What was said under an agreement to some items of any survey, by item; items without answers are left out.
pub async fn told(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    items: Vec<String>,
    window: Window,
) -> Result<HashMap<String, Told>> {
    use tally::Column::{Item, N, Total};
    let rows = tally::Entity::find()
        .select_only()
        .column(Item)
        .expr(sum(N))
        .expr(sum(Total))
        .filter(of_base(Some(agreement)))
        .filter(Item.is_in(items))
        .filter(days_of(window))
        .group_by(Item);
    let rows = rows.into_tuple::<(String, i64, i64)>().all(db).await?;
    Ok(rows.into_iter().map(|(item, n, total)| (item, Told { n, total })).collect())
}

/// The same in whole months, as they are published to suppliers.
pub async fn published_told(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    items: Vec<String>,
    months: Window,
) -> Result<HashMap<String, Told>> {
    use month::Column::{BaseId, Day, Item, N, Total};
    let rows = month::Entity::find()
        .select_only()
        .column(Item)
        .expr(sum(N))
        .expr(sum(Total))
        .filter(BaseId.eq(agreement.0))
        .filter(Item.is_in(items))
        .filter(Day.between(months.from, months.to))
        .group_by(Item);
    let rows = rows.into_tuple::<(String, i64, i64)>().all(db).await?;
    Ok(rows.into_iter().map(|(item, n, total)| (item, Told { n, total })).collect())
}

/// The answers under an agreement to those of the jobs that are selected: `job` names the column with the job in it,
/// `broken` that with how many of its promises were broken.
pub async fn unhappy_on(
    db: &impl ConnectionTrait,
    agreement: AgreementId,
    window: Window,
    (jobs, job, broken): (SelectStatement, &'static str, &'static str),
) -> Result<OnJobs> {
    use entity::Column;
    let of_jobs = Alias::new("jobs");
    let this = |column: Column| Expr::col((entity::Entity, column));
    let is_kept = Expr::col((of_jobs.clone(), Alias::new(broken))).eq(0);
    let is_unhappy = this(Column::IsUnhappy).eq(true);
    let counts = [is_kept.clone(), is_kept.and(is_unhappy.clone()), is_unhappy];
    let same_job = this(Column::JobRef).eq(Expr::col((of_jobs.clone(), Alias::new(job))));
    let mut select = Query::select();
    select.exprs(counts.map(counted)).from(entity::Entity).join_subquery(
        JoinType::InnerJoin,
        jobs,
        of_jobs,
        same_job.into_condition(),
    );
    let wanted = Condition::all()
        .add(Column::AgreementId.eq(agreement))
        .add(Column::Day.between(window.from, window.to))
        .add(Column::Status.eq(FeedbackStatus::Counted))
        .add(Column::SupersededById.is_null())
        .add(Column::IsUnhappy.is_not_null());
    select.cond_where(wanted);
    let row = db.query_one(&select).await?;
    let count = |place: usize| -> Result<i64> {
        let count = row.as_ref().map(|row| row.try_get_by_index::<Option<i64>>(place)).transpose()?;
        Ok(count.flatten().unwrap_or(0))
    };
    Ok(OnJobs { on_kept: count(0)?, unhappy_on_kept: count(1)?, unhappy: count(2)? })
}

/// On how many rows it holds.
fn counted(what: SimpleExpr) -> SimpleExpr {
    Expr::expr(Func::sum(Expr::case(what, 1).finally(0))).cast_as("bigint")
}

/// The tallies of whole agreements; of one, by the first column of their key.
fn of_base(only: Option<AgreementId>) -> Condition {
    use tally::Column::{BaseId, SubjectId};
    match only {
        Some(id) => Condition::all().add(SubjectId.eq(id.0)),
        None => Condition::all().add(Expr::col((tally::Entity, SubjectId)).equals((tally::Entity, BaseId))),
    }
}

/// Whole months where the window has them, and the days before and after.
fn days_of(window: Window) -> Condition {
    use tally::Column::{Day, IsMonth};
    let of = |span: Span| IsMonth.eq(span.is_month).and(Day.between(span.from, span.to));
    spans(window).into_iter().fold(Condition::any(), |any, span| any.add(of(span)))
}
