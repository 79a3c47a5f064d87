//! The ready-made questionnaires, in words of our own.

use crate::questionnaires::types::{QuestionnaireTemplate, QuestionnaireTerms, TemplateName};
use crate::shared::error::{Code, Error, Result};
use std::sync::LazyLock;

const FILES: [(TemplateName, &str); 1] =
    [(TemplateName::ServiceExcellence, include_str!("../templates/service_excellence.json"))];

static ALL: LazyLock<Vec<QuestionnaireTemplate>> = LazyLock::new(|| {
    let template = |(template, file): &(TemplateName, &str)| QuestionnaireTemplate {
        template: *template,
        terms: serde_json::from_str(file).expect("a ready-made questionnaire is valid"),
    };
    FILES.iter().map(template).collect()
});

/// Every ready-made questionnaire.
pub fn ready_made() -> &'static [QuestionnaireTemplate] {
    &ALL
}

/// What a new questionnaire asks: what is given, or the ready-made content.
pub fn terms_of(template: Option<TemplateName>, given: Option<QuestionnaireTerms>) -> Result<QuestionnaireTerms> {
    let ready = template.and_then(|name| ALL.iter().find(|known| known.template == name));
    match (ready, given) {
        (Some(ready), None) => Ok(ready.terms.clone()),
        (None, Some(given)) => Ok(given),
        _ => Err(Error::rule(Code::RuleViolated, "/terms", "Give either `terms` or a `template`.")),
    }
}
