//! What commitments may become, and what is said of them later. Pure: no HTTP, no SQL.

use super::{Clockwork, Occasion, is_measured, promised_by, wrong};
use crate::agreements::Metric;
use crate::promises::commitments::entity::Model;
use crate::promises::commitments::types::{CommitmentStatus, Correction, Fulfilment};
use crate::promises::entity::version::Model as Version;
use crate::promises::types::PromiseStatus;
use crate::shared::error::{Code, Error, Result};
use crate::shared::time::Timestamp;

/// What a fulfilment says about an occasion known before.
pub fn fulfilled(before: &Model, given: &Fulfilment, now: Timestamp) -> Result<Occasion> {
    use CommitmentStatus::{Broken, ExcuseRequested, Excused, Open};
    let fulfilled_at = given.fulfilled_at.unwrap_or(now);
    match before.status {
        _ if before.superseded_by_id.is_some() => return Err(superseded(before.status)),
        Open => {}
        Broken | ExcuseRequested | Excused if before.fulfilled_at.is_none() && fulfilled_at > before.breaks_at => {}
        Broken | ExcuseRequested | Excused if before.fulfilled_at.is_none() => {
            let detail = "It counts as broken already; that it was fulfilled in time is a correction.";
            return wrong("/fulfilled_at", detail);
        }
        other => return Err(invalid_state("fulfil", other)),
    }
    Ok(Occasion {
        made_at: before.made_at,
        due_at: Some(before.due_at),
        fulfilled_at: Some(fulfilled_at),
        value: given.value,
        breaks_at: Some(before.breaks_at),
        is_withdrawn: false,
    })
}

/// Until when something is due that was made at another time than was known: what followed from the promise
/// follows again (null), what was said stays.
pub fn still_due(before: &Model, version: &Version, clockwork: &Clockwork, made_at: Timestamp) -> Option<Timestamp> {
    let follows = made_at != before.made_at
        && version.metric == Metric::Duration
        && promised_by(version, clockwork, before.made_at).is_ok_and(|due_at| due_at == before.due_at);
    Some(before.due_at).filter(|_| !follows)
}

/// What a correction says about an occasion known before, judged by `version`.
pub fn corrected(before: &Model, version: &Version, clockwork: &Clockwork, given: &Correction) -> Result<Occasion> {
    if before.superseded_by_id.is_some() {
        return Err(superseded(before.status));
    }
    if given.is_unfulfilled && given.fulfilled_at.is_some() {
        return wrong("/is_unfulfilled", "It was fulfilled or it was not.");
    }
    let fulfilled_at = given.fulfilled_at.or(before.fulfilled_at).filter(|_| !given.is_unfulfilled);
    let known = before.value.filter(|_| is_measured(version) && fulfilled_at.is_some());
    let made_at = given.made_at.unwrap_or(before.made_at);
    let due_at = match given.due_at {
        None => still_due(before, version, clockwork, made_at),
        given => given,
    };
    // What was taken back stays so until somebody says how it was fulfilled.
    let is_withdrawn = before.status == CommitmentStatus::Withdrawn && fulfilled_at.is_none();
    Ok(Occasion { made_at, due_at, fulfilled_at, value: given.value.or(known), breaks_at: None, is_withdrawn })
}

/// A retired promise is made to nobody any more.
pub fn may_be_made(status: PromiseStatus) -> Result<()> {
    match status {
        PromiseStatus::Retired => {
            let detail = "The promise is retired: it is made to nobody any more.";
            Err(Error::new(Code::InvalidState, detail)
                .with("current_status", "retired")
                .with("allowed", Vec::<&str>::new()))
        }
        _ => Ok(()),
    }
}

pub fn may_withdraw(before: &Model) -> Result<()> {
    match before.status {
        CommitmentStatus::Open => Ok(()),
        other => Err(invalid_state("withdraw", other)),
    }
}

pub fn may_have_cause(before: &Model) -> Result<()> {
    match before.status {
        _ if before.superseded_by_id.is_some() => Err(superseded(before.status)),
        CommitmentStatus::Broken => Ok(()),
        other => Err(invalid_state("set-cause", other)),
    }
}

fn superseded(status: CommitmentStatus) -> Error {
    let detail = "It was corrected: only the commitment that supersedes it changes.";
    Error::new(Code::InvalidState, detail).with("current_status", name(status)).with("allowed", Vec::<&str>::new())
}

fn name(status: CommitmentStatus) -> serde_json::Value {
    serde_json::to_value(status).unwrap_or_default()
}

/// The refusal that says what is possible instead.
pub fn invalid_state(verb: &str, status: CommitmentStatus) -> Error {
    use CommitmentStatus::{Broken, ExcuseRequested, Excused, Kept, Open, Withdrawn};
    let allowed: &[&str] = match status {
        Open => &["fulfil", "withdraw", "correct"],
        Kept | Withdrawn => &["correct"],
        Excused => &["fulfil", "correct"],
        Broken => &["fulfil", "ask-excuse", "set-cause", "correct"],
        ExcuseRequested => &["fulfil", "grant-excuse", "refuse-excuse", "correct"],
    };
    let status = name(status);
    let shown = status.as_str().unwrap_or_default().to_owned();
    let detail = format!("`{verb}` is not possible while the commitment is {shown}.");
    Error::new(Code::InvalidState, detail).with("current_status", status).with("allowed", allowed)
}
