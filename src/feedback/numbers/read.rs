//! From a question to its numbers: how much of the tallies the caller reads, and what becomes of it.

use super::rules::{self, Span};
use super::servqual::servqual;
use super::store::{self, Grouping};
use super::types::{AnswersQuery, FeedbackNumbers};
use crate::organization::home;
use crate::promises::{Step, steps};
use crate::shared::auth::{By, Scope};
use crate::shared::days::{WindowQuery, window};
use crate::shared::error::{Code, Error, Result};
use crate::shared::id::{AgreementId, SupplierId};
use crate::shared::stats::Window;
use crate::shared::zone;
use crate::surveys::{asked_hot, items, response_counts};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

/// How many steps a series has at most.
const MOST_STEPS: usize = 400;

/// Everything that is asked for and that the caller sees, with a series when steps are asked for.
pub async fn numbers(
    db: &impl ConnectionTrait,
    by: &By,
    query: &AnswersQuery,
    step: Option<Step>,
) -> Result<FeedbackNumbers> {
    let (as_of, known_by_heart) = (by.clock.now(), by.gate.db());
    rules::refuse_everything(query)?;
    let today = zone::day_of(&*home(known_by_heart).await?, as_of);
    let View { window, spans, grouping, steps } = View::of(by, query, step, today)?;
    let subjects = store::wanted(by, query);
    let counted = store::counted(db, &subjects, query, &spans, grouping).await?;
    let known = items(known_by_heart, counted.iter().map(|counted| counted.survey).collect()).await?;
    let weights = match query.survey_id {
        Some(id) => asked_hot(known_by_heart, id).await?.and_then(|asked| asked.terms.weights),
        None => None,
    };
    // Who was asked, and answered when, is nothing that a supplier is told.
    let is_told = grouping != Grouping::Published;
    let responses = match is_told {
        true => response_counts(db, subjects.bases, subjects.person, query.survey_id, window).await?,
        false => (0, 0),
    };
    let when = (window, as_of);
    Ok(FeedbackNumbers {
        window,
        as_of,
        answers: rules::answers(&counted),
        response: rules::response(responses, when),
        items: rules::items(&counted, &known, when),
        pairs: rules::pairs(&counted, &known, when),
        servqual: servqual(&counted, &known, weights, when),
        choices: if is_told { rules::choices(&counted, when) } else { Vec::new() },
        series: rules::series(&counted, &known, steps, as_of),
    })
}

/// What the supplier of an agreement may read of the whole months within some days; none where there is no such
/// month.
pub async fn published_to(
    db: &impl ConnectionTrait,
    by: &By,
    (supplier, agreement): (SupplierId, AgreementId),
    days: Window,
) -> Result<Option<FeedbackNumbers>> {
    let Some(months) = rules::whole_months(days) else {
        return Ok(None);
    };
    let reader = By { scope: Scope::Supplier(supplier), ..by.clone() };
    let (from, to) = (Some(months.from), Some(months.to));
    let query = AnswersQuery {
        supplier_id: None,
        agreement_id: Some(agreement),
        person_id: None,
        service_line: None,
        survey_id: None,
        stage: None,
        respondent_kind: None,
        days: WindowQuery { from, to, window: None, as_of: None },
    };
    numbers(db, &reader, &query, None).await.map(Some)
}

/// What of the tallies is read.
struct View {
    window: Window,
    spans: Vec<Span>,
    grouping: Grouping,
    steps: Vec<Window>,
}

impl View {
    fn of(by: &By, query: &AnswersQuery, step: Option<Step>, today: NaiveDate) -> Result<Self> {
        let is_supplier = by.scope != Scope::Everything;
        let window = match is_supplier {
            true => months(query, step, today)?,
            false => window(&query.days, today)?,
        };
        let steps = step.map(|step| steps(window, step)).unwrap_or_default();
        if steps.len() > MOST_STEPS {
            return Err(Error::query(Code::RuleViolated, "by", "A series has 400 steps at most."));
        }
        let grouping = match step {
            _ if is_supplier => Grouping::Published,
            Some(_) => Grouping::Time,
            None => Grouping::Whole,
        };
        let spans = match step {
            Some(Step::Day | Step::Week) => vec![Span { is_month: false, from: window.from, to: window.to }],
            _ => rules::spans(window),
        };
        Ok(Self { window, spans, grouping, steps })
    }
}

/// What a supplier may ask for.
fn months(query: &AnswersQuery, step: Option<Step>, today: NaiveDate) -> Result<Window> {
    let refused = [
        ("person_id", query.person_id.is_some()),
        ("stage", query.stage.is_some()),
        ("respondent_kind", query.respondent_kind.is_some()),
        ("window", query.days.window.is_some()),
        ("by", matches!(step, Some(Step::Day | Step::Week))),
    ];
    if let Some((name, _)) = refused.into_iter().find(|(_, is_given)| *is_given) {
        return Err(Error::query(
            Code::RuleViolated,
            name,
            "Suppliers read whole months, by agreement and survey only.",
        ));
    }
    let days = &query.days;
    if days.from.is_none() && days.to.is_none() && days.as_of.is_none() {
        return Ok(rules::last_months(today));
    }
    let window = window(days, today)?;
    rules::refuse_parts_of_months(window, today)?;
    Ok(window)
}
