//! Rows put straight into the database: what customers answered, and what followed from it.

use super::TestApp;
use super::seed::{Seeded, instant};
use accord::shared::id;
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

/// An answer of 10 November that counts.
#[derive(Clone, Debug, Default)]
pub struct Lived {
    pub job_ref: Option<String>,
    pub is_unhappy: Option<bool>,
    /// Whether it is about the supplier and no agreement.
    pub is_of_supplier: bool,
    pub is_quarantined: bool,
    pub is_superseded: bool,
    pub day: Option<&'static str>,
}

fn uuid(text: &str) -> Value {
    id::parse(text).expect("an id").into()
}

impl TestApp {
    /// A published survey.
    pub async fn seed_survey(&self) -> String {
        let id = self.clock.uuid();
        let key = if self.app.db.is_sqlite() { format!("X'{}'", id.simple()) } else { format!("'{id}'") };
        let at = "'2026-01-01 00:00:00+00:00'";
        self.sql(&format!(
            "INSERT INTO survey (id, name, sort_key, instrument, status, version, revision, created_at, updated_at) \
             VALUES ({key}, 'Visits', 'visits', 'csat5', 'published', 1, 1, {at}, {at})"
        ))
        .await;
        id.to_string()
    }

    /// An item that was published under its key.
    pub async fn seed_item(&self, survey: &str, key: &str, measure: &str, scale: (i64, i64)) {
        let content = json!({
            "key": key, "kind": "scale", "wording": {"en": "How was it?"}, "expectation_wording": {}, "measure": measure,
            "variant": "top2", "dimension": null,
            "scale": {"min": scale.0, "max": scale.1, "step": 1, "direction": "higher_is_better"},
            "choices": [], "is_multiple": false, "is_required": true,
        });
        let cells = vec![("survey_id", uuid(survey)), ("key", key.into()), ("content", content.into())];
        self.row("survey_item", false, cells).await;
    }

    pub async fn seed_feedback(&self, on: &Seeded, survey: &str, lived: Lived) -> String {
        let id = self.clock.uuid();
        let agreement = (!lived.is_of_supplier).then(|| id::parse(&on.agreement).expect("an id"));
        let status = if lived.is_quarantined { "quarantined" } else { "counted" };
        let day = lived.day.unwrap_or("2026-11-10").parse::<chrono::NaiveDate>().expect("a day");
        let cells = vec![
            ("id", id.into()),
            ("survey_id", uuid(survey)),
            ("survey_version", 1i64.into()),
            ("agreement_id", agreement.into()),
            ("supplier_id", uuid(&on.supplier)),
            ("job_ref", lived.job_ref.into()),
            ("respondent_kind", "external_customer".into()),
            ("channel", "email".into()),
            ("answers", json!([]).into()),
            ("is_comment_shared", false.into()),
            ("is_unhappy", lived.is_unhappy.into()),
            ("status", status.into()),
            ("is_hidden", false.into()),
            ("answered_at", instant("2026-11-10T09:00:00Z")),
            ("day", day.into()),
            ("slot", 0i64.into()),
            ("receipt", "A-1".into()),
            ("superseded_by_id", lived.is_superseded.then(|| self.clock.uuid()).into()),
        ];
        self.row("feedback", true, cells).await;
        id.to_string()
    }

    /// A follow-up of an answer, due on 24 November, 9 o'clock.
    pub async fn seed_follow_up(&self, on: &Seeded, status: &str, owner: Option<&str>, lived: Lived) -> String {
        let id = self.clock.uuid();
        let survey = self.seed_survey().await;
        let agreement = (!lived.is_of_supplier).then(|| id::parse(&on.agreement).expect("an id"));
        let feedback = self.seed_feedback(on, &survey, lived).await;
        let cells = vec![
            ("id", id.into()),
            ("feedback_id", uuid(&feedback)),
            ("agreement_id", agreement.into()),
            ("supplier_id", uuid(&on.supplier)),
            ("status", status.into()),
            ("owner_id", owner.map(|owner| id::parse(owner).expect("an id")).into()),
            ("due_at", instant("2026-11-24T09:00:00Z")),
        ];
        self.row("follow_up", true, cells).await;
        id.to_string()
    }

    /// What was answered on one day, or in the month that begins on it; `counts` from the lowest value on.
    pub async fn seed_tally(&self, base: &str, survey: &str, item: &str, day: &str, of: Tallied<'_>) {
        let base: Uuid = id::parse(base).expect("an id");
        let day = day.parse::<chrono::NaiveDate>().expect("a day");
        let mut cells = vec![
            ("base_id", base.into()),
            ("subject_id", base.into()),
            ("is_month", of.is_month.into()),
            ("day", day.into()),
            ("item", item.into()),
            ("survey_id", uuid(survey)),
            ("stage", 0i64.into()),
            ("is_internal", false.into()),
            ("slot", 0i64.into()),
            ("n", of.n.into()),
            ("total", of.total.into()),
        ];
        cells.extend(["squares", "expected", "lived"].map(|name| (name, 0i64.into())));
        let names = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"];
        let counts = of.counts.iter().copied().chain(std::iter::repeat(0));
        cells.extend(names.into_iter().zip(counts).map(|(name, count)| (name, count.into())));
        self.row("feedback_tally", false, cells).await;
    }
}

/// The cells of a tally.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tallied<'a> {
    pub is_month: bool,
    pub n: i64,
    pub total: i64,
    pub counts: &'a [i64],
}
