//! What is said when an action moves on.

use crate::agreements::PaperSignature;
use crate::shared::id::PersonId;
use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// A signature under an action: your own, or one on paper that staff records.
#[derive(Clone, Debug, Object)]
pub struct NewActionSignature {
    /// As what you sign: `Managing director`. Not together with `on_paper` (422).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// The main employee contact of the side that signs who signs, or who knows of it (422 for anybody else): of the
    /// supplier for the supplier, of an internal unit for us.
    pub person_id: Option<PersonId>,
    /// A signature on paper. Only staff records one, for either side (403 for others).
    pub on_paper: Option<PaperSignature>,
}

/// One side does not want an action any more: in one's own name, or on paper.
#[derive(Clone, Debug, Object)]
pub struct NewAbandonment {
    /// Why.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: String,
    /// As what you sign. Not together with `on_paper` (422).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// A signature on paper. Only staff records one, for either side (403 for others).
    pub on_paper: Option<PaperSignature>,
}

/// The side that had to do it says that it is done.
#[derive(Clone, Debug, Object)]
pub struct NewClaim {
    /// What was done.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub note: String,
    /// The first day on which it shows; between the day on which the action was signed and today (422).
    pub effective_from: NaiveDate,
}

/// What somebody judges where numbers do not decide.
#[derive(Clone, Debug, PartialEq, Object, Serialize, Deserialize)]
pub struct ActionJudgement {
    /// Whether it worked.
    pub effective: bool,
    /// What shows that.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub text: String,
}

/// How it is verified whether an action worked.
#[derive(Clone, Debug, Object)]
pub struct ActionVerification {
    /// A written judgement: needed where numbers do not decide, refused where they do (422).
    pub judgement: Option<ActionJudgement>,
}
