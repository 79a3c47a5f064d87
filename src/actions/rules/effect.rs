//! Whether an action worked.

use crate::actions::types::{ActionJudgement, EffectMethod};
use crate::shared::error::{Code, Error, Result};
use crate::shared::stats::{Rate, Window, Z_ONE_SIDED, two_proportions};
use chrono::{Days, NaiveDate};

/// With fewer occasions on either side a person judges.
const ENOUGH: i64 = 30;

/// The metric before an action and after it.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    pub before: &'a Rate,
    pub after: &'a Rate,
    /// Whether both were judged by the same measure.
    pub is_like: bool,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    pub is_effective: bool,
    pub method: EffectMethod,
    pub z: Option<f64>,
}

/// The days before today.
pub fn counted_before(today: NaiveDate, days: i64) -> Window {
    let yesterday = today.pred_opt().unwrap_or(today);
    let back = u64::try_from(days - 1).unwrap_or_default();
    Window { from: yesterday.checked_sub_days(Days::new(back)).unwrap_or(yesterday), to: yesterday }
}

/// The days since it works that are over: before today, and before the first one of which the outcome of a commitment is
/// still open. What is late is known last: days that are half decided look better than they will be.
pub fn counted_after(effective_from: NaiveDate, today: NaiveDate, first_open: Option<NaiveDate>) -> Option<Window> {
    let end = first_open.map_or(today, |open| open.min(today));
    end.pred_opt().filter(|last| *last >= effective_from).map(|to| Window { from: effective_from, to })
}

/// Whether it worked. Enough occasions on both sides, judged alike, decide alone: it worked when the share grew by 1.645
/// standard errors and more. Otherwise somebody judges in writing.
pub fn decide(compared: Option<Comparison<'_>>, judgement: Option<&ActionJudgement>) -> Result<Verdict> {
    let needed = match compared {
        None => "Nothing is counted: say in writing whether it worked.",
        Some(of) if of.before.n < ENOUGH || of.after.n < ENOUGH => {
            "Fewer than 30 occasions before or after: say in writing whether it worked."
        }
        Some(of) if !of.is_like => {
            "It was not the same that was counted before and after: say in writing whether it worked."
        }
        Some(of) => return by_numbers(of, judgement),
    };
    let judgement = judgement.ok_or_else(|| Error::rule(Code::RuleViolated, "/judgement", needed))?;
    Ok(Verdict { is_effective: judgement.effective, method: EffectMethod::Judgement, z: None })
}

fn by_numbers(of: Comparison<'_>, judgement: Option<&ActionJudgement>) -> Result<Verdict> {
    if judgement.is_some() {
        let detail = "There are 30 occasions and more before and after: the numbers decide.";
        return Err(Error::rule(Code::RuleViolated, "/judgement", detail));
    }
    let z = two_proportions((of.before.k, of.before.n), (of.after.k, of.after.n));
    Ok(Verdict { is_effective: z.is_some_and(|z| z >= Z_ONE_SIDED), method: EffectMethod::TwoProportions, z })
}
