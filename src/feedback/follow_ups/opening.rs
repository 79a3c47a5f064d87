//! Follow-ups come and go with their answers: what the rest of the room calls. A handful of statements, however many
//! answers there are.

use super::types::{FollowUp, FollowUpId};
use crate::agreements::owners_of;
use crate::calendars::{WorkingTime, find_default, working_times};
use crate::feedback::entity::follow_up::{ActiveModel, Column, Entity, Model};
use crate::feedback::types::FollowUpStatus;
use crate::organization::time_zone;
use crate::shared::clock::Clock;
use crate::shared::db::{Txn, insert_all};
use crate::shared::duration::Duration;
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::shared::id::{AccountId, AgreementId, CalendarId, FeedbackId, SupplierId};
use crate::shared::notify::{self, New, TaskKind};
use crate::shared::time::Timestamp;
use crate::surveys::FollowUpRule;
use jiff::tz::TimeZone;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Answers of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 1000;

/// What mails say. It names nobody.
pub const TITLE: &str = "Contact an unhappy customer";

/// A low answer.
#[derive(Clone, Debug)]
pub struct Low<'a> {
    pub feedback_id: FeedbackId,
    pub agreement_id: Option<AgreementId>,
    pub supplier_id: SupplierId,
    /// That of the version of the survey that was answered.
    pub rule: &'a FollowUpRule,
}

/// Opens the follow-up of a low answer, due from the owner of its agreement.
pub async fn open(txn: &Txn, clock: &Clock, low: Low<'_>) -> Result<()> {
    open_all(txn, clock, vec![low]).await
}

/// The same for many answers. Those that have a follow-up keep it.
pub async fn open_all(txn: &Txn, clock: &Clock, mut lows: Vec<Low<'_>>) -> Result<()> {
    if lows.is_empty() {
        return Ok(());
    }
    let known = known(txn, lows.iter().map(|low| low.feedback_id).collect()).await?;
    lows.retain(|low| !known.contains(&low.feedback_id));
    let clocks = Clocks::of(txn, clock, lows.iter().map(|low| low.rule.calendar_id).collect()).await?;
    let agreements: HashSet<_> = lows.iter().filter_map(|low| low.agreement_id).collect();
    let owners = owners_of(txn, agreements.into_iter().collect()).await?;
    let (mut rows, mut entries, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
    for low in &lows {
        let owner_id = low.agreement_id.and_then(|id| owners.get(&id).copied());
        let (remind_at, due_at) = clocks.within(low.rule);
        let row = row(clock, low, owner_id, due_at);
        let entry = Entry::new("follow_up.open", row.id).about(row.supplier_id);
        entries.push(entry.between(None, Some(&FollowUp::of(row.clone(), clock.now()))));
        tasks.extend(owner_id.map(|owner| task(&row, owner, Some(remind_at))));
        rows.push(row.into_active_model());
    }
    insert_all::<ActiveModel>(txn, rows).await?;
    notify::require_all(txn, clock, tasks).await?;
    history::record_all(txn, clock, Author::program(), entries).await
}

/// Some answers count no more. What nobody has taken on falls away with them.
pub async fn drop_of(txn: &Txn, clock: &Clock, answers: Vec<FeedbackId>) -> Result<()> {
    for answers in answers.chunks(AT_ONCE) {
        let waiting = Entity::find()
            .filter(Column::FeedbackId.is_in(answers.iter().copied()))
            .filter(Column::Status.eq(FollowUpStatus::Required))
            .lock_exclusive()
            .all(txn)
            .await?;
        let ids: Vec<_> = waiting.iter().map(|row| row.id).collect();
        Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied())).exec(txn).await?;
        notify::forget(txn, TaskKind::FollowUp, ids).await?;
        let gone = |row: Model| Entry::new("follow_up.drop", row.id).about(row.supplier_id);
        history::record_all(txn, clock, Author::program(), waiting.into_iter().map(gone).collect()).await?;
    }
    Ok(())
}

/// Removes what was said about some answers; the ids of their follow-ups, whose history is to forget it as well.
pub async fn erase_of(txn: &Txn, clock: &Clock, answers: Vec<FeedbackId>) -> Result<Vec<Uuid>> {
    use sea_orm::sea_query::ExprTrait;
    let mut erased = Vec::new();
    for answers in answers.chunks(AT_ONCE) {
        let theirs = Column::FeedbackId.is_in(answers.iter().copied());
        Entity::update_many()
            .col_expr(Column::Note, Expr::value(None::<String>))
            .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(clock.now()))
            .filter(theirs.clone())
            .filter(Column::Note.is_not_null())
            .exec(txn)
            .await?;
        let ids = Entity::find().filter(theirs).select_only().column(Column::Id);
        erased.extend(ids.into_tuple::<Uuid>().all(txn).await?);
    }
    Ok(erased)
}

async fn known(txn: &Txn, answers: Vec<FeedbackId>) -> Result<HashSet<FeedbackId>> {
    let mut known = HashSet::new();
    for answers in answers.chunks(AT_ONCE) {
        let theirs = Entity::find().filter(Column::FeedbackId.is_in(answers.iter().copied()));
        let found = theirs.select_only().column(Column::FeedbackId).into_tuple::<FeedbackId>().all(txn);
        known.extend(found.await?);
    }
    Ok(known)
}

fn row(clock: &Clock, low: &Low<'_>, owner_id: Option<AccountId>, due_at: Timestamp) -> Model {
    let now = clock.now();
    Model {
        id: FollowUpId::new(clock).0,
        feedback_id: low.feedback_id,
        agreement_id: low.agreement_id,
        supplier_id: low.supplier_id,
        status: FollowUpStatus::Required,
        owner_id,
        due_at,
        contacted_at: None,
        ended_at: None,
        note: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

/// What is due from its owner.
pub fn task(row: &Model, owner: AccountId, remind_at: Option<Timestamp>) -> New {
    New {
        account_id: owner,
        kind: TaskKind::FollowUp,
        resource_id: row.id,
        supplier_id: Some(row.supplier_id),
        title: TITLE,
        due_at: row.due_at,
        remind_at,
    }
}

/// The working time of the calendars that rules name.
struct Clocks {
    now: Timestamp,
    home: TimeZone,
    default: Option<CalendarId>,
    times: HashMap<Option<CalendarId>, WorkingTime>,
}

impl Clocks {
    async fn of(txn: &Txn, clock: &Clock, named: HashSet<Option<CalendarId>>) -> Result<Self> {
        let (home, default) = (time_zone(txn).await?, find_default(txn).await?);
        let wanted = named.into_iter().chain([default]).collect();
        let times = working_times(txn, &home, wanted).await?;
        Ok(Self { now: clock.now(), home, default, times })
    }

    /// When half of the time of a rule is over, and all of it. A calendar without working time loses no answer:
    /// time runs around the clock then.
    fn within(&self, rule: &FollowUpRule) -> (Timestamp, Timestamp) {
        let add = |working: &WorkingTime| -> Result<_> {
            let half = working.add(self.now, Duration::of_seconds(rule.within.seconds() / 2))?;
            Ok((half, working.add(self.now, rule.within)?))
        };
        let named = self.times.get(&rule.calendar_id.or(self.default));
        let found = named.map(add).and_then(Result::ok);
        let always = || add(&WorkingTime::around_the_clock(self.home.clone())).ok();
        found.or_else(always).unwrap_or((self.now, self.now))
    }
}
