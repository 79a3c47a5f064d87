//! Reviews, made through the API and brought as far as a test needs them.

use super::seed::Seeded;
use super::{Answer, Caller, PASSWORD, TestApp};
use accord::shared::auth::account::{self, NewAccount};
use accord::shared::auth::password::{self, Cost};
use accord::shared::permission::Role;
use poem::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// How far a review has come.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Stage {
    Scheduled,
    Ready,
    Held,
    /// Rated by both sides, and the owner would do it again.
    Rated,
    Responding,
    Disputed,
    /// Upheld.
    Decided,
    Finalised,
    Committed,
    Closed,
}

pub const CRITERIA: [&str; 6] =
    ["reliability", "quality", "responsiveness", "communication", "problem_solving", "value"];

/// The same score for everything, with words where they are needed.
pub fn ratings(score: i64) -> Value {
    let each = CRITERIA.map(|criterion| json!({"criterion": criterion, "score": score, "narrative": "As we saw it."}));
    json!({"ratings": each})
}

impl TestApp {
    /// Somebody of the staff who has no part in anything else.
    pub async fn colleague(&self, name: &str, role: Role) -> Caller<'_> {
        let email = format!("{name}@accord.example");
        let password_hash = password::hash(PASSWORD.to_owned(), Cost::Trivial).await.expect("a hash");
        let new = NewAccount {
            email: email.clone(),
            name: name.to_owned(),
            password_hash,
            role,
            supplier_id: None,
            must_change_password: false,
        };
        let input = (self.clock.clone(), new);
        let made = self.app.db.write(input, |txn, (clock, new)| Box::pin(account::create(txn, clock, new))).await;
        if let Err(error) = made {
            assert_eq!(error.code.name(), "already_exists", "{error}");
        }
        let login = json!({"email": email, "password": PASSWORD});
        let answer = self.nobody().post("/v1/auth/login", login).await.expect(200);
        self.with_token(answer.body["access_token"].as_str().expect("a token"))
    }

    /// Gives the agreement a cadence, as if it had been signed with it.
    pub async fn with_cadence(&self, on: &Seeded, cadence: Value) {
        let id = match self.app.db.fresh().get_database_backend() {
            sea_orm::DatabaseBackend::Postgres => format!("'{}'", on.agreement),
            _ => format!("x'{}'", on.agreement.replace('-', "")),
        };
        self.sql(&format!("UPDATE agreement_version SET cadence = '{cadence}' WHERE agreement_id = {id}")).await;
    }

    /// A review of October 2026 in this state; its path.
    pub async fn reviewed(&self, on: &Seeded, to: Stage) -> String {
        let rater = self.colleague("rater", Role::Manager).await;
        let today = self.clock.now().instant().date_naive();
        let new = json!({"agreement_id": on.agreement, "period_from": "2026-10-01", "period_to": "2026-10-31",
            "scheduled_on": today});
        let path = format!("/v1/reviews/{}", rater.post("/v1/reviews", new).await.expect(201).id());
        self.bring(&path, on, to).await;
        path
    }

    /// Nobody can sign in for the supplier any more.
    pub async fn disable_admin(&self, supplier: &str) {
        let id = self.sign_in(Role::SupplierAdmin, Some(supplier)).await.get("/v1/me").await.expect(200).id();
        self.owner().await.act(&format!("/v1/users/{id}/disable")).await.expect(200);
    }

    /// Takes a scheduled review on to this state.
    pub async fn bring(&self, path: &str, on: &Seeded, to: Stage) {
        let rater = self.colleague("rater", Role::Manager).await;
        let admin = self.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let at = |verb: &str| format!("{path}/{verb}");
        if to >= Stage::Ready {
            rater.act(&at("ready")).await.expect(200);
        }
        if to >= Stage::Held {
            rater.hold(path, on).await.expect(200);
        }
        if to >= Stage::Rated {
            rater.post(&at("rate"), ratings(4)).await.expect(200);
            admin.post(&at("rate"), ratings(3)).await.expect(200);
            rater.post(&at("would-use-again"), json!({"would_use_again": true, "reason": "Good."})).await.expect(200);
        }
        if to >= Stage::Responding {
            rater.act(&at("lock-ratings")).await.expect(200);
        }
        if to == Stage::Disputed || to == Stage::Decided {
            admin.post(&at("respond"), json!({"kind": "disagree", "text": "It was better."})).await.expect(200);
        } else if to > Stage::Decided {
            admin.post(&at("respond"), json!({"kind": "agree"})).await.expect(200);
        }
        if to == Stage::Decided {
            let judge = self.colleague("judge", Role::Owner).await;
            judge.post(&at("decide"), json!({"outcome": "upheld", "reason": "It stands."})).await.expect(200);
        }
        if to >= Stage::Committed {
            rater.act(&at("commit")).await.expect(200);
        }
        if to >= Stage::Closed {
            rater.act(&at("close")).await.expect(200);
        }
    }
}

impl Caller<'_> {
    /// A main employee contact of the supplier.
    pub async fn contact(&self, supplier: &str) -> String {
        let new = json!({"name": "Mia Berg", "roles": ["main_employee_contact"]});
        self.post(&format!("/v1/suppliers/{supplier}/people"), new).await.expect(201).id()
    }

    /// The caller has met a main employee contact.
    pub async fn hold(&self, path: &str, on: &Seeded) -> Answer {
        let (me, contact) = (self.get("/v1/me").await.expect(200).id(), self.contact(&on.supplier).await);
        self.post(&format!("{path}/hold"), json!({"present": [{"account_id": me}, {"person_id": contact}]})).await
    }

    /// What is due from the caller.
    pub async fn tasks(&self) -> Vec<String> {
        self.get("/v1/me/tasks").await.expect(200).each("kind")
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }
}
