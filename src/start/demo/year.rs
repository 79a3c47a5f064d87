//! The rows of the year: what was promised when and how it was kept, and what customers said of it.

use super::{Inside, day};
use crate::shared::time::Timestamp;
use crate::start::Failure;
use chrono::{SecondsFormat, TimeDelta};
use std::fmt::Write;
use std::path::Path;

/// How much of it goes by at once: four weeks.
pub const MONTH: i64 = 28;
/// Four quarters.
pub const DAYS: i64 = 13 * MONTH;
/// How long there is a history before the first promise.
pub const BEFORE: i64 = 100;

/// How one supplier serves: shares of 1,000.
pub struct Manner {
    pub key: String,
    pub agreement: String,
    /// Of customers' jobs, done within two days.
    pub kept: u64,
    /// Of customers who answered, satisfied.
    pub satisfied: u64,
    /// Of our own duties towards the supplier, on time.
    pub ours: u64,
}

/// Between two days there is so much for every supplier: one job a day, one duty of ours a day, an answer to every
/// second job.
pub async fn pass(
    inside: &Inside,
    suppliers: &[Manner],
    survey: &str,
    folder: &Path,
    from: Timestamp,
    days: i64,
) -> Result<(), Failure> {
    let mut commitments = "external_id,promise_external_id,made_at,fulfilled_at,job_ref,customer_ref\n".to_owned();
    let mut feedback =
        "external_id,survey_id,agreement_id,answered_at,job_ref,customer_ref,values.satisfaction\n".to_owned();
    for (number, of) in (0..).zip(suppliers) {
        for passed in 0..days {
            let at = from.plus(TimeDelta::days(passed)).plus(TimeDelta::hours(8));
            let (key, on) = (&of.key, day(at));
            // Whether it went well depends on the job alone.
            let luck = |what: u64| draw(number, at.instant().timestamp().unsigned_abs() / 86_400, what);
            let done = |share: u64, limit: i64, what: u64| match luck(what) < share {
                true => at.plus(TimeDelta::hours(limit - 1 - (luck(what + 10) % (limit as u64 / 2)) as i64)),
                false => at.plus(TimeDelta::hours(limit + 1 + (luck(what + 10) % 20) as i64)),
            };
            let job = done(of.kept, 48, 1);
            let _ = writeln!(
                commitments,
                "{key}-job-{on},{key}-job,{},{},{key}-{on},C-{key}-{on}",
                instant(at),
                instant(job)
            );
            let duty = done(of.ours, 24, 2);
            let _ = writeln!(commitments, "{key}-duty-{on},{key}-duty,{},{},,", instant(at), instant(duty));
            if passed % 2 == 0 {
                let stars = match luck(3) {
                    luck if luck < of.satisfied => 4 + luck % 2,
                    luck => 1 + luck % 3,
                };
                let (agreement, answered) = (&of.agreement, instant(job.plus(TimeDelta::hours(3))));
                let _ =
                    writeln!(feedback, "{key}-{on},{survey},{agreement},{answered},{key}-{on},C-{key}-{on},{stars}");
            }
        }
    }
    for (kind, rows) in [("commitments", commitments), ("feedback", feedback)] {
        let file = folder.join(format!("{kind}.csv"));
        std::fs::write(&file, rows)?;
        inside.import(kind, &file).await?;
        std::fs::remove_file(&file)?;
    }
    Ok(())
}

fn instant(at: Timestamp) -> String {
    at.instant().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A number below 1,000 that looks like chance and is the same every time (the finaliser of SplitMix64).
fn draw(supplier: u64, day: u64, what: u64) -> u64 {
    let mut mixed = (supplier << 40 ^ day << 8 ^ what).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ mixed >> 31) % 1_000
}
