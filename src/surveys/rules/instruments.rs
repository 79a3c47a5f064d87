//! The ready-made instruments, in words of our own, and what a survey made from one keeps of it.

use super::check::differs;
use crate::shared::error::{Code, Error, Result};
use crate::surveys::types::{Instrument, SurveyInstrument, SurveyItem, SurveyTerms};
use std::sync::LazyLock;

const FILES: [(Instrument, &str); 4] = [
    (Instrument::Csat5, include_str!("../instruments/csat5.json")),
    (Instrument::Nps11, include_str!("../instruments/nps11.json")),
    (Instrument::Ces7, include_str!("../instruments/ces7.json")),
    (Instrument::Servqual22, include_str!("../instruments/servqual22.json")),
];

static ALL: LazyLock<Vec<SurveyInstrument>> = LazyLock::new(|| {
    let instrument = |(instrument, file): &(Instrument, &str)| SurveyInstrument {
        instrument: *instrument,
        terms: serde_json::from_str(file).expect("a ready-made instrument is valid"),
    };
    FILES.iter().map(instrument).collect()
});

/// Every instrument.
pub fn ready_made() -> &'static [SurveyInstrument] {
    &ALL
}

fn find(instrument: Instrument) -> Option<&'static SurveyTerms> {
    ALL.iter().find(|known| known.instrument == instrument).map(|known| &known.terms)
}

/// What a new survey asks: what is given, or the ready-made content.
pub fn terms_of(instrument: Instrument, given: Option<SurveyTerms>) -> Result<SurveyTerms> {
    given.or_else(|| find(instrument).cloned()).ok_or_else(|| {
        Error::rule(Code::RuleViolated, "/terms", "A survey of your own needs items: say what is asked.")
    })
}

/// The items of the instrument stand first, and mean what they mean. One that is about no dimension of quality in
/// particular may be about one here.
pub fn check(instrument: Instrument, terms: &SurveyTerms) -> Result<()> {
    let fixed = find(instrument).map_or(&[][..], |ready| &ready.items);
    for (place, fixed) in fixed.iter().enumerate() {
        let at = |member: &str| format!("/terms/items/{place}{member}");
        let Some(item) = terms.items.get(place).filter(|item| item.key == fixed.key) else {
            let detail = format!("The item `{}` of the instrument stands here.", &*fixed.key);
            return Err(Error::rule(Code::RuleViolated, &at(""), detail));
        };
        let dimension = fixed.dimension.or(item.dimension);
        if let Some(member) = differs(item, &SurveyItem { dimension, ..fixed.clone() }) {
            let detail = "The instrument fixes it; its words may be changed.";
            return Err(Error::rule(Code::RuleViolated, &at(&format!("/{member}")), detail));
        }
    }
    Ok(())
}
