//! What numbers from customers cost when a supplier has 10,000 answers and when it has 1,000,000:
//! `cargo bench --bench feedback`, on SQLite and, where its programs are installed, on PostgreSQL.
//!
//! Prints one line per figure. Nothing is asserted: figures depend on the computer. The ratio should
//! stay below 1.5, and those of a whole supplier or agreement below 5 ms.
//!
//! On 2 cores (November 2026), p50 at 10,000 and at 1,000,000. PostgreSQL 15 ran on the same machine, and had statistics
//! of the small import, as autovacuum gives them: without any it reads the whole table for every batch.
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | rows imported in | 1.0 s, 38.9 s (195 MB at most) | 1.0 s, 99.8 s (238 MB at most) |
//! | supplier | 0.71 ms, 0.70 ms | 0.95 ms, 0.95 ms |
//! | agreement | 0.65 ms, 0.64 ms | 0.87 ms, 0.87 ms |
//! | supplier by month | 1.7 ms, 1.7 ms | 2.0 ms, 1.9 ms |
//! | supplier by week | 10.2 ms, 10.2 ms | 9.3 ms, 9.4 ms |

mod support;

use chrono::{DateTime, Duration as Span, SecondsFormat, Utc};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;
use support::Api;

const SMALL: i64 = 10_000;
const LARGE: i64 = 1_000_000;

/// A supplier and its agreement, about which so many customers answered.
async fn supplier(api: &Api, survey: &str, key: &str, many: i64) -> [String; 2] {
    let supplier = api.supplier(key).await;
    let (agreement, _) = api.agreement(&supplier, key).await;
    let now = api.inside.app.clock.now().instant();
    api.load("feedback", many, |file| write_rows(file, [survey, &agreement, key], many, now)).await;
    [supplier, agreement]
}

/// Satisfaction and recommendation of the last year, of 50,000 customers.
fn write_rows(file: &Path, of: [&str; 3], many: i64, now: DateTime<Utc>) -> std::io::Result<()> {
    let [survey, agreement, key] = of;
    let mut rows = BufWriter::new(std::fs::File::create(file)?);
    writeln!(
        rows,
        "external_id,survey_id,agreement_id,answered_at,job_ref,customer_ref,values.satisfaction,values.recommend"
    )?;
    for number in 0..many {
        let answered_at = now - Span::days(362) + Span::seconds(number * 358 * 86_400 / many);
        let (mixed, customer) = (number.wrapping_mul(2_654_435_761).rem_euclid(1_000_003), number % 50_000);
        let at = answered_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (satisfaction, recommend) = (5 - mixed % 7 / 2, mixed % 11);
        writeln!(rows, "{key}-{number},{survey},{agreement},{at},J-{number},C-{customer},{satisfaction},{recommend}")?;
    }
    rows.flush()
}

#[tokio::main]
async fn main() {
    support::on_both(async |api| {
        let terms = json!({"languages": ["en"], "title": {"en": "Your visit"}, "items": [
            {"key": "satisfaction", "kind": "scale", "wording": {"en": "How satisfied are you?"}, "measure": "csat"},
            {"key": "recommend", "kind": "scale", "wording": {"en": "Would you recommend us?"}, "measure": "nps"},
        ]});
        let survey = api.made("/v1/surveys", json!({"name": "Bench", "instrument": "custom", "terms": terms})).await;
        api.post(&format!("/v1/surveys/{survey}/publish"), json!({})).await;
        let small = supplier(api, &survey, "small", SMALL).await;
        api.analyse().await;
        let large = supplier(api, &survey, "large", LARGE).await;
        api.analyse().await;
        let of_supplier = [
            ("supplier", "/v1/feedback-numbers?supplier_id={}"),
            ("supplier by week", "/v1/feedback-numbers?supplier_id={}&by=week"),
            ("supplier by month", "/v1/feedback-numbers?supplier_id={}&by=month"),
        ];
        api.compare(&of_supplier, [&small[0], &large[0]], [SMALL, LARGE]).await;
        let of_agreement = [
            ("agreement", "/v1/feedback-numbers?agreement_id={}"),
            ("agreement by week", "/v1/feedback-numbers?agreement_id={}&by=week"),
        ];
        api.compare(&of_agreement, [&small[1], &large[1]], [SMALL, LARGE]).await;
    })
    .await;
}
