//! What answers are about: agreements, suppliers and people, looked up for many answers at once.

use super::super::types::NewFeedback;
use crate::agreements::{KnownAgreement, find_agreements};
use crate::shared::auth::By;
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, PersonId, SupplierId};
use crate::suppliers::{ExternalId, KnownPerson, find_people, known_suppliers, suppliers_by_external_id};
use sea_orm::ConnectionTrait;
use std::collections::{HashMap, HashSet};

/// What somebody names, by id or by key in another system.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub agreement_id: Option<AgreementId>,
    pub agreement_key: Option<ExternalId>,
    pub supplier_id: Option<SupplierId>,
    pub supplier_key: Option<ExternalId>,
    pub person_id: Option<PersonId>,
    pub person_key: Option<ExternalId>,
    pub complimented_id: Option<PersonId>,
}

impl From<&NewFeedback> for Named {
    fn from(new: &NewFeedback) -> Self {
        Self {
            agreement_id: new.agreement_id,
            supplier_id: new.supplier_id,
            person_id: new.person_id,
            complimented_id: new.complimented_id,
            ..Self::default()
        }
    }
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub agreement_id: Option<AgreementId>,
    pub supplier_id: SupplierId,
    pub person_id: Option<PersonId>,
    pub complimented_id: Option<PersonId>,
}

/// Everything that some answers name and the caller sees.
pub struct Subjects {
    agreements: Vec<KnownAgreement>,
    suppliers: HashSet<SupplierId>,
    supplier_keys: HashMap<String, SupplierId>,
    people: Vec<KnownPerson>,
}

fn distinct<T: Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<HashSet<_>>().into_iter().collect()
}

impl Subjects {
    pub async fn find(db: &impl ConnectionTrait, by: &By, named: &[Named]) -> Result<Self> {
        let all = || named.iter();
        let keys = distinct(all().filter_map(|named| Some(named.agreement_key.as_ref()?.to_string())));
        let ids = distinct(all().filter_map(|named| named.agreement_id));
        let agreements = find_agreements(db, by, ids, keys).await?;
        let keys = distinct(all().filter_map(|named| named.supplier_key.clone()));
        let supplier_keys = match keys.is_empty() {
            true => HashMap::new(),
            false => suppliers_by_external_id(db, by.scope, keys).await?,
        };
        let ids = distinct(all().flat_map(|named| [named.person_id, named.complimented_id]).flatten());
        let keys = distinct(all().filter_map(|named| Some(named.person_key.as_ref()?.to_string())));
        let people = find_people(db, ids, keys).await?;
        let named_suppliers = all().filter_map(|named| named.supplier_id);
        let ids = distinct(named_suppliers.chain(people.iter().map(|person| person.supplier_id)));
        let suppliers = if ids.is_empty() { HashSet::new() } else { known_suppliers(db, by.scope, ids).await? };
        Ok(Self { agreements, suppliers, supplier_keys, people })
    }

    /// What is named, if it fits together.
    pub fn of(&self, named: &Named) -> Result<Subject> {
        let agreement = self.agreement(named)?;
        let supplier = self.supplier(named)?;
        let owner = agreement.map(|agreement| agreement.supplier_id).or(supplier);
        let person = self.person(named, owner)?;
        let supplier_id = owner.or(person.map(|person| person.supplier_id)).ok_or_else(|| {
            let detail = "Name what it is about: an agreement, a supplier or a person.";
            Error::rule(Code::RuleViolated, "/supplier_id", detail)
        })?;
        if supplier.is_some_and(|supplier| supplier != supplier_id) {
            let detail = "The agreement is with another supplier.";
            return Err(Error::rule(Code::RuleViolated, "/supplier_id", detail));
        }
        let complimented_id = self.complimented(named, supplier_id)?;
        let agreement_id = agreement.map(|agreement| agreement.id);
        Ok(Subject { agreement_id, supplier_id, person_id: person.map(|person| person.id), complimented_id })
    }

    fn agreement(&self, named: &Named) -> Result<Option<&KnownAgreement>> {
        let (pointer, found) = match (named.agreement_id, &named.agreement_key) {
            (None, None) => return Ok(None),
            (Some(id), _) => ("/agreement_id", self.agreements.iter().find(|known| known.id == id)),
            (None, Some(key)) => {
                let is_it = |known: &&KnownAgreement| known.external_id.as_deref() == Some(&**key);
                ("/agreement_external_id", self.agreements.iter().find(is_it))
            }
        };
        missing(pointer, "There is no such agreement.", found)
    }

    fn supplier(&self, named: &Named) -> Result<Option<SupplierId>> {
        let (pointer, found) = match (named.supplier_id, &named.supplier_key) {
            (None, None) => return Ok(None),
            (Some(id), _) => ("/supplier_id", self.suppliers.get(&id).copied()),
            (None, Some(key)) => ("/supplier_external_id", self.supplier_keys.get(&**key).copied()),
        };
        missing(pointer, "There is no such supplier.", found)
    }

    /// A person of the supplier; keys of people are unique within one supplier only.
    fn person(&self, named: &Named, supplier: Option<SupplierId>) -> Result<Option<&KnownPerson>> {
        let seen = |person: &&KnownPerson| match supplier {
            Some(supplier) => person.supplier_id == supplier,
            None => self.suppliers.contains(&person.supplier_id),
        };
        let mut people = self.people.iter().filter(seen);
        let (pointer, found) = match (named.person_id, &named.person_key) {
            (None, None) => return Ok(None),
            (Some(id), _) => ("/person_id", people.find(|person| person.id == id)),
            (None, Some(_)) if supplier.is_none() => {
                let detail = "Name the supplier as well: its people have keys of their own.";
                return Err(Error::rule(Code::RuleViolated, "/person_external_id", detail));
            }
            (None, Some(key)) => {
                ("/person_external_id", people.find(|person| person.external_id.as_deref() == Some(&**key)))
            }
        };
        missing(pointer, "The supplier has no such person.", found)
    }

    fn complimented(&self, named: &Named, supplier: SupplierId) -> Result<Option<PersonId>> {
        let Some(id) = named.complimented_id else {
            return Ok(None);
        };
        let found = self.people.iter().find(|person| person.id == id && person.supplier_id == supplier);
        missing("/complimented_id", "The supplier has no such person.", found.map(|person| person.id))
    }
}

fn missing<T>(pointer: &str, detail: &str, found: Option<T>) -> Result<Option<T>> {
    match found {
        None => Err(Error::rule(Code::InvalidReference, pointer, detail)),
        found => Ok(found),
    }
}
