//! What benches have in common: an application called without a network, files imported into it, and medians.

#[path = "../../tests/api/support/postgres.rs"]
mod postgres;

use accord::app::{self, Parts};
use accord::shared::auth::password::Cost;
use accord::shared::clock::Clock;
use accord::shared::db::Addresses;
use accord::shared::error::Error;
use accord::shared::mail;
use accord::shared::objects;
use accord::shared::permission::Role;
use accord::start::Failure;
use accord::start::demo::Inside;
use postgres::Postgres;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const EMAIL: &str = "bench@accord.example";
const SECRET: &str = "correct horse battery staple";
const ROUNDS: usize = 500;

pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// An application, called without a network.
pub struct Api {
    pub inside: Inside,
    folder: PathBuf,
}

impl Api {
    pub async fn open(addresses: Addresses, folder: &Path) -> Self {
        let parts = Parts {
            addresses,
            clock: Clock::system(),
            secret: "a secret of the bench, long enough to be one".to_owned(),
            rate_limits: None,
            password_cost: Cost::Trivial,
            public_url: "https://accord.example".to_owned(),
            mail: mail::Settings::in_folder(folder.join("mail")).expect("settings"),
            files: objects::Settings {
                place: folder.join("files").display().to_string(),
                quotas: objects::Quotas::parse("").expect("the usual ones"),
                scanner: None,
            },
            owners: app::OWNERS,
        };
        let mut inside = Inside::of(app::open(parts).await.expect("the application opens"));
        inside.account(EMAIL, SECRET, Role::Owner, None).await.map_err(why).expect("an account");
        inside.sign_in(EMAIL, SECRET).await.map_err(why).expect("a session");
        Self { inside, folder: folder.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.inside.get(path).await.map_err(why).expect("an answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.inside.post(path, body).await.map_err(why).expect("an answer")
    }

    /// Makes something, and tells its id.
    pub async fn made(&self, path: &str, body: Value) -> String {
        self.inside.made(path, body).await.map_err(why).expect("an id")
    }

    /// A supplier in service.
    pub async fn supplier(&self, name: &str) -> String {
        let supplier = self.made("/v1/suppliers", json!({"kind": "company", "name": name})).await;
        for verb in ["nominate", "qualify", "activate"] {
            self.post(&format!("/v1/suppliers/{supplier}/{verb}"), json!({})).await;
        }
        supplier
    }

    /// An agreement in force with one clause, and the clause.
    pub async fn agreement(&self, supplier: &str, title: &str) -> (String, String) {
        let new =
            json!({"supplier_id": supplier, "title": title, "template": "goods-supplier", "starts_on": "2020-01-01"});
        let agreement = self.made("/v1/agreements", new).await;
        let path = format!("/v1/agreements/{agreement}");
        let clause = json!({"direction": "supplier_to_us", "dimension": "reliability", "text": "Within two days.",
            "metric": "duration", "comparison": "at_most", "target_duration": "PT48H", "reliability": 0.95});
        let clause = self.made(&format!("{path}/expectations"), clause).await;
        let signature = json!({"side": "supplier", "name": "Jo Example", "signed_on": "2020-01-01"});
        for (verb, body) in [
            ("propose", json!({})),
            ("agree", json!({"on_paper": true})),
            ("sign", json!({})),
            ("sign", json!({"on_paper": signature})),
            ("activate", json!({})),
        ] {
            self.post(&format!("{path}/{verb}"), body).await;
        }
        (agreement, clause)
    }

    /// Imports a file of so many new rows, which `write` makes.
    pub async fn load(&self, kind: &str, many: i64, write: impl FnOnce(&Path) -> std::io::Result<()>) {
        let file = self.folder.join(format!("{kind}.csv"));
        write(&file).expect("the file is written");
        forget_peak();
        let start = Instant::now();
        let created = self.inside.import(kind, &file).await.map_err(why).expect("an import");
        assert_eq!(created, many);
        say(&format!("  {many:>9} rows imported in {:.1} s{}", start.elapsed().as_secs_f64(), peak()));
        let _ = std::fs::remove_file(file);
    }

    /// What autovacuum does on PostgreSQL, which is off here.
    pub async fn analyse(&self) {
        if self.inside.app.db.is_sqlite() {
            return;
        }
        let analysed = self.inside.app.db.write((), |txn, ()| {
            Box::pin(async move { txn.execute_unprepared("ANALYZE").await.map(drop).map_err(Error::from) })
        });
        analysed.await.expect("statistics");
    }

    /// Prints what every operation costs about something small and something large: its path has `{}` for each.
    pub async fn compare(&self, operations: &[(&str, &str)], ids: [&str; 2], sizes: [i64; 2]) {
        for (name, path) in operations {
            let paths = ids.map(|id| path.replace("{}", id));
            let [small, large] = medians(self, &paths).await;
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            say(&format!(
                "  {name:<26} p50 {} {small:>9.1?}   {} {large:>9.1?}   ratio {ratio:.2}",
                sizes[0], sizes[1]
            ));
        }
    }
}

/// The most memory that was held so far is forgotten, where the system can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that was held since then, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    held.map(|held: u64| format!(", {} MB at most", held / 1_000)).unwrap_or_default()
}

/// The median time of both, asked by turns, so that whatever else the computer does hits both.
async fn medians(api: &Api, paths: &[String; 2]) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS + ROUNDS / 10 {
        for (path, times) in paths.iter().zip(&mut times) {
            let start = Instant::now();
            std::hint::black_box(api.get(path).await);
            if round >= ROUNDS / 10 {
                times.push(start.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

fn why(failure: Failure) -> String {
    match failure {
        Failure::Configuration(wrong) => wrong.to_string(),
        Failure::Other(sentence) => sentence,
    }
}

/// Runs a bench on SQLite and, where its programs are installed, on PostgreSQL.
pub async fn on_both(measure: impl AsyncFn(&Api)) {
    let folder = std::env::temp_dir().join(format!("accord-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let primary = format!("sqlite:{}?mode=rwc", folder.join("accord.db").display());
    let cluster = postgres::cluster();
    let mut databases = vec![("SQLite", primary)];
    match &cluster {
        Postgres::Absent(why) => say(why),
        cluster => {
            let admin = sea_orm::Database::connect(cluster.url("postgres")).await.expect("the cluster answers");
            admin.execute_unprepared("CREATE DATABASE bench").await.expect("a database");
            databases.push(("PostgreSQL", cluster.url("bench")));
        }
    }
    for (name, primary) in databases {
        say(name);
        let api = Api::open(Addresses { primary, replica: None }, &folder).await;
        measure(&api).await;
        api.inside.app.db.close().await;
    }
    let _ = std::fs::remove_dir_all(&folder);
}
