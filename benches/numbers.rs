//! What numbers cost when a promise has 10,000 commitments and when it has 1,000,000:
//! `cargo bench --bench numbers`, on SQLite and, where its programs are installed, on PostgreSQL.
//!
//! Prints one line per figure. Nothing is asserted: figures depend on the computer. The ratio should
//! stay below 1.5.
//!
//! On 2 cores (November 2026, while tests ran beside it), p50 at 10,000 and at 1,000,000:
//!
//! | | SQLite | PostgreSQL 15 |
//! |---|---|---|
//! | rows imported in | 1.0 s, 31.9 s | 1.0 s, 45.1 s |
//! | kept rate | 1.6 ms, 1.6 ms | 1.5 ms, 1.5 ms |
//! | kept rate by week | 1.6 ms, 1.6 ms | 2.2 ms, 2.3 ms |
//! | capability | 2.5 ms, 2.6 ms | 4.2 ms, 4.5 ms |
//! | capability, other target | 13.4 ms, 5.1 ms | 8.3 ms, 5.6 ms |
//!
//! (Another target is judged commitment by commitment in a period of fewer than 1,000, and from tallies above.)

mod support;

use chrono::{DateTime, Duration as Span, SecondsFormat, Utc};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;
use support::Api;

const SMALL: i64 = 10_000;
const LARGE: i64 = 1_000_000;

/// A promise of two days, kept or not on so many occasions.
async fn promise(api: &Api, key: &str, many: i64) -> String {
    let supplier = api.supplier(key).await;
    let (agreement, clause) = api.agreement(&supplier, key).await;
    let new = json!({"agreement_id": agreement, "expectation_id": clause, "wording": "Within two days.",
        "external_id": key, "effective_from": "2020-01-01T00:00:00Z"});
    let promise = api.made("/v1/promises", new).await;
    let now = api.inside.app.clock.now().instant();
    api.load("commitments", many, |file| write_rows(file, key, many, now)).await;
    promise
}

/// Fulfilled after 20 to 60 hours, without any order.
fn write_rows(file: &Path, key: &str, many: i64, now: DateTime<Utc>) -> std::io::Result<()> {
    let mut rows = BufWriter::new(std::fs::File::create(file)?);
    writeln!(rows, "external_id,promise_external_id,made_at,fulfilled_at")?;
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    for number in 0..many {
        let made_at = now - Span::days(362) + Span::seconds(number * 358 * 86_400 / many);
        let took = 20 * 3_600 + number.wrapping_mul(2_654_435_761).rem_euclid(40 * 3_600);
        writeln!(rows, "{key}-{number},{key},{},{}", text(made_at), text(made_at + Span::seconds(took)))?;
    }
    rows.flush()
}

#[tokio::main]
async fn main() {
    support::on_both(async |api| {
        let promises = [promise(api, "small", SMALL).await, promise(api, "large", LARGE).await];
        api.analyse().await;
        let operations = [
            ("kept rate", "/v1/kept-rate?promise_id={}"),
            ("kept rate by week", "/v1/kept-rate?promise_id={}&by=week"),
            ("capability", "/v1/promises/{}/capability"),
            ("capability, other target", "/v1/promises/{}/capability?target_duration=PT40H"),
        ];
        api.compare(&operations, [&promises[0], &promises[1]], [SMALL, LARGE]).await;
    })
    .await;
}
