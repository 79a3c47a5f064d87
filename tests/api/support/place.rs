//! Where real servers run over a database of their own: something is put into it before they start, it
//! is looked at behind their backs, and time goes by at once.

use super::process::{Done, Installation, SECRET, Server};
use super::seed::{Seeded, Terms};
use super::{TestApp, Wishes, fresh_postgres};
use accord::shared::clock::Clock;
use accord::shared::db::Addresses;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// Runs a test with real processes on both databases.
#[macro_export]
macro_rules! real {
    ($(async fn $name:ident($place:ident: Place) $body:block)*) => {
        $(
            async fn $name($place: $crate::support::place::Place) $body

            mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$name($crate::support::place::Place::sqlite()).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    if let Some(place) = $crate::support::place::Place::postgres().await {
                        super::$name(place).await;
                    }
                }
            }
        )*
    };
}

pub struct Place {
    installation: Installation,
    addresses: Addresses,
}

impl Place {
    pub fn sqlite() -> Self {
        let installation = Installation::new();
        let primary = format!("sqlite:{}?mode=rwc", installation.path("data/accord.db").display());
        Self::over(installation, Addresses { primary, replica: None })
    }

    /// `None`, with one printed line, when there is no PostgreSQL on this machine.
    pub async fn postgres() -> Option<Self> {
        Some(Self::over(Installation::new(), fresh_postgres().await?))
    }

    fn over(installation: Installation, addresses: Addresses) -> Self {
        let installation = installation
            .with("ACCORD_DATABASE_URL", &addresses.primary)
            .with("ACCORD_SECRET", SECRET)
            .with("ACCORD_RATE_LIMITS", "off")
            .with("ACCORD_ACCESS_LOG", "off");
        installation.run(&["migrate", "up"]).expect(0);
        Self { installation, addresses }
    }

    pub fn is_postgres(&self) -> bool {
        !self.addresses.primary.starts_with("sqlite:")
    }

    /// The application in this process, while no server runs. Whom it signs in the servers know.
    pub async fn open(&self) -> TestApp {
        TestApp::over(self.addresses.clone(), Clock::system(), Wishes::default()).await
    }

    pub fn serve(&self) -> Server {
        self.installation.serve()
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        self.installation.run(arguments)
    }

    pub fn path(&self, inside: &str) -> std::path::PathBuf {
        self.installation.path(inside)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.installation.path(name), text).expect("a file");
    }

    async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.addresses.primary).await.expect("a connection")
    }

    /// What a query counts, in one look at the database.
    pub async fn number(&self, sql: &str) -> i64 {
        let db = self.connect().await;
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
        let number = row.expect("the query").expect("a row").try_get_by_index(0).expect("a number");
        db.close().await.expect("it closes");
        number
    }

    /// How often something stands in the history.
    pub async fn noted(&self, action: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM history WHERE action = '{action}'")).await
    }

    /// The tallies are what a recount gives.
    pub fn verify_tallies(&self) {
        let done = self.run(&["tallies", "verify"]).expect(0);
        assert!(done.stdout.contains("All tallies agree"), "{done:?}");
    }

    /// Whoever was at work has lost the lease, what comes by itself is due, and what is open was to be
    /// fulfilled before now.
    pub async fn time_goes_by(&self) {
        let db = self.connect().await;
        let past = Clock::system().now().plus(TimeDelta::minutes(-1));
        for sql in [
            "UPDATE job SET lease_until = $1 WHERE status = 'running'",
            "UPDATE schedule SET next_at = $1",
            "UPDATE commitment SET breaks_at = $1 WHERE status = 'open'",
        ] {
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [past.into()]);
            db.execute_raw(statement).await.expect("the update");
        }
        db.close().await.expect("it closes");
    }
}

/// Terms that are published whatever day it is today.
pub fn terms(key: &str) -> Terms {
    let long_ago = "2020-01-01T00:00:00Z";
    let external_id = Some(key.to_owned());
    Terms { effective_from: long_ago, published_at: Some(long_ago), external_id, ..Terms::default() }
}

/// An agreement in force, with a promise of 48 hours for each of the keys; the promises' ids.
pub async fn promised(app: &TestApp, keys: &[&str]) -> (Seeded, Vec<String>) {
    let owner = app.owner().await;
    let on = app.seed_agreement(&owner.supplier("Acme").await).await;
    let mut promises = Vec::new();
    for key in keys {
        promises.push(app.seed_promise(&on, terms(key)).await);
    }
    (on, promises)
}

/// An instant, so many hours ago, as the API writes it.
pub fn hours_ago(hours: i64) -> String {
    Clock::system().now().plus(TimeDelta::hours(-hours)).to_string()
}
