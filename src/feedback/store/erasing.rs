//! Forgetting a customer: texts and identity go, what was counted stays.

use super::super::entity::{Column, Entity, Model};
use super::super::follow_ups::erase_of;
use super::super::types::{CustomerErased, Recorded};
use crate::shared::auth::By;
use crate::shared::db::{Stored, Txn};
use crate::shared::error::Result;
use crate::shared::history::{self, Author, Entry};
use crate::surveys::forget_customer;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

/// How many are read at once.
const AT_ONCE: u64 = 500;

/// Erases whoever answered under this pseudonym. What was written is gone from the rows; history never held it.
pub async fn erase(txn: &Txn, by: &By, customer_ref: &str) -> Result<CustomerErased> {
    // Links first: whoever answers under one of them right now is waited for.
    let survey_links = forget_customer(txn, customer_ref).await?;
    let survey_links = i64::try_from(survey_links).unwrap_or(i64::MAX);
    let (mut feedback, mut ids) = (0, Vec::new());
    loop {
        let rows = Entity::find()
            .filter(Column::CustomerRef.eq(customer_ref))
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
