//! The shapes of links.

use crate::shared::id::{AgreementId, PersonId, SupplierId, SurveyId, SurveyLinkId};
use crate::shared::page::Paging;
use crate::shared::text::Language;
use crate::shared::time::Timestamp;
use crate::surveys::types::{Channel, RespondentKind, Stage};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use uuid::Uuid;

/// Whether somebody can answer under a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SurveyLinkStatus {
    /// It works, unless the survey is retired.
    Open,
    /// As many have answered as may.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was taken back, for good.
    Revoked,
}

/// A link, without its token.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct SurveyLink {
    /// Never changes.
    pub id: SurveyLinkId,
    /// What is answered.
    pub survey_id: SurveyId,
    /// The agreement that answers are about.
    pub agreement_id: Option<AgreementId>,
    /// The supplier that answers are about.
    pub supplier_id: SupplierId,
    /// The person that answers are about.
    pub person_id: Option<PersonId>,
    /// The job, order or visit.
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym; null after erasure, and when several may answer.
    pub customer_ref: Option<String>,
    /// Whose customer answers.
    pub respondent_kind: RespondentKind,
    /// Where in the relationship with the customer.
    pub stage: Option<Stage>,
    /// How the link reaches the customer.
    pub channel: Channel,
    /// The language in which the form opens; null: that of the reader.
    pub language: Option<Language>,
    /// How many may answer.
    pub max_uses: i64,
    /// How many have answered.
    pub uses: i64,
    /// Whether somebody can answer now.
    pub status: SurveyLinkStatus,
    /// From when on nobody can answer.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The account or API key that made it.
    pub created_by: Option<Uuid>,
    /// Counts edits; the ETag.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed or used.
    pub updated_at: Timestamp,
}

/// A link with its token, which is shown only here.
#[derive(Clone, Debug, Object, Serialize)]
pub struct IssuedSurveyLink {
    #[oai(flatten)]
    #[serde(flatten)]
    pub link: SurveyLink,
    /// For a form of your own: send it as `Authorization: Bearer <token>` to `/v1/public/survey` and
    /// `/v1/public/feedback`. Null when the answer is repeated for an `Idempotency-Key`: it is shown once.
    pub token: Option<String>,
    /// The form for the customer. The token stands behind `#`, which browsers never send. Null as the token.
    pub url: Option<String>,
}

/// A link to be made, about an agreement, a supplier or a person.
#[derive(Clone, Debug, Object)]
pub struct NewSurveyLink {
    /// What is answered: a published survey (409 `invalid_state`).
    pub survey_id: SurveyId,
    /// The agreement that answers are about; one that was in force once (422). Never together with `supplier_id`.
    pub agreement_id: Option<AgreementId>,
    /// The supplier that answers are about, apart from any agreement.
    pub supplier_id: Option<SupplierId>,
    /// The person that answers are about: of the agreement's supplier, of the supplier, or of any when neither is named.
    pub person_id: Option<PersonId>,
    /// The job, order or visit.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym; only where one may answer (422).
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Whose customer answers; left out: `external_customer`.
    pub respondent_kind: Option<RespondentKind>,
    /// Where in the relationship with the customer.
    pub stage: Option<Stage>,
    /// How the link reaches the customer; left out: `web`.
    pub channel: Option<Channel>,
    /// The language in which the form opens, one of the survey's (422); left out: that of the reader.
    pub language: Option<Language>,
    /// How many may answer. With more than one, each customer names itself.
    #[oai(default = "one", validator(minimum(value = "1"), maximum(value = "10000")))]
    pub max_uses: i64,
    /// From when on nobody can answer: within a year (422); left out: 30 days from now.
    pub expires_at: Option<Timestamp>,
}

fn one() -> i64 {
    1
}

/// Which links, the newest first.
#[derive(Debug, Clone, Object)]
pub struct SurveyLinkQuery {
    #[oai(flatten)]
    pub paging: Paging,
    /// Of this survey.
    pub survey_id: Option<SurveyId>,
    /// About this agreement.
    pub agreement_id: Option<AgreementId>,
    /// About this supplier, with or without an agreement.
    pub supplier_id: Option<SupplierId>,
    /// About this person.
    pub person_id: Option<PersonId>,
    /// For this job.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// For this customer.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Whether somebody can answer now; repeat for any of them.
    #[oai(default, validator(max_items = 4, unique_items))]
    pub status: Vec<SurveyLinkStatus>,
}
