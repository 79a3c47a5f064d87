//! Promises: making them, the gate, what they rest on, and who keeps more.

mod gate;
mod reciprocity;
mod rooms;
mod signed;
mod underpinning;
mod versions;
mod what_if;

use crate::support::seed::Seeded;
use crate::support::{Caller, TestApp};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// A supplier with an agreement in force.
async fn agreement(app: &TestApp, owner: &Caller<'_>) -> Seeded {
    app.seed_agreement(&owner.supplier("Acme").await).await
}

/// A promise on the clause, that judges occasions since the beginning of the year.
fn promise(on: &Seeded, clause: &str) -> Value {
    json!({"agreement_id": on.agreement, "expectation_id": clause, "wording": "Within two days.",
        "effective_from": "2026-01-01T00:00:00.000Z"})
}

/// Makes the promise and returns its address.
async fn made(owner: &Caller<'_>, new: Value) -> String {
    owner.post("/v1/promises", new).await.expect(201).header("location").to_owned()
}

/// Records occasions of one promise: as many hours as given after each was made, one day after the other, the last of
/// them a few days ago. Without hours it was never fulfilled.
async fn occasions(app: &TestApp, caller: &Caller<'_>, promise: &str, hours: impl IntoIterator<Item = Option<i64>>) {
    let hours: Vec<_> = hours.into_iter().collect();
    let id = promise.rsplit('/').next().expect("an id");
    let last = app.clock.now().instant() - TimeDelta::days(10);
    let n = hours.len();
    for (place, hours) in hours.iter().enumerate() {
        let back = i64::try_from(n - place).expect("small") / 2;
        let made_at = last - TimeDelta::days(back);
        let text = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut new = json!({"promise_id": id, "made_at": text(made_at)});
        if let Some(hours) = hours {
            new["fulfilled_at"] = json!(text(made_at + TimeDelta::hours(*hours)));
        }
        caller.post("/v1/commitments", new).await.expect(201);
    }
}

/// `kept` occasions within the hour, the others never.
async fn kept(app: &TestApp, caller: &Caller<'_>, promise: &str, kept: usize, n: usize) {
    let all = (0..n).map(|place| ((place * kept / n) != ((place + 1) * kept / n)).then_some(1));
    occasions(app, caller, promise, all).await;
}
