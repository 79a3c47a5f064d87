//! Numbers are read from tallies: they cost days, not facts.

use super::rules::Values;
use super::types::{Basis, Counts, KeptRateQuery, RateSide};
use crate::agreements::{Direction, in_service_line, seen_by};
use crate::promises::commitments::{CommitmentStatus, tally, value_tally};
use crate::promises::commitments::{Entity as Commitments, entity, is_open};
use crate::promises::entity as promise;
use crate::shared::auth::By;
use crate::shared::db::sum;
use crate::shared::error::Result;
use crate::shared::id::{PersonId, PromiseId};
use crate::shared::stats::Window;
use crate::shared::time::Timestamp;
use chrono::{Datelike, NaiveDate};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, TryGetable,
};
use std::collections::HashMap;

/// From here on values are read in buckets.
const MANY: i64 = 1000;

/// Whose outcomes are counted.
#[derive(Clone, Debug)]
pub enum Subjects {
    Promise(PromiseId),
    /// The promises whose ids the statement selects.
    Promises(SelectStatement),
    /// One person's part in them.
    PersonIn(PersonId, SelectStatement),
}

impl Subjects {
    fn condition(self) -> Condition {
        use tally::Column::{PromiseId, SubjectId};
        let all = Condition::all();
        match self {
            Subjects::Promise(id) => all.add(PromiseId.eq(id)).add(SubjectId.eq(id.0)),
            Subjects::Promises(ids) => {
                let itself = Expr::col((tally::Entity, SubjectId)).equals((tally::Entity, PromiseId));
                all.add(PromiseId.in_subquery(ids)).add(itself)
            }
            Subjects::PersonIn(person, ids) => all.add(PromiseId.in_subquery(ids)).add(SubjectId.eq(person.0)),
        }
    }
}

/// What became of the commitments due from one day to another, both included, by day; days on
/// which nothing was due are left out.
pub async fn daily(
    db: &impl ConnectionTrait,
    of: Subjects,
    basis: Basis,
    window: Window,
) -> Result<Vec<(NaiveDate, Counts)>> {
    let days = tallied(of, basis, window, tally::Column::Day).order_by_asc(tally::Column::Day);
    counts(days, db).await
}

/// What became of all commitments of a promise that were due from one day to another.
pub async fn kept_of(db: &impl ConnectionTrait, promise: PromiseId, window: Window) -> Result<Counts> {
    total(db, Subjects::Promise(promise), Basis::All, window).await
}

/// What became of all commitments due from one day to another.
pub async fn total(db: &impl ConnectionTrait, of: Subjects, basis: Basis, window: Window) -> Result<Counts> {
    let sums = summed(of, basis, window).into_tuple::<(Option<i64>, Option<i64>, Option<i64>)>().one(db).await?;
    let [kept, broken, excused] =
        sums.map(|sums| [sums.0, sums.1, sums.2].map(Option::unwrap_or_default)).unwrap_or_default();
    Ok(Counts { kept, broken, excused })
}

/// What became of the commitments due from one day to another, by promise; promises of which nothing was due are
/// left out.
pub async fn by_promise(
    db: &impl ConnectionTrait,
    promises: SelectStatement,
    basis: Basis,
    window: Window,
) -> Result<HashMap<PromiseId, Counts>> {
    let found = counts(tallied(Subjects::Promises(promises), basis, window, tally::Column::PromiseId), db).await?;
    Ok(found.into_iter().collect())
}

fn tallied(of: Subjects, basis: Basis, window: Window, by: tally::Column) -> Select<tally::Entity> {
    summed(of, basis, window).column(by).group_by(by)
}

fn summed(of: Subjects, basis: Basis, window: Window) -> Select<tally::Entity> {
    use tally::Column;
    tally::Entity::find()
        .select_only()
        .expr(sum(Column::Kept))
        .expr(sum(Column::Broken))
        .expr(sum(Column::Excused))
        .filter(of.condition())
        .filter(Column::IsPromised.is_in(basis.flags().iter().copied()))
        .filter(Column::Day.between(window.from, window.to))
}

async fn counts<K: TryGetable>(select: Select<tally::Entity>, db: &impl ConnectionTrait) -> Result<Vec<(K, Counts)>> {
    let rows = select.into_tuple::<(i64, i64, i64, K)>().all(db).await?;
    Ok(rows.into_iter().map(|(kept, broken, excused, key)| (key, Counts { kept, broken, excused })).collect())
}

/// The first day, from one on, of which a commitment of the promise is still open.
pub async fn first_open(db: &impl ConnectionTrait, promise: PromiseId, from: NaiveDate) -> Result<Option<NaiveDate>> {
    let open = Commitments::find()
        .select_only()
        .column(entity::Column::Day)
        .filter(is_open())
        .filter(entity::Column::PromiseId.eq(promise))
        .filter(entity::Column::Day.gte(from))
        .order_by_asc(entity::Column::Day)
        .limit(1);
    Ok(open.into_tuple().one(db).await?)
}

