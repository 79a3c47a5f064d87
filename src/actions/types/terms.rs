//! What an action is about: as it is proposed, changed and kept.

use crate::agreements::Side;
use crate::shared::change::{Change, NullableChange};
use crate::shared::id::{AccountId, ActionId, AgreementId, PersonId, PromiseId};
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// What shows whether an action worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ActionMetricKind {
    /// How often one promise is kept: the more the better.
    KeptRate,
    /// The share of satisfied customers (4 and 5 of five) under the agreement: the more the better.
    Csat,
    /// Nothing is counted: somebody judges.
    Judgement,
}

/// By what an action is measured, before and after.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionMetric {
    /// What is counted.
    pub kind: ActionMetricKind,
    /// The promise of the agreement whose kept rate it is; for `kept_rate`, and only there (422).
    pub promise_id: Option<PromiseId>,
    /// The share to be reached (0-1); needed for what is counted, and only there (422).
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    pub target: Option<f64>,
    /// How many days before the last signature show how it was before; for what is counted, and only there (422). Left
    /// out, it is 90. Satisfaction is counted in the whole months within these days.
    #[oai(validator(minimum(value = "1"), maximum(value = "730")))]
    pub baseline_days: Option<i64>,
}

/// What is agreed on.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionTerms {
    /// In a few words.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: String,
    /// What is to be done.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub description: String,
    /// Which side has to do it.
    pub side: Side,
    /// Who of the staff answers for it, when it is ours (422 otherwise). Left out, it is the owner of the agreement.
    pub owner_id: Option<AccountId>,
    /// Which person of the supplier answers for it; needed when it is the supplier's, and only then (422).
    pub person_id: Option<PersonId>,
    /// The last day on which it is to be done; not in the past (422).
    pub due_on: NaiveDate,
    /// What shows whether it worked.
    pub metric: ActionMetric,
}

/// An action to be proposed.
#[derive(Clone, Debug, Object)]
pub struct NewAction {
    /// The agreement it is about; one that is in force (422).
    pub agreement_id: AgreementId,
    #[oai(flatten)]
    pub terms: ActionTerms,
    /// What the other side should know about it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// The whole terms as the other side wants them.
#[derive(Clone, Debug, Object)]
pub struct CounterAction {
    #[oai(flatten)]
    pub terms: ActionTerms,
    /// What the other side should know about it.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub note: Option<String>,
}

/// A change of one's own proposal (JSON Merge Patch).
#[derive(Clone, Debug, Default, Object)]
pub struct ActionChange {
    /// In a few words.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Change<String>,
    /// What is to be done.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub description: Change<String>,
    /// Which side has to do it.
    pub side: Change<Side>,
    /// Who of the staff answers for it.
    pub owner_id: NullableChange<AccountId>,
    /// Which person of the supplier answers for it.
    pub person_id: NullableChange<PersonId>,
    /// The last day on which it is to be done.
    pub due_on: Change<NaiveDate>,
    /// What shows whether it worked; replaces the whole.
    pub metric: Change<ActionMetric>,
}

/// What was proposed at some time. It never changes.
#[derive(Clone, Debug, Object, Serialize)]
pub struct ActionProposal {
    /// The action.
    pub action_id: ActionId,
    /// Its number: 1, 2, 3, ...
    pub number: i64,
    /// Which side proposed it.
    pub proposed_by: Side,
    #[oai(flatten)]
    #[serde(flatten)]
    pub terms: ActionTerms,
    /// What was said to it.
    pub note: Option<String>,
    /// When it was proposed.
    pub created_at: Timestamp,
}
