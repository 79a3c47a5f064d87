//! Which answers are kept and do not count, looked up for many at once.

use super::super::entity::{Column, Entity, Model};
use super::super::rules::guards::OwnPeople;
use super::super::types::{Contact, FeedbackStatus, QuarantineReason};
use crate::shared::auth::account;
use crate::shared::error::Result;
use crate::shared::id::{SupplierId, SurveyId, SurveyLinkId};
use crate::suppliers::contacts_of;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};

/// Conditions of one statement.
const AT_ONCE: usize = 300;

/// What a customer answers once: a survey about a job, or under a link for many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Once {
    Job(SurveyId, String, String),
    Link(SurveyLinkId, String),
}

impl Once {
    fn of(row: &Model) -> Vec<Self> {
        let job = |customer: &String| Some(Self::Job(row.survey_id, row.job_ref.clone()?, customer.clone()));
        let link = |customer: &String| Some(Self::Link(row.link_id?, customer.clone()));
        row.customer_ref.iter().flat_map(|customer| [job(customer), link(customer)]).flatten().collect()
    }
}

#[derive(Default)]
pub struct Guards {
    own: HashMap<SupplierId, OwnPeople>,
    answered: HashSet<Once>,
}

impl Guards {
    /// What has to be known of these answers, which are not recorded yet.
    pub async fn find(db: &impl ConnectionTrait, rows: &[&Model]) -> Result<Self> {
        let with_contact = rows.iter().filter(|row| contact(row).is_some()).map(|row| row.supplier_id);
        Ok(Self { own: own_people(db, with_contact.collect()).await?, answered: answered(db, rows).await? })
    }

    /// Whether the answer counts. It is known from now on.
    pub fn judge(&mut self, row: &Model) -> (FeedbackStatus, Option<QuarantineReason>) {
        let is_own =
            contact(row).zip(self.own.get(&row.supplier_id)).is_some_and(|(contact, own)| own.include(&contact));
        let once = Once::of(row);
        if is_own {
            return (FeedbackStatus::Quarantined, Some(QuarantineReason::OwnPeople));
        }
        if once.iter().any(|once| self.answered.contains(once)) {
            return (FeedbackStatus::Quarantined, Some(QuarantineReason::Duplicate));
        }
        self.answered.extend(once);
        (FeedbackStatus::Counted, None)
    }

    /// What took the place of this answer may be answered again.
    pub fn forget(&mut self, row: &Model) {
        Once::of(row).iter().for_each(|once| {
            self.answered.remove(once);
        });
    }
}

/// How whoever answered can be reached, if that is known.
pub fn contact(row: &Model) -> Option<Contact> {
    let is_known = row.contact_name.is_some() || row.contact_email.is_some() || row.contact_phone.is_some();
    is_known.then(|| Contact {
        name: row.contact_name.clone(),
        email: row.contact_email.clone(),
        phone: row.contact_phone.clone(),
    })
}

async fn own_people(
    db: &impl ConnectionTrait,
    suppliers: HashSet<SupplierId>,
) -> Result<HashMap<SupplierId, OwnPeople>> {
    let mut own = HashMap::<_, OwnPeople>::new();
    if suppliers.is_empty() {
        return Ok(own);
    }
    let ids: Vec<_> = suppliers.into_iter().collect();
    for (supplier, email, phone) in contacts_of(db, ids.clone()).await? {
        let own = own.entry(supplier).or_default();
        email.iter().for_each(|email| own.add_email(email));
        phone.iter().for_each(|phone| own.add_phone(phone));
    }
    let accounts = account::Entity::find()
        .select_only()
        .columns([account::Column::SupplierId, account::Column::Email])
        .filter(account::Column::SupplierId.is_in(ids))
        .into_tuple::<(SupplierId, String)>();
    for (supplier, email) in accounts.all(db).await? {
        own.entry(supplier).or_default().add_email(&email);
    }
    Ok(own)
}

/// Which of these were answered before, and perhaps some others. They are asked for by job and by link, so that nobody's
/// whole history is read.
async fn answered(db: &impl ConnectionTrait, rows: &[&Model]) -> Result<HashSet<Once>> {
    let wanted: HashSet<_> = rows.iter().flat_map(|row| Once::of(row)).collect();
    let mut found = HashSet::new();
    for wanted in wanted.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        let rows = Entity::find()
            .filter(any_of(wanted))
            .filter(Column::Status.eq(FeedbackStatus::Counted))
            .filter(Column::SupersededById.is_null())
            .select_only()
            .columns([Column::SurveyId, Column::LinkId, Column::JobRef, Column::CustomerRef])
            .into_tuple::<(SurveyId, Option<SurveyLinkId>, Option<String>, String)>()
            .all(db)
            .await?;
        found.extend(rows.into_iter().flat_map(|(survey, link, job, customer)| {
            let job = job.map(|job| Once::Job(survey, job, customer.clone()));
            [job, link.map(|link| Once::Link(link, customer))].into_iter().flatten()
        }));
    }
    Ok(found)
}

/// Lists instead of a condition for each: PostgreSQL would plan hundreds of them one by one.
fn any_of(wanted: &[Once]) -> Condition {
    let mut jobs = HashMap::<SurveyId, (Vec<&str>, Vec<&str>)>::new();
    let mut links = HashMap::<SurveyLinkId, Vec<&str>>::new();
    for once in wanted {
        match once {
            Once::Job(survey, job, customer) => {
                let (jobs, customers) = jobs.entry(*survey).or_default();
                jobs.push(job);
                customers.push(customer);
            }
            Once::Link(link, customer) => links.entry(*link).or_default().push(customer),
        }
    }
    let of_jobs = jobs.into_iter().map(|(survey, (jobs, customers))| {
        let of_survey = Condition::all().add(Column::SurveyId.eq(survey));
        of_survey.add(Column::JobRef.is_in(jobs)).add(Column::CustomerRef.is_in(customers))
    });
    let of_links = links.into_iter().map(|(link, customers)| {
        Condition::all().add(Column::LinkId.eq(link)).add(Column::CustomerRef.is_in(customers))
    });
    of_jobs.chain(of_links).fold(Condition::any(), Condition::add)
}
