//! Publishing: what goes through the gate, and from when to when a version is published.
//!
//! Every version is published for one span of time at most, and stays as it was then. That is why a paused
//! promise goes on in a new version with the same numbers.

use super::capability::{self, Capability, Question};
use super::entity::{self, version};
use super::rules::{self, Verb};
use super::store;
use super::types::{Approval, NewPromiseVersion};
use crate::agreements::get_agreement;
use crate::shared::auth::By;
use crate::shared::days::{self, WindowQuery};
use crate::shared::db::Txn;
use crate::shared::error::Result;
use chrono::{NaiveDate, TimeDelta};
use sea_orm::ActiveValue::Set;

/// A promise under lock, and who wants what of it today.
pub struct Publishing<'a> {
    pub by: &'a By,
    pub locked: &'a store::Locked,
    pub today: NaiveDate,
}

impl Publishing<'_> {
    /// Holds a version against the history, and keeps what was found.
    pub async fn check(&self, txn: &Txn, version: &version::Model) -> Result<Capability> {
        let window = days::window(&WindowQuery::default(), self.today)?;
        let now = self.by.clock.now();
        let question = Question::about(version, window, self.today);
        let found = capability::assess(txn, &question, &self.locked.versions, now).await?;
        capability::insert_check(txn, self.by, version, &found).await?;
        Ok(found)
    }

    /// The version as it is published, if the gate lets it through.
    async fn admitted(&self, txn: &Txn, mut version: version::Model, why: Option<&Approval>) -> Result<version::Model> {
        let agreement = get_agreement(txn, self.by, self.locked.row.agreement_id).await?;
        rules::may_promise(agreement.status, self.locked.supplier.status)?;
        let promised = store::measure_of(&version);
        rules::may_publish(self.locked.row.direction, self.locked.clause.as_ref(), &promised)?;
        let found = self.check(txn, &version).await?;
        capability::admit(&found, why, self.today)?;
        version.published_at = Some(self.by.clock.now().max(version.effective_from));
        if let Some(approval) = why.filter(|_| found.verdict != super::types::Verdict::Demonstrated) {
            version.approved_by = self.by.account();
            version.approval_reason = Some(approval.reason.clone());
            version.recheck_on = Some(approval.recheck_on);
        }
        Ok(version)
    }

    /// A checked promise is published: its newest version is.
    pub async fn publish(&self, txn: &Txn, why: Option<&Approval>) -> Result<()> {
        let status = Verb::Publish.apply(self.locked.row.status)?;
        let latest = self.locked.latest()?.clone();
        let admitted = self.admitted(txn, latest, why).await?;
        store::update_version(txn, admitted).await?;
        store::update_status(txn, self.by, &self.locked.row, status).await
    }

    /// A paused promise goes on as it was, if the gate still lets it through.
    pub async fn resume(&self, txn: &Txn, why: Option<&Approval>) -> Result<()> {
        let status = Verb::Resume.apply(self.locked.row.status)?;
        let (latest, now) = (self.locked.latest()?.clone(), self.by.clock.now());
        rules::may_resume(latest.number, latest.effective_from, now)?;
        let next = version::Model {
            number: latest.number + 1,
            effective_from: now.max(latest.effective_from.plus(TimeDelta::milliseconds(1))),
            published_at: None,
            unpublished_at: None,
            approved_by: None,
            approval_reason: None,
            recheck_on: None,
            created_at: now,
            ..latest
        };
        let next = self.admitted(txn, next, why).await?;
        store::insert_version(txn, &next).await?;
        let row = entity::ActiveModel { status: Set(status), version: Set(next.number), ..Default::default() };
        store::save(txn, self.by, &self.locked.row, row).await
    }
}

/// Gives a promise a new version; a published one takes the place of the version before.
pub async fn revise(txn: &Txn, of: &Publishing<'_>, new: &NewPromiseVersion) -> Result<()> {
    let (by, row) = (of.by, &of.locked.row);
    let status = Verb::Revise.apply(row.status)?;
    let agreement = get_agreement(txn, by, row.agreement_id).await?;
    rules::may_promise(agreement.status, of.locked.supplier.status)?;
    let (latest, now) = (of.locked.latest()?, by.clock.now());
    let from = rules::effective_from(new.terms.effective_from, latest.effective_from, now)?;
    let (measure, _) = store::measured(txn, by, (row.agreement_id, row.expectation_id), &new.terms).await?;
    let wording = new.wording.clone().unwrap_or_else(|| latest.wording.clone());
    let calendar = store::calendar(txn, &agreement, &new.terms).await?;
    let mut next = store::version((row.id, latest.number + 1), wording, (measure, calendar), &new.terms, from, now);
    if status == super::types::PromiseStatus::Published {
        next = of.admitted(txn, next, new.approval.as_ref()).await?;
        store::unpublish(txn, row.id, from).await?;
    }
    store::insert_version(txn, &next).await?;
    let change = entity::ActiveModel { status: Set(status), version: Set(next.number), ..Default::default() };
    store::save(txn, by, row, change).await
}
