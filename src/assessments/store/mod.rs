//! The queries of assessments. Reads start from what the caller sees. Whoever changes something locks the supplier
//! first, then the assessment, then files.

mod answering;
mod assigning;
mod duties;
mod scores;
mod sheet;
mod steps;

pub use answering::{change_answer, is_frozen, let_go};
pub use assigning::{Plan, assign, assign_to, is_possible, open_ones};
pub use duties::{forget_due, newcomers_due};
pub use scores::{LastAccepted, calibration_of, last_accepted, scores};
pub use sheet::Sheet;
pub use steps::{Step, take};

use super::entity::{Column, Entity, Model};
use super::rules::EDITABLE;
use super::types::{Assessment, AssessmentQuery, Attested};
use crate::organization::today;
use crate::shared::auth::{By, Scope};
use crate::shared::db::Txn;
use crate::shared::error::{Error, Result};
use crate::shared::id::AssessmentId;
use crate::shared::page::{Key, Order, Page, rows};
use crate::shared::params::Params;
use crate::suppliers::lock_for_change;
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

impl Model {
    /// Who of the staff assigned it is staff's own matter.
    pub fn shown(self, scope: Scope, today: NaiveDate) -> Assessment {
        let attested = self.attested_name.zip(self.attested_position).zip(self.submitted_at);
        Assessment {
            id: self.id,
            questionnaire_id: self.questionnaire_id,
            version: self.version,
            supplier_id: self.supplier_id,
            status: self.status,
            status_reason: self.status_reason,
            period_from: self.period_from,
            period_to: self.period_to,
            due_on: self.due_on,
            is_overdue: EDITABLE.contains(&self.status) && self.due_on < today,
            extended_from: self.extended_from,
            expires_on: self.expires_on,
            previous_id: self.previous_id,
            repeats_every_months: self.repeats_every_months,
            repeats_on: self.repeats_on,
            assigned_by: self.assigned_by.filter(|_| scope == Scope::Everything),
            attested: attested.map(|((name, position), submitted_at)| Attested {
                name,
                position,
                statement: self.attested_statement,
                account_id: self.attested_by,
                submitted_at,
            }),
            accepted_at: self.accepted_at,
            self_score: self.self_score,
            verified_score: self.verified_score,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn list_assessments(
    db: &impl ConnectionTrait,
    by: &By,
    query: &Params<AssessmentQuery>,
) -> Result<Page<Assessment>> {
    let today = today(db, &by.clock).await?;
    let overdue = Condition::all().add(Column::Status.is_in(EDITABLE)).add(Column::DueOn.lt(today));
    let wanted = Condition::all()
        .add_option(query.supplier_id.map(|id| Column::SupplierId.eq(id)))
        .add_option(query.questionnaire_id.map(|id| Column::QuestionnaireId.eq(id)))
        .add_option((!query.status.is_empty()).then(|| Column::Status.is_in(query.status.clone())))
        .add_option(query.due_before.map(|day| Column::DueOn.lt(day)))
        .add_option(query.is_overdue.map(|wanted| if wanted { overdue } else { overdue.not() }));
    let order = Order {
        column: Column::Id,
        id: Column::Id,
        descending: true,
        key: |row: &Model| (Key::Id(row.id.0), row.id.0),
    };
    let select = Entity::visible(by).filter(wanted);
    let found = rows(db, by, select, order, &query.paging, &query.filter).await?;
    Ok(Page::of(found, |row| row.shown(by.scope, today)))
}

pub async fn find_assessment(db: &impl ConnectionTrait, by: &By, id: AssessmentId) -> Result<Model> {
    Entity::visible(by).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(Error::not_found)
}

pub async fn get_assessment(db: &impl ConnectionTrait, by: &By, id: AssessmentId) -> Result<Assessment> {
    let today = today(db, &by.clock).await?;
    Ok(find_assessment(db, by, id).await?.shown(by.scope, today))
}

/// Reads an assessment to change it, with its supplier: nobody else can until the transaction ends. Users of a
/// suspended supplier may only read.
pub async fn lock_assessment(txn: &Txn, by: &By, id: AssessmentId) -> Result<Model> {
    let seen = find_assessment(txn, by, id).await?;
    lock_for_change(txn, by, seen.supplier_id).await?;
    let row = Entity::visible(by).filter(Column::Id.eq(id)).lock_exclusive();
    row.one(txn).await?.ok_or_else(Error::not_found)
}

/// Writes what an assessment became.
pub async fn save(txn: &Txn, by: &By, before: &Model, after: Model) -> Result<Model> {
    let after = Model { revision: before.revision + 1, updated_at: by.clock.now(), ..after };
    Entity::update(after.clone().into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(after)
}
