//! From what somebody said to a row.

use super::super::entity::{Column, Entity, Model};
use super::super::follow_ups::{Low, open_all};
use super::super::rules::{self, Said};
use super::super::tallies::Deltas;
use super::super::types::{Answer, FeedbackId, FeedbackStatus, NewFeedback};
use super::{Guards, Subject, get_feedback};
use crate::shared::auth::By;
use crate::shared::clock::Clock;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::zone;
use crate::suppliers::ExternalId;
use crate::surveys::{Asked, Channel, RespondentKind};
use chrono::{Datelike, NaiveDate, TimeDelta};
use jiff::tz::TimeZone;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// Who answered longer ago is not called any more.
const FOLLOWED_UP: TimeDelta = TimeDelta::days(30);

/// What somebody said, about what, and where it counts.
pub struct Draft<'a> {
    pub new: &'a NewFeedback,
    pub answers: Vec<Answer>,
    pub subject: Subject,
    pub asked: &'a Asked,
    pub zone: &'a TimeZone,
    pub slot: i64,
}

/// The row of something new that answers its survey. Whether it counts is judged later.
pub fn row(clock: &Clock, draft: Draft) -> Result<Model> {
    let Draft { new, answers, subject, asked, zone, slot } = draft;
    let has_text = new.comment.is_some() || new.compliment.is_some();
    rules::check(&asked.terms, Said { answers: &answers, importance: new.importance.as_ref(), has_text })?;
    let now = clock.now();
    let answered_at = new.answered_at.unwrap_or(now);
    let day = zone::day_of(zone, answered_at);
    if answered_at > now || day < NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() || day.year() > 9999 {
        return Err(Error::rule(Code::RuleViolated, "/answered_at", "It was answered between 1900 and now."));
    }
    let contact = new.contact.clone().unwrap_or_default();
    Ok(Model {
        id: FeedbackId::new(clock),
        survey_id: asked.survey_id,
        survey_version: asked.version,
        link_id: None,
        agreement_id: subject.agreement_id,
        supplier_id: subject.supplier_id,
        person_id: subject.person_id,
        job_ref: new.job_ref.clone(),
        customer_ref: new.customer_ref.clone(),
        respondent_kind: new.respondent_kind.unwrap_or(RespondentKind::ExternalCustomer),
        stage: new.stage,
        channel: new.channel.unwrap_or(Channel::Other),
        language: new.language.as_ref().map(|language| language.to_string()),
        is_unhappy: rules::is_unhappy(&asked.terms, &answers),
        answers: Stored(answers),
        importance: new.importance.map(Stored),
        comment: new.comment.clone(),
        is_comment_shared: new.is_comment_shared && has_text,
        compliment: new.compliment.clone(),
        complimented_id: subject.complimented_id.or(subject.person_id.filter(|_| new.compliment.is_some())),
        contact_name: contact.name,
        contact_email: contact.email,
        contact_phone: contact.phone,
        status: FeedbackStatus::Counted,
        quarantine_reason: None,
        is_hidden: false,
        erased_at: None,
        answered_at,
        day,
        slot,
        receipt: None,
        external_id: new.external_id.clone(),
        supersedes_id: None,
        superseded_by_id: None,
        import_id: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    })
}

/// Inserts one answer after judging whether it counts.
pub async fn insert(txn: &Txn, asked: &Asked, mut row: Model) -> Result<Model> {
    let mut guards = Guards::find(txn, &[&row]).await?;
    (row.status, row.quarantine_reason) = guards.judge(&row);
    Entity::insert(row.clone().into_active_model()).exec_without_returning(txn).await?;
    let mut deltas = Deltas::default();
    deltas.count(&asked.terms, &row, 1);
    deltas.write(txn).await?;
    Ok(row)
}

/// Somebody is to look after those answers that the survey calls low, unless they are old news or count nothing.
pub async fn open_follow_ups(txn: &Txn, clock: &Clock, rows: &[(&Model, &Asked)]) -> Result<()> {
    let since = clock.now().plus(-FOLLOWED_UP);
    let is_due = |row: &Model| row.status == FeedbackStatus::Counted && row.answered_at >= since;
    let low = rows.iter().filter_map(|(row, asked)| {
        let rule =
            asked.terms.follow_up.as_ref().filter(|_| is_due(row) && rules::is_low(&asked.terms, &row.answers))?;
        let (feedback_id, agreement_id, supplier_id) = (row.id, row.agreement_id, row.supplier_id);
        Some(Low { feedback_id, agreement_id, supplier_id, rule })
    });
    open_all(txn, clock, low.collect()).await
}

/// Refuses a key that another answer has, unless that one was superseded.
pub async fn refuse_known(db: &impl ConnectionTrait, by: &By, external_id: Option<&ExternalId>) -> Result<()> {
    let Some(external_id) = external_id else {
        return Ok(());
    };
    let known =
        Entity::find().filter(Column::ExternalId.eq(external_id.clone())).filter(Column::SupersededById.is_null());
    let Some(found) = known.one(db).await? else {
        return Ok(());
    };
    let refusal = Error::rule(Code::AlreadyExists, "/external_id", "Another answer has this key.");
    match get_feedback(db, by, found.id).await {
        Ok(seen) => Err(refusal.with("existing_id", seen.id.to_string())),
        Err(_) => Err(refusal),
    }
}
