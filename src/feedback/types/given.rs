//! What somebody says about an answer when it is recorded.

use super::{Answer, Importance};
use crate::shared::id::{AgreementId, PersonId, SupplierId, SurveyId};
use crate::shared::text::{Email, Language};
use crate::shared::time::Timestamp;
use crate::suppliers::{ExternalId, Phone};
use crate::surveys::{Channel, ItemKey, RespondentKind, Stage};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a customer can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Telephone number (E.164).
    pub phone: Option<Phone>,
}

/// An answer to a survey that reached us, to be recorded.
#[derive(Clone, Debug, Object)]
pub struct NewFeedback {
    /// What was answered: a published survey (409 otherwise).
    pub survey_id: SurveyId,
    /// What it is about: an agreement, a supplier or a person, one of them at least. They have to fit together (422).
    pub agreement_id: Option<AgreementId>,
    /// The supplier or internal unit that it is about; follows from the agreement or the person.
    pub supplier_id: Option<SupplierId>,
    /// The person of the supplier that it is about.
    pub person_id: Option<PersonId>,
    /// The job, order or visit that it is about.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub job_ref: Option<String>,
    /// The customer, by a pseudonym.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
    /// Whose customer answered; an external one when left out.
    pub respondent_kind: Option<RespondentKind>,
    /// Where in the relationship with the customer.
    pub stage: Option<Stage>,
    /// How it reached us; `other` when left out.
    pub channel: Option<Channel>,
    /// In which language it was answered (BCP 47).
    pub language: Option<Language>,
    /// What was answered. What was not answered is left out: there are no defaults.
    #[oai(default, validator(max_items = 100))]
    pub answers: Vec<Answer>,
    /// How important the dimensions of quality are: 100 points (422 otherwise), where the survey asks for them.
    pub importance: Option<Importance>,
    /// What the customer added.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub comment: Option<String>,
    /// Whether the customer agreed that the supplier reads comment and praise.
    #[oai(default)]
    pub is_comment_shared: bool,
    /// Praise for somebody.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub compliment: Option<String>,
    /// Who is praised: a person of the supplier; whoever it is about when left out.
    pub complimented_id: Option<PersonId>,
    /// How the customer can be reached.
    pub contact: Option<Contact>,
    /// When it was answered, at the latest now; now when left out.
    pub answered_at: Option<Timestamp>,
    /// Its key in another system; unique among answers that are not superseded.
    pub external_id: Option<ExternalId>,
}

/// What a customer answers under a link.
#[derive(Clone, Debug, Object)]
pub struct PublicFeedback {
    /// In which language it was answered (BCP 47).
    pub language: Option<Language>,
    /// What was answered. What was not answered is left out: there are no defaults.
    #[oai(default, validator(max_items = 100))]
    pub answers: Vec<Answer>,
    /// How important the dimensions of quality are: 100 points (422 otherwise), where the survey asks for them.
    pub importance: Option<Importance>,
    /// What the customer added.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub comment: Option<String>,
    /// Whether the customer agrees that the supplier reads comment and praise.
    #[oai(default)]
    pub is_comment_shared: bool,
    /// Praise for whoever served the customer.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub compliment: Option<String>,
    /// How the customer can be reached.
    pub contact: Option<Contact>,
    /// Who answers, for links under which several do (422 without it): the number of an order, of a customer.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub customer_ref: Option<String>,
}

/// A row of an import of feedback. With `mode=upsert` a row whose `external_id` is known and that says otherwise
/// takes the place of what is known, as a whole.
#[derive(Clone, Debug, Object)]
pub struct ImportedFeedback {
    #[oai(flatten)]
    pub new: NewFeedback,
    /// The supplier that it is about, by its key in another system.
    pub supplier_external_id: Option<ExternalId>,
    /// The agreement that it is about, by its key in another system.
    pub agreement_external_id: Option<ExternalId>,
    /// The person of the supplier that it is about, by the key in another system.
    pub person_external_id: Option<ExternalId>,
    /// Numbers by the key of their item, beside `answers`: in CSV one column for each, `values.satisfaction`.
    #[oai(default)]
    pub values: BTreeMap<String, i64>,
    /// What was expected, by the key of its pair: `expectations.speed`.
    #[oai(default)]
    pub expectations: BTreeMap<String, i64>,
    /// What would just be acceptable, by the key of its pair: `minimums.speed`.
    #[oai(default)]
    pub minimums: BTreeMap<String, i64>,
}

impl ImportedFeedback {
    /// The answers of the row, those in columns of their own among them.
    pub fn answers(&self) -> Vec<Answer> {
        let mut answers = self.new.answers.clone();
        for (column, numbers) in [(0, &self.values), (1, &self.expectations), (2, &self.minimums)] {
            for (key, number) in numbers {
                let place = answers.iter().position(|answer| *answer.item == **key).unwrap_or_else(|| {
                    answers.push(Answer::to(ItemKey::of(key)));
                    answers.len() - 1
                });
                let answer = &mut answers[place];
                *[&mut answer.value, &mut answer.expectation, &mut answer.minimum][column] = Some(*number);
            }
        }
        answers
    }
}
