//! Forgetting a customer: texts and identity go, what was counted stays.

use super::super::entity::{Column, Entity, Model};
use super::super::follow_ups::erase_of;
use super::super::types::{CustomerErased, CustomerErasure, Recorded};
use super::get_feedback;
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::{Code, Error, Result};
use crate::shared::history::{self, Author, Entry};
use crate::suppliers::ExternalId;
use crate::surveys::forget_customer;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// How many are read at once.
const AT_ONCE: u64 = 500;

/// Erases whoever answered under this pseudonym, or gave this answer, with everything that an import replaced under the
/// same key. What was written is gone from the rows; history never held it.
pub async fn erase(txn: &Txn, by: &By, whom: &CustomerErasure) -> Result<CustomerErased> {
    let (theirs, survey_links) = match (&whom.customer_ref, whom.feedback_id) {
        // Links first: whoever answers under one of them right now is waited for.
        (Some(customer), None) => (Column::CustomerRef.eq(customer), forget_customer(txn, customer).await?),
        (None, Some(id)) => (Column::Id.eq(get_feedback(txn, by, id).await.map_err(unknown)?.id), 0),
        _ => return Err(Error::rule(Code::RuleViolated, "/customer_ref", "Name the customer, or the answer.")),
    };
    let survey_links = i64::try_from(survey_links).unwrap_or(i64::MAX);
    let keys = Entity::find().select_only().column(Column::ExternalId).filter(theirs.clone());
    let keys = keys.filter(Column::ExternalId.is_not_null()).into_tuple::<ExternalId>().all(txn).await?;
    let theirs = Condition::any().add(theirs).add(Column::ExternalId.is_in(keys));
    let (mut feedback, mut ids) = (0, Vec::new());
    loop {
        let rows = Entity::find()
            .filter(theirs.clone())
            .filter(Column::ErasedAt.is_null())
            .order_by_asc(Column::Id)
            .limit(AT_ONCE)
            .lock_exclusive()
            .all(txn)
            .await?;
        if rows.is_empty() {
            let follow_ups = erase_of(txn, &by.clock, ids).await?;
            history::forget(txn, "follow_up", follow_ups).await?;
            return Ok(CustomerErased { feedback, survey_links });
        }
        let mut entries = Vec::new();
        for before in rows {
            let after = forgotten(by, before.clone());
            let entry = Entry::new("feedback.erase", before.id.0).about(before.supplier_id);
            entries.push(entry.between(Some(&Recorded::from(&before)), Some(&Recorded::from(&after))));
            Entity::update(after.into_active_model().reset_all()).exec_without_returning(txn).await?;
            feedback += 1;
            ids.push(before.id);
        }
        history::record_all(txn, &by.clock, Author::caller(&by.caller, &by.request_id), entries).await?;
    }
}

fn unknown(_: Error) -> Error {
    Error::rule(Code::InvalidReference, "/feedback_id", "There is no such answer.")
}

fn forgotten(by: &By, row: Model) -> Model {
    let now = by.clock.now();
    let mut answers = row.answers.0;
    // What was answered with words is answered no more; it never counted.
    answers.retain_mut(|answer| answer.text.take().is_none());
    Model {
        answers: Stored(answers),
        customer_ref: None,
        comment: None,
        is_comment_shared: false,
        compliment: None,
        contact_name: None,
        contact_email: None,
        contact_phone: None,
        erased_at: Some(now),
        revision: row.revision + 1,
        updated_at: now,
        ..row
    }
}
