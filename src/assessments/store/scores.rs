//! Points, as they are read.

use super::sheet::Sheet;
use crate::assessments::entity::{Column, Entity, Model};
use crate::assessments::rules::{self, Said, standing};
use crate::assessments::types::{AssessmentScores, AssessmentStatus, Calibration, CalibrationPoint};
use crate::shared::auth::{By, Scope};
use crate::shared::error::Result;
use crate::shared::id::{AssessmentId, QuestionnaireId, SupplierId};
use crate::shared::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

pub async fn scores(db: &impl ConnectionTrait, by: &By, row: Model) -> Result<AssessmentScores> {
    let (id, supplier, is_accepted) = (row.id, row.supplier_id, row.status == AssessmentStatus::Accepted);
    let sheet = Sheet::read(db, by, row).await?;
    let answers = sheet.answers();
    let as_said = |read| standing(sheet.terms.questions(), &answers, read);
    let (claimed, verified) = (as_said(Said::claimed), as_said(Said::verified));
    let (knock_outs, discretionary, passes) = rules::judged(&sheet.terms, &verified);
    let claimed = rules::sheet(&sheet.terms, &claimed);
    let calibrated_total = match (by.scope, claimed.total) {
        (Scope::Everything, Some(total)) => calibration_of(db, by, supplier, Some(id)).await?.expected(total),
        _ => None,
    };
    let verified = is_accepted.then(|| rules::sheet(&sheet.terms, &verified));
    Ok(AssessmentScores { claimed, verified, knock_outs, discretionary, passes, calibrated_total })
}

/// The assessment of a supplier that was accepted last.
#[derive(Clone, Debug)]
pub struct LastAccepted {
    pub id: AssessmentId,
    pub questionnaire_id: QuestionnaireId,
    pub version: i64,
    pub accepted_at: Option<Timestamp>,
    pub self_score: Option<f64>,
    pub verified_score: Option<f64>,
}

/// The caller may see it: that is for the caller of this function to know.
pub async fn last_accepted(db: &impl ConnectionTrait, supplier: SupplierId) -> Result<Option<LastAccepted>> {
    let row = Entity::find()
        .filter(Column::SupplierId.eq(supplier))
        .filter(Column::Status.eq(AssessmentStatus::Accepted))
        .order_by_desc(Column::AcceptedAt)
        .order_by_desc(Column::Id);
    let shown = |row: Model| {
        let Model { id, questionnaire_id, version, accepted_at, self_score, verified_score, .. } = row;
        LastAccepted { id, questionnaire_id, version, accepted_at, self_score, verified_score }
    };
    Ok(row.one(db).await?.map(shown))
}

/// What a supplier claimed against what was verified, without one of its assessments.
pub async fn calibration_of(
    db: &impl ConnectionTrait,
    by: &By,
    supplier: SupplierId,
    but: Option<AssessmentId>,
) -> Result<Calibration> {
    let accepted = Entity::visible(by)
        .filter(Column::SupplierId.eq(supplier))
        .filter(Column::Status.eq(AssessmentStatus::Accepted))
        .order_by_asc(Column::AcceptedAt)
        .order_by_asc(Column::Id);
    let rows = accepted.all(db).await?.into_iter().filter(|row| Some(row.id) != but);
    let point = |row: Model| {
        let (claimed, verified) = (row.self_score?, row.verified_score?);
        let (assessment_id, accepted_at) = (row.id, row.accepted_at?);
        Some(CalibrationPoint { assessment_id, accepted_at, claimed, verified, error: claimed - verified })
    };
    Ok(rules::calibration(rows.filter_map(point).collect()))
}
