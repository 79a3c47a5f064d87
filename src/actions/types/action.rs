//! Actions as they are read.

use super::{ActionJudgement, ActionTerms};
use crate::agreements::Side;
use crate::shared::id::{AccountId, ActionId, AgreementId, PersonId, SupplierId};
use crate::shared::page::Paging;
use crate::shared::stats::Rate;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActionStatus {
    /// One side or none has signed.
    Proposed,
    /// It was taken back before it was signed.
    Withdrawn,
    /// Both sides have signed.
    Accepted,
    /// Somebody works on it.
    InProgress,
    /// The side that had to do it says that it is done.
    ClaimedDone,
    /// It worked.
    VerifiedEffective,
    /// It did not work, or cannot be told from chance.
    NotEffective,
    /// Both sides have given it up.
    Abandoned,
}

/// A signature under an action.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionSignature {
    /// For which side.
    pub side: Side,
    /// Who signed.
    pub name: String,
    /// As what.
    pub title: Option<String>,
    /// The account of who signed; null for a signature on paper.
    pub account_id: Option<AccountId>,
    /// The main employee contact of the supplier who signed, or knows of it.
    pub person_id: Option<PersonId>,
    /// Whether it was signed on paper and recorded by staff.
    pub is_on_paper: bool,
    /// On which day.
    pub signed_on: NaiveDate,
}

/// One side's signature under giving an action up.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionAbandonment {
    /// Why.
    pub reason: String,
    #[oai(flatten)]
    #[serde(flatten)]
    pub signature: ActionSignature,
}

/// What was said when an action was done.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionClaim {
    /// What was done.
    pub note: String,
    /// The first day on which it shows.
    pub effective_from: NaiveDate,
    /// The account that said so.
    pub claimed_by: Option<AccountId>,
    /// When.
    pub claimed_at: Timestamp,
}

/// How it was decided whether an action worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EffectMethod {
    /// The z test of two proportions with their pooled standard error, one-sided at 95 %.
    TwoProportions,
    /// Somebody who did not have to do it judged.
    Judgement,
}

/// Whether an action worked, and how that was found out.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionEffect {
    /// Whether it worked.
    pub is_effective: bool,
    /// How that was decided.
    pub method: EffectMethod,
    /// The metric from the day on which it shows to the last whole day; null where nothing is counted.
    pub after: Option<Rate>,
    /// By how many standard errors the metric is better than the baseline: 1.645 and more is effective. Null where
    /// somebody judged, and where neither varies.
    pub z: Option<f64>,
    /// Whether the share after it reaches the target; null where there is no share.
    pub is_target_reached: Option<bool>,
    /// The judgement; null where numbers decided.
    pub judgement: Option<ActionJudgement>,
    /// Who verified it; suppliers always see null.
    pub verified_by: Option<AccountId>,
    /// When.
    pub verified_at: Timestamp,
}

/// An agreed improvement.
#[derive(Clone, Debug, Object, Serialize)]
pub struct Action {
    /// Never changes.
    pub id: ActionId,
    /// The agreement it is about.
    pub agreement_id: AgreementId,
    /// The supplier of that agreement.
    pub supplier_id: SupplierId,
    /// Where it stands; changed by the named transitions only.
    pub status: ActionStatus,
    /// Why it was withdrawn or abandoned; null otherwise.
    pub status_reason: Option<String>,
    /// The number of the proposal that stands.
    pub proposal: i64,
    /// Which side made it.
    pub proposed_by: Side,
    #[oai(flatten)]
    #[serde(flatten)]
    pub terms: ActionTerms,
    /// Whether the day on which it was to be done is over, in the organisation's zone, and nobody says that it is.
    pub is_overdue: bool,
    /// Who signed what stands: one for each side at most.
    pub signatures: Vec<ActionSignature>,
    /// The day on which both sides had signed; null before.
    pub accepted_on: Option<NaiveDate>,
    /// The metric before the action, frozen when both sides had signed; null before, and where nothing is counted.
    pub baseline: Option<Rate>,
    /// What was said when it was last done; null before.
    pub claim: Option<ActionClaim>,
    /// Whether what was last done worked; null before that is verified.
    pub effect: Option<ActionEffect>,
    /// Who wants to give it up: both sides when it is abandoned, one at most before.
    pub abandonments: Vec<ActionAbandonment>,
    /// The day on which it was withdrawn, abandoned or found effective; null before.
    pub ended_on: Option<NaiveDate>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was first proposed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which actions, newest first.
#[derive(Debug, Clone, Object)]
pub struct ActionQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Only those about this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only those with this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only these states; repeat for several.
    #[oai(default, validator(max_items = 8, unique_items))]
    pub status: Vec<ActionStatus>,
    /// Only those that this side has to do.
    pub side: Option<Side>,
    /// Only those for which this account answers.
    pub owner_id: Option<AccountId>,
    /// Only those that are overdue, or only others.
    pub is_overdue: Option<bool>,
}
