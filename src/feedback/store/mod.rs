//! The queries of feedback. Reads start from what the caller sees; every write moves the tallies.

mod erasing;
mod guarding;
mod list;
mod recording;
mod subjects;

pub use erasing::erase;
pub use guarding::{Guards, contact};
pub use list::list_feedback;
pub use recording::{Draft, insert, open_follow_ups, refuse_known, row};
pub use subjects::{Named, Subject, Subjects};

use super::entity::{Column, Entity, Model};
use super::tallies::Deltas;
use super::types::{Feedback, FeedbackId};
use crate::agreements::seen_by;
use crate::shared::auth::{By, Scope};
use crate::shared::db::{Db, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::SurveyId;
use crate::shared::permission::Role;
use crate::surveys::{Asked, SurveyStatus, SurveyTerms, asked_hot, asked_then};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use std::sync::Arc;

impl Entity {
    /// Where suppliers, too, begin to read: what is about them, under whichever agreement.
    pub fn told(by: &By) -> sea_orm::Select<Entity> {
        match by.scope {
            Scope::Supplier(own) => Entity::find().filter(Column::SupplierId.eq(own)),
            Scope::Everything => Self::visible(by),
        }
    }

    /// Where every read of feedback starts. What is about no agreement is nobody's whom agreements are assigned to.
    pub fn visible(by: &By) -> sea_orm::Select<Entity> {
        Entity::find().filter(by.scope.on(Column::SupplierId)).filter(seen_by(by, Column::AgreementId))
    }
}

/// An answer as the caller reads it: what was hidden is read by owners only.
pub fn shown(by: &By, row: Model) -> Feedback {
    let is_open = !row.is_hidden || by.caller.is(Role::Owner);
    let contact = contact(&row);
    let mut answers = row.answers.0;
    if !is_open {
        answers.iter_mut().for_each(|answer| answer.text = None);
    }
    Feedback {
        id: row.id,
        survey_id: row.survey_id,
        survey_version: row.survey_version,
        link_id: row.link_id,
        agreement_id: row.agreement_id,
        supplier_id: row.supplier_id,
        person_id: row.person_id,
        job_ref: row.job_ref,
        customer_ref: row.customer_ref,
        respondent_kind: row.respondent_kind,
        stage: row.stage,
        channel: row.channel,
        language: row.language,
        answers: answers.into_iter().map(Into::into).collect(),
        importance: row.importance.map(|importance| importance.0),
        comment: row.comment.filter(|_| is_open),
        is_comment_shared: row.is_comment_shared,
        compliment: row.compliment.filter(|_| is_open),
        complimented_id: row.complimented_id,
        contact,
        is_unhappy: row.is_unhappy,
        status: row.status,
        quarantine_reason: row.quarantine_reason,
        is_hidden: row.is_hidden,
        erased_at: row.erased_at,
        answered_at: row.answered_at,
        day: row.day,
        receipt: row.receipt,
        external_id: row.external_id,
        supersedes_id: row.supersedes_id,
        superseded_by_id: row.superseded_by_id,
        import_id: row.import_id,
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

pub async fn get_feedback(db: &impl ConnectionTrait, by: &By, id: FeedbackId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

/// Reads an answer to change it: nobody else can until the transaction ends.
pub async fn lock_feedback(txn: &Txn, by: &By, id: FeedbackId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await?.ok_or_else(Error::not_found)
}

/// A survey that can be answered now.
pub async fn open_survey(db: &Db, id: SurveyId) -> Result<Asked> {
    may_be_answered(asked_hot(db, id).await?.as_ref()).cloned()
}

/// Refuses a survey that cannot be answered now.
pub fn may_be_answered(asked: Option<&Asked>) -> Result<&Asked> {
    let none = || Error::rule(Code::InvalidReference, "/survey_id", "There is no such published survey.");
    let asked = asked.ok_or_else(none)?;
    match asked.status {
        SurveyStatus::Retired => {
            let refusal = Error::new(Code::InvalidState, "The survey is retired: it takes no new answers.");
            Err(refusal.with("current_status", "retired").with("allowed", Vec::<&str>::new()))
        }
        SurveyStatus::Draft | SurveyStatus::Published => Ok(asked),
    }
}

/// What the version asked that an answer was given to.
pub async fn terms_of(db: &impl ConnectionTrait, row: &Model) -> Result<Arc<SurveyTerms>> {
    let key = (row.survey_id, row.survey_version);
    asked_then(db, vec![key]).await?.remove(&key).ok_or_else(Error::not_found)
}

/// Writes what became of an answer.
pub async fn update_feedback(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: by.clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    if before.status != after.status {
        let terms = terms_of(txn, before).await?;
        let mut deltas = Deltas::default();
        deltas.count(&terms, before, -1);
        deltas.count(&terms, &after, 1);
        deltas.write(txn).await?;
    }
    Ok(after)
}
