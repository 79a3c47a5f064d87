//! The built-in templates, and the clauses an agreement gets from one.

use super::types::{AgreementTemplate, TemplateClause};
use crate::agreements::expectations::{Expectation, ExpectationId, NewExpectation, Place};
use crate::agreements::types::{CodeItem, Side};
use crate::shared::clock::Clock;
use crate::shared::id::AgreementId;
use std::sync::LazyLock;

const FILES: [&str; 4] = [
    include_str!("field-service.json"),
    include_str!("goods-supplier.json"),
    include_str!("internal-unit.json"),
    include_str!("professional-services.json"),
];
/// The same for all: how customers are treated does not depend on who serves them.
const SERVICE_CODE: &str = include_str!("service-code.json");

static ALL: LazyLock<Vec<AgreementTemplate>> = LazyLock::new(|| {
    let service_code: Vec<CodeItem> = serde_json::from_str(SERVICE_CODE).expect("the service code is valid");
    let template = |file: &&str| {
        let template: AgreementTemplate = serde_json::from_str(file).expect("a built-in template is valid");
        AgreementTemplate { service_code: service_code.clone(), ..template }
    };
    FILES.iter().map(template).collect()
});

/// Every template.
pub fn all() -> &'static [AgreementTemplate] {
    &ALL
}

/// The template with this key.
pub fn find(key: &str) -> Option<&'static AgreementTemplate> {
    ALL.iter().find(|template| template.key == key)
}

/// The template's clauses as those of a new agreement's version, written by the organisation.
pub fn clauses(template: &AgreementTemplate, clock: &Clock, at: (AgreementId, i64)) -> Vec<Expectation> {
    let ids: Vec<_> = template.clauses.iter().map(|_| ExpectationId::new(clock)).collect();
    let numbered = template.clauses.iter().zip(ids.iter().zip(1..));
    let written = numbered.map(|(clause, (id, position))| {
        let place = Place { id: *id, agreement: at.0, version: at.1, position };
        place.write(&new(clause, &ids), Side::Us, clock.now())
    });
    written.collect()
}

/// The clause of a template with the ids its numbers stand for.
fn new(clause: &TemplateClause, ids: &[ExpectationId]) -> NewExpectation {
    let id = |number: &i64| ids.get(usize::try_from(*number).ok()?.checked_sub(1)?).copied();
    NewExpectation {
        direction: clause.direction,
        dimension: clause.dimension,
        text: clause.text.clone(),
        metric: clause.metric,
        comparison: clause.comparison,
        target: clause.target,
        target_duration: clause.target_duration,
        unit: clause.unit.clone(),
        reliability: clause.reliability,
        is_gate: clause.is_gate,
        depends_on: clause.depends_on.iter().filter_map(id).collect(),
        review_by: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreements::expectations::{Dimension, Direction, check_change};
    use crate::agreements::types::CodeItemKind;
    use std::collections::BTreeSet;

    #[test]
    fn every_template_asks_something_of_everybody_and_could_be_agreed() {
        let clock = Clock::system();
        let at = (AgreementId::new(&clock), 1);
        assert_eq!(all().len(), FILES.len());
        for template in all() {
            let clauses = clauses(template, &clock, at);
            for clause in &clauses {
                let checked = check_change(clauses.clone(), clause);
                checked.unwrap_or_else(|error| panic!("{}, {}: {error}", template.key, clause.text));
            }
            let directions: BTreeSet<Direction> = clauses.iter().map(|clause| clause.direction).collect();
            let dimensions: BTreeSet<Dimension> = clauses.iter().map(|clause| clause.dimension).collect();
            assert_eq!((directions.len(), dimensions.len()), (3, 5), "{}", template.key);
            assert_eq!(find(&template.key), Some(template));
            for (clause, from) in clauses.iter().zip(&template.clauses) {
                assert_eq!(clause.depends_on.len(), from.depends_on.len(), "{}: {}", template.key, clause.text);
            }
        }
        assert_eq!(find("unknown"), None);
    }

    #[test]
    fn the_service_code_has_its_five_steps_and_never_sends_the_customer_away() {
        let code = &all()[0].service_code;
        assert!(code.iter().filter(|item| item.kind == CodeItemKind::Do).count() >= 5);
        let dont = code.iter().filter(|item| item.kind == CodeItemKind::Dont);
        assert!(dont.map(|item| &item.text).any(|text| text.starts_with("Never send the customer")));
    }
}
