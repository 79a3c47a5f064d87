//! What suppliers read of whole months. A late answer, a correction or a quarantine would show as a difference of one
//! from yesterday, and so tell what a single customer said: a month is published when it is over, and again
//! only when at least five answers more or fewer are counted.

use super::entity::{month, tally};
use super::rules::MOST_HIDDEN;
use crate::organization::today;
use crate::shared::app::App;
use crate::shared::db::{Txn, sum};
use crate::shared::error::Result;
use crate::shared::jobs::Job;
use chrono::{Datelike, TimeDelta};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, IdenStatic, Iterable};
use serde_json::{Value, json};

pub const KIND: &str = "feedback.publish_months";
pub const EVERY: TimeDelta = TimeDelta::hours(6);

pub fn run(app: App, job: Job) -> BoxFuture<'static, Result<Value>> {
    async move {
        let input = (app.clone(), job);
        let published = app.db.write(input, |txn, (app, job)| Box::pin(publish(txn, app, job))).await?;
        Ok(json!({"published": published}))
    }
    .boxed()
}

async fn publish(txn: &Txn, app: &App, job: &Job) -> Result<u64> {
    use tally::Column::{BaseId, Day, IsMonth, Item, N, SubjectId, SurveyId};
    job.still_mine(txn, &app.clock).await?;
    let today = today(txn, &app.clock).await?;
    let mut counted = Query::select();
    counted.columns([BaseId, Day, SurveyId, Item]).expr(Expr::value(app.clock.now())).from(tally::Entity);
    for column in tally::COUNTED {
        counted.expr(sum(column));
    }
    counted
        .and_where(Expr::col(IsMonth))
        .and_where(Day.lt(today.with_day(1).unwrap_or(today)))
        .and_where(Expr::col(SubjectId).equals(BaseId))
        .group_by_columns([BaseId, Day, SurveyId, Item])
        .and_having(sum(N).gt(MOST_HIDDEN));
    let is_key = |column: &month::Column| {
        use month::Column::{BaseId, Day, Item, SurveyId};
        matches!(column, BaseId | Day | SurveyId | Item)
    };
    let (key, rest): (Vec<_>, Vec<_>) = month::Column::iter().partition(is_key);
    let published = Expr::col((month::Entity, month::Column::N));
    let more = Expr::col((Alias::new("excluded"), Alias::new(month::Column::N.as_str()))).sub(published);
    let mut insert = Query::insert();
    insert
        .into_table(month::Entity)
        .columns(key.iter().chain(&rest).copied())
        .on_conflict(
            OnConflict::columns(key)
                .update_columns(rest)
                .action_and_where(Expr::expr(Func::cust("abs").arg(more)).gt(MOST_HIDDEN))
                .to_owned(),
        )
        .select_from(counted)
        .map_err(|error| sea_orm::DbErr::Custom(error.to_string()))?;
    Ok(txn.execute(&insert).await?.rows_affected())
}