/// The numbers of the versions that judged what was due from one day to another.
pub async fn judging_versions(db: &impl ConnectionTrait, promise: PromiseId, window: Window) -> Result<Vec<i64>> {
    use tally::Column;
    let counts = Expr::col(Column::Kept).add(Expr::col(Column::Broken)).add(Expr::col(Column::Excused));
    let versions = tally::Entity::find()
        .select_only()
        .column(Column::Version)
        .distinct()
        .filter(Subjects::Promise(promise).condition())
        .filter(Column::Day.between(window.from, window.to))
        .filter(counts.gt(0));
    Ok(versions.into_tuple().all(db).await?)
}

/// What is known of an occasion that counts.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Fact {
    pub made_at: Timestamp,
    pub fulfilled_at: Option<Timestamp>,
    /// The tightest target that it would have met in the terms by which it was judged.
    pub tightest: Option<f64>,
}

/// The tightest targets that the `n` occasions which count in these days would have met (excused ones do not count):
/// below 1,000 of them each in the terms of `anew`, above that in buckets, as they were judged. Buckets are over the
/// months that the days touch; those that go on after the last day, when that is past, are left out. Where nothing is
/// left, single occasions are read however many there are.
pub async fn values(
    db: &impl ConnectionTrait,
    promise: PromiseId,
    (window, n): (Window, i64),
    today: NaiveDate,
    anew: impl Fn(&Fact) -> Option<f64>,
) -> Result<Values> {
    let last = match window.to < today {
        true => window.to.succ_opt().and_then(|next| month(next).pred_opt()).unwrap_or(window.to),
        false => window.to,
    };
    if n >= MANY && last >= window.from {
        return buckets(db, promise, window.from, last).await;
    }
    use CommitmentStatus::{Broken, ExcuseRequested, Kept};
    use entity::Column;
    let found = Commitments::find()
        .select_only()
        .columns([Column::MadeAt, Column::FulfilledAt, Column::Tightest])
        .filter(Column::PromiseId.eq(promise))
        .filter(Column::Day.between(window.from, window.to))
        .filter(Column::Status.is_in([Kept, Broken, ExcuseRequested]))
        .filter(Column::SupersededById.is_null())
        .into_model::<Fact>()
        .all(db)
        .await?;
    let all = found.len();
    let values: Vec<_> = found.iter().filter_map(anew).collect();
    let never = i64::try_from(all - values.len()).unwrap_or(i64::MAX);
    Ok(Values::exact(values, never))
}

async fn buckets(db: &impl ConnectionTrait, promise: PromiseId, from: NaiveDate, to: NaiveDate) -> Result<Values> {
    use value_tally::Column;
    let found = value_tally::Entity::find()
        .select_only()
        .column(Column::Bucket)
        .expr(sum(Column::Count))
        .filter(Column::PromiseId.eq(promise))
        .filter(Column::Month.between(month(from), to))
        .group_by(Column::Bucket)
        .into_tuple::<(i64, i64)>()
        .all(db)
        .await?;
    Ok(Values::buckets(found))
}

/// The first day of the month.
pub fn month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The promises that a query is about, of those the caller sees.
pub fn wanted(by: &By, query: &KeptRateQuery, side: Option<RateSide>) -> SelectStatement {
    use promise::Column;
    let ours = Column::Direction.eq(Direction::UsToSupplier);
    let matching = Condition::all()
        .add(seen_by(by, Column::AgreementId))
        .add_option(query.promise_id.map(|id| Column::Id.eq(id)))
        .add_option(query.agreement_id.map(|id| Column::AgreementId.eq(id)))
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.service_line.as_ref().map(|line| in_service_line(line, Column::AgreementId)))
        .add_option(side.map(|side| match side {
            RateSide::Us => ours,
            RateSide::Supplier => ours.not(),
        }));
    Query::select().column(Column::Id).from(promise::Entity).cond_where(matching).to_owned()
}

/// Whether the promise is among those selected.
pub async fn is_one_of(db: &impl ConnectionTrait, id: PromiseId, promises: SelectStatement) -> Result<bool> {
    let found = promise::Entity::find_by_id(id).filter(promise::Column::Id.in_subquery(promises));
    Ok(found.count(db).await? > 0)
}

/// How many commitments of the promises are open now.
pub async fn open(db: &impl ConnectionTrait, promises: SelectStatement, query: &KeptRateQuery) -> Result<i64> {
    let open = Commitments::find()
        .filter(is_open())
        .filter(entity::Column::PromiseId.in_subquery(promises))
        .filter(Condition::all().add_option(query.person_id.map(|id| entity::Column::PersonId.eq(id))));
    Ok(i64::try_from(open.count(db).await?).unwrap_or(i64::MAX))
}
