//! Rows put straight into the database: an agreement in force with a clause in every direction,
//! and promises on them, for tests of what comes after.

use super::TestApp;
use accord::shared::error::Error;
use accord::shared::id;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, Value};
use serde_json::json;
use uuid::Uuid;

/// An active agreement, shared with its supplier, version 1 in force.
#[derive(Clone, Debug)]
pub struct Seeded {
    pub supplier: String,
    pub agreement: String,
    /// The clause of the supplier towards us. It depends on `ours`.
    pub theirs: String,
    /// The clause of ours towards the supplier.
    pub ours: String,
    /// The clause of the supplier towards our customers. It depends on `ours`.
    pub customers: String,
}

/// The terms of a promise: by default 48 hours in 95 of 100 occasions, published on 1 January.
#[derive(Clone, Debug)]
pub struct Terms {
    pub direction: &'static str,
    pub metric: &'static str,
    pub comparison: &'static str,
    /// Seconds for a duration.
    pub target: f64,
    pub reliability: f64,
    pub precision: &'static str,
    pub grace_seconds: i64,
    pub status: &'static str,
    pub effective_from: &'static str,
    pub published_at: Option<&'static str>,
    pub external_id: Option<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            direction: "supplier_to_us",
            metric: "duration",
            comparison: "at_most",
            target: 172_800.0,
            reliability: 0.95,
            precision: "second",
            grace_seconds: 0,
            status: "published",
            effective_from: "2026-01-01T00:00:00Z",
            published_at: Some("2026-01-01T00:00:00Z"),
            external_id: None,
        }
    }
}

pub fn instant(text: &str) -> Value {
    text.parse::<DateTime<Utc>>().expect("an instant").into()
}

fn uuid(text: &str) -> Value {
    id::parse(text).expect("an id").into()
}

impl TestApp {
    /// Inserts one row; `revision`, `created_at` and `updated_at` are added to tracked ones.
    pub async fn row(&self, table: &'static str, tracked: bool, mut cells: Vec<(&'static str, Value)>) {
        if tracked {
            let now = self.clock.now().instant();
            cells.extend([("revision", 1i64.into()), ("created_at", now.into()), ("updated_at", now.into())]);
        }
        let (columns, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        let mut insert = Query::insert();
        insert.into_table(Alias::new(table)).columns(columns.into_iter().map(Alias::new));
        insert.values_panic(values.into_iter().map(sea_orm::sea_query::Expr::value));
        let done = self.app.db.write(insert, |txn, insert| {
            Box::pin(async move { txn.execute(insert).await.map(drop).map_err(Error::from) })
        });
        done.await.expect("the row is inserted");
    }

    pub async fn seed_agreement(&self, supplier: &str) -> Seeded {
        self.seed_agreement_of(supplier, "Deliveries").await
    }

    /// The same with a service line of its own.
    pub async fn seed_agreement_of(&self, supplier: &str, service_line: &str) -> Seeded {
        let [agreement, theirs, ours, customers] = std::array::from_fn(|_| self.clock.uuid());
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let hash = vec![7u8; 32];
        let terms = [("title", "Deliveries".into()), ("service_line", service_line.into())];
        let mut cells = vec![
            ("id", agreement.into()),
            ("supplier_id", uuid(supplier)),
            ("status", "active".into()),
            ("shown_version", 1i64.into()),
            ("version_in_force", 1i64.into()),
            ("is_shared", true.into()),
            ("supplier_revision", 1i64.into()),
            ("supplier_updated_at", self.clock.now().instant().into()),
        ];
        cells.extend(terms.clone());
        self.row("agreement", true, cells).await;
        let mut cells = vec![
            ("agreement_id", agreement.into()),
            ("number", 1i64.into()),
            ("status", "in_force".into()),
            ("turn", "us".into()),
            ("shared_at", instant("2026-01-01T00:00:00Z")),
            ("agreed_at", instant("2026-01-01T00:00:00Z")),
            ("is_agreed_on_paper", false.into()),
            ("content_hash", hash.into()),
            ("effective_from", first.into()),
            ("starts_on", first.into()),
            ("notice_days", 90i64.into()),
            ("renewal", "none".into()),
            ("customer_target", 0.8f64.into()),
        ];
        cells.extend(terms);
        self.row("agreement_version", true, cells).await;
        let clauses: [(Uuid, &str, Vec<Uuid>); 3] = [
            (theirs, "supplier_to_us", vec![ours]),
            (ours, "us_to_supplier", vec![]),
            (customers, "supplier_to_customer", vec![ours]),
        ];
        for (position, (id, direction, depends_on)) in clauses.into_iter().enumerate() {
            let cells = vec![
                ("id", id.into()),
                ("version", 1i64.into()),
                ("agreement_id", agreement.into()),
                ("position", i64::try_from(position).expect("small").into()),
                ("direction", direction.into()),
                ("dimension", "reliability".into()),
                ("text", "Everything comes within two days.".into()),
                ("metric", "duration".into()),
                ("comparison", "at_most".into()),
                ("target", 172_800f64.into()),
                ("reliability", 0.95f64.into()),
                ("is_gate", false.into()),
                ("depends_on", json!(depends_on).into()),
                ("accepted_by_us_at", instant("2026-01-01T00:00:00Z")),
                ("accepted_by_supplier_at", instant("2026-01-01T00:00:00Z")),
            ];
            self.row("expectation", true, cells).await;
        }
        Seeded {
            supplier: supplier.to_owned(),
            agreement: agreement.to_string(),
            theirs: theirs.to_string(),
            ours: ours.to_string(),
            customers: customers.to_string(),
        }
    }

    /// A promise with its first version, on the clause of its direction.
    pub async fn seed_promise(&self, on: &Seeded, terms: Terms) -> String {
        let id = self.clock.uuid();
        let clause = match terms.direction {
            "supplier_to_us" => &on.theirs,
            "us_to_supplier" => &on.ours,
            _ => &on.customers,
        };
        let cells = vec![
            ("id", id.into()),
            ("agreement_id", uuid(&on.agreement)),
            ("supplier_id", uuid(&on.supplier)),
            ("expectation_id", uuid(clause)),
            ("direction", terms.direction.into()),
            ("external_id", terms.external_id.clone().into()),
            ("status", terms.status.into()),
            ("version", 1i64.into()),
        ];
        self.row("promise", true, cells).await;
        self.seed_version(&id.to_string(), 1, terms).await;
        id.to_string()
    }

    pub async fn seed_version(&self, promise: &str, number: i64, terms: Terms) {
        let cells = vec![
            ("promise_id", uuid(promise)),
            ("number", number.into()),
            ("wording", "Everything comes within two days.".into()),
            ("metric", terms.metric.into()),
            ("comparison", terms.comparison.into()),
            ("target", terms.target.into()),
            ("reliability", terms.reliability.into()),
            ("precision", terms.precision.into()),
            ("grace_seconds", terms.grace_seconds.into()),
            ("period", "month".into()),
            ("effective_from", instant(terms.effective_from)),
            ("published_at", terms.published_at.map(|at| at.parse::<DateTime<Utc>>().expect("an instant")).into()),
            ("created_at", instant(terms.effective_from)),
        ];
        self.row("promise_version", false, cells).await;
    }
}

crate::both! {
    async fn an_agreement_and_a_promise_are_seeded(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.seed_promise(&on, Terms::default()).await;
        assert_eq!(app.everything(&["promise_version"]).await.lines().count(), 1);
    }
}
