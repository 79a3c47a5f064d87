//! Tallies follow facts: what a change adds to them and takes from them is gathered and written in the order of
//! their keys, so that two changes wait for each other and never in a circle.

use super::entity::{Model, tally};
use super::rules::{Added, counted};
use super::types::FeedbackStatus;
use crate::shared::db::Txn;
use crate::shared::error::Result;
use crate::shared::id::SurveyId;
use crate::shared::tally::added;
use crate::surveys::{RespondentKind, Stage, SurveyTerms};
use chrono::{Datelike, NaiveDate};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows of one statement: SQLite takes 32,766 values.
const AT_ONCE: usize = 500;

/// What a tally is about, in the order of its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub subject: Uuid,
    pub is_month: bool,
    pub day: NaiveDate,
    pub item: String,
    pub survey: SurveyId,
    pub stage: i64,
    pub is_internal: bool,
    pub base: Uuid,
    pub slot: i64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deltas(pub BTreeMap<Key, Added>);

/// How a stage stands in the key.
pub fn stage(stage: Option<Stage>) -> i64 {
    match stage {
        None => 0,
        Some(Stage::PreTransaction) => 1,
        Some(Stage::Transaction) => 2,
        Some(Stage::PostTransaction) => 3,
    }
}

/// The first day of the month.
pub fn month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

impl Deltas {
    /// Adds or takes what an answer counts; quarantined and superseded ones count nothing.
    pub fn count(&mut self, terms: &SurveyTerms, fact: &Model, sign: i64) {
        if fact.superseded_by_id.is_some() || fact.status != FeedbackStatus::Counted {
            return;
        }
        let base = fact.agreement_id.map_or(fact.supplier_id.0, |agreement| agreement.0);
        let subjects = [Some(base), fact.person_id.map(|person| person.0)];
        let importance = fact.importance.as_deref();
        for (item, added) in counted(terms, &fact.answers, importance) {
            for subject in subjects.into_iter().flatten() {
                for (is_month, day) in [(false, fact.day), (true, month(fact.day))] {
                    let key = Key {
                        subject,
                        is_month,
                        day,
                        item: item.clone(),
                        survey: fact.survey_id,
                        stage: stage(fact.stage),
                        is_internal: fact.respondent_kind == RespondentKind::InternalCustomer,
                        base,
                        slot: fact.slot,
                    };
                    *self.0.entry(key).or_default() += added.times(sign);
                }
            }
        }
    }

    pub async fn write(mut self, txn: &Txn) -> Result<()> {
        self.0.retain(|_, added| *added != Added::default());
        let rows: Vec<_> = self.0.into_iter().map(row).collect();
        for rows in rows.chunks(AT_ONCE) {
            let insert = tally::Entity::insert_many(rows.to_vec());
            insert.on_conflict(added::<tally::Entity>(&tally::COUNTED)).exec_without_returning(txn).await?;
        }
        Ok(())
    }
}

fn row((key, added): (Key, Added)) -> tally::ActiveModel {
    let [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10] = added.counts.map(Set);
    tally::ActiveModel {
        subject_id: Set(key.subject),
        is_month: Set(key.is_month),
        day: Set(key.day),
        item: Set(key.item),
        survey_id: Set(key.survey),
        stage: Set(key.stage),
        is_internal: Set(key.is_internal),
        base_id: Set(key.base),
        slot: Set(key.slot),
        n: Set(added.n),
        total: Set(added.total),
        squares: Set(added.squares),
        expected: Set(added.expected),
        lived: Set(added.lived),
        c0,
        c1,
        c2,
        c3,
        c4,
        c5,
        c6,
        c7,
        c8,
        c9,
        c10,
    }
}

impl tally::Model {
    /// What it is about, and what was counted.
    pub fn counted(self) -> (Key, Added) {
        let counts =
            [self.c0, self.c1, self.c2, self.c3, self.c4, self.c5, self.c6, self.c7, self.c8, self.c9, self.c10];
        let key = Key {
            subject: self.subject_id,
            is_month: self.is_month,
            day: self.day,
            item: self.item,
            survey: self.survey_id,
            stage: self.stage,
            is_internal: self.is_internal,
            base: self.base_id,
            slot: self.slot,
        };
        let (n, total, squares, expected, lived) = (self.n, self.total, self.squares, self.expected, self.lived);
        (key, Added { n, total, squares, expected, lived, counts })
    }
}
