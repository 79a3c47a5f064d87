//! Numbers over HTTP.

use super::rules::{self, Span};
use super::servqual::servqual;
use super::store::{self, Grouping, Subjects};
use super::types::{FeedbackNumbers, FeedbackNumbersQuery};
use crate::organization::today;
use crate::promises::{Step, steps};
use crate::shared::app::App;
use crate::shared::auth::{May, Scope};
use crate::shared::days::window;
use crate::shared::error::{Code, Error, Result};
use crate::shared::params::Params;
use crate::shared::permission::feedback_numbers::Read;
use crate::shared::reply::Listed;
use crate::shared::stats::Window;
use crate::shared::tag::Tag;
use crate::surveys::{asked, items, response_counts};
use chrono::NaiveDate;
use poem_openapi::OpenApi;
use std::collections::HashSet;

/// How many steps a series has at most.
const MOST_STEPS: usize = 400;

pub struct FeedbackNumbersApi {
    pub app: App,
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Feedback")]
impl FeedbackNumbersApi {
    /// Get what customers said, in numbers
    ///
    /// About a supplier, an agreement, a person or a service line, one of them at least (422). Every number says how it
    /// is computed (`variant`), of how many answers it is, and between which bounds the truth lies; below 10 answers its
    /// value is null. Quarantined answers count nothing, nor does what the caller does not see.
    ///
    /// Suppliers read whole calendar months that are over, the last twelve when left out. Of every survey, agreement, item
    /// and month with fewer than 5 answers they read nothing, not even within a sum, so that no two numbers together tell
    /// what one customer said; they cannot ask for stages, kinds of customers or single people (422).
    #[oai(path = "/feedback-numbers", method = "get", operation_id = "getFeedbackNumbers")]
    async fn get_feedback_numbers(
        &self,
        by: May<Read>,
        query: Params<FeedbackNumbersQuery>,
    ) -> Result<Listed<FeedbackNumbers>> {
        let (db, as_of) = (self.app.db.read(), by.clock.now());
        rules::refuse_everything(&query)?;
        let view = View::of(&by, &query, today(db, &by.clock).await?)?;
        let subjects = store::wanted(&by, &query);
        let counted = store::counted(db, &subjects, &query, &view.spans, view.grouping).await?;
        let surveys: HashSet<_> = counted.iter().map(|counted| counted.survey).collect();
        let known = items(db, surveys.into_iter().collect()).await?;
        let weights = match query.survey_id {
            Some(id) => asked(db, vec![id]).await?.remove(&id).and_then(|asked| asked.terms.weights),
            None => None,
        };
        let when = (view.window, as_of);
        Listed::new(&FeedbackNumbers {
            window: view.window,
            as_of,
            answers: rules::answers(&counted),
            response: rules::response(self.responses(&subjects, &query, view.window).await?, when),
            items: rules::items(&counted, &known, when),
            pairs: rules::pairs(&counted, &known, when),
            servqual: servqual(&counted, &known, weights, when),
            choices: rules::choices(&counted, when),
            series: rules::series(&counted, &known, view.steps, as_of),
        })
    }
}

impl FeedbackNumbersApi {
    async fn responses(&self, of: &Subjects, query: &FeedbackNumbersQuery, window: Window) -> Result<(i64, i64)> {
        response_counts(self.app.db.read(), of.bases.clone(), of.person, query.survey_id, window).await
    }
}

/// What of the tallies is read.
struct View {
    window: Window,
    spans: Vec<Span>,
    grouping: Grouping,
    steps: Vec<Window>,
}

impl View {
    fn of(by: &May<Read>, query: &FeedbackNumbersQuery, today: NaiveDate) -> Result<Self> {
        let is_supplier = by.scope != Scope::Everything;
        let window = match is_supplier {
            true => months(query, today)?,
            false => window(&query.days, today)?,
        };
        let steps = query.by.map(|step| steps(window, step)).unwrap_or_default();
        if steps.len() > MOST_STEPS {
            return Err(Error::query(Code::RuleViolated, "by", "A series has 400 steps at most."));
        }
        let grouping = match query.by {
            _ if is_supplier => Grouping::Hidden,
            Some(_) => Grouping::Time,
            None => Grouping::Whole,
        };
        let spans = match query.by {
            Some(Step::Day | Step::Week) => vec![Span { is_month: false, from: window.from, to: window.to }],
            _ => rules::spans(window),
        };
        Ok(Self { window, spans, grouping, steps })
    }
}

/// What a supplier may ask for.
fn months(query: &FeedbackNumbersQuery, today: NaiveDate) -> Result<Window> {
    let refused = [
        ("person_id", query.person_id.is_some()),
        ("stage", query.stage.is_some()),
        ("respondent_kind", query.respondent_kind.is_some()),
        ("window", query.days.window.is_some()),
        ("by", matches!(query.by, Some(Step::Day | Step::Week))),
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
