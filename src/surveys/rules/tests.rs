use super::*;
use crate::surveys::rules::{ready_made, terms_of};
use serde_json::{Value, json};

fn terms(value: Value) -> SurveyTerms {
    serde_json::from_value(value).expect("terms")
}

fn survey(items: Value) -> Value {
    json!({"languages": ["en"], "title": {"en": "T"}, "items": items})
}

fn scale(min: i64, max: i64) -> Value {
    json!({"min": min, "max": max, "step": 1, "direction": "higher_is_better"})
}

/// Where it is refused, and with which code.
fn refused(instrument: Instrument, value: Value) -> String {
    let error = checked(instrument, terms(value)).expect_err("refused");
    format!("{} {}", error.code.name(), error.fields[0].pointer.clone().unwrap_or_default())
}

fn custom(items: Value) -> String {
    refused(Instrument::Custom, survey(items)).replace("rule_violated #/terms", "")
}

#[test]
fn every_ready_made_instrument_may_stand_and_is_complete() {
    for ready in ready_made() {
        let given = terms_of(ready.instrument, None).expect("ready-made");
        let done = checked(ready.instrument, given.clone()).expect("it may stand");
        assert_eq!(done, given, "nothing is left open");
    }
    assert!(terms_of(Instrument::Custom, None).is_err());
}

#[test]
fn the_instrument_of_gaps_has_its_dimensions_weights_and_two_languages() {
    let terms = terms_of(Instrument::Servqual22, None).expect("ready-made");
    let of = |name: &str| terms.items.iter().filter(|item| item.key.starts_with(name)).count();
    let counts = ["tangibles_", "reliability_", "responsiveness_", "assurance_", "empathy_"].map(of);
    assert_eq!(counts, [4, 5, 4, 4, 5]);
    assert_eq!(terms.weights, Some(Weights::default()));
    let mut words = BTreeSet::new();
    for item in &terms.items {
        assert_eq!(item.kind, ItemKind::Pair);
        for wording in [&item.wording, &item.expectation_wording] {
            assert_eq!(wording.keys().collect::<Vec<_>>(), ["de", "en"]);
            wording.values().for_each(|said| assert!(words.insert(said.to_string()), "{}: {}", &*item.key, &**said));
        }
    }
    assert_eq!(words.len(), 88);
}

#[test]
fn what_is_left_open_is_that_of_the_measure() {
    let item = |measure: &str| json!({"key": measure, "kind": "scale", "wording": {"en": "?"}, "measure": measure});
    let one_to_ten =
        json!({"key": "nps10", "kind": "scale", "wording": {"en": "?"}, "measure": "nps", "variant": "nps_1_10"});
    let plain = json!({"key": "plain", "kind": "scale", "wording": {"en": "?"}, "scale": scale(-3, 3)});
    let items = json!([item("csat"), item("nps"), item("ces"), one_to_ten, plain]);
    let done = checked(Instrument::Custom, terms(survey(items))).expect("it may stand");
    let said = done.items.iter().map(|item| {
        let scale = item.scale.as_ref().expect("a scale");
        (scale.min, scale.max, item.variant.expect("a variant"), item.measure.expect("a measure"))
    });
    let expected = [
        (1, 5, Variant::Top2, Measure::Csat),
        (0, 10, Variant::Nps0To10, Measure::Nps),
        (1, 7, Variant::Mean, Measure::Ces),
        (1, 10, Variant::Nps1To10, Measure::Nps),
        (-3, 3, Variant::Mean, Measure::Score),
    ];
    assert_eq!(said.collect::<Vec<_>>(), expected);
    assert_eq!(done.weights, None, "nothing is about a dimension");
}

#[test]
fn a_measure_has_its_scales_and_variants() {
    let item = |measure: &str, min: i64, max: i64, variant: &str| json!([{"key": "a", "kind": "scale", "wording": {"en": "?"}, "measure": measure, "variant": variant, "scale": scale(min, max)}]);
    for (measure, min, max, variant, at) in [
        ("csat", 1, 10, "top2", "scale"),
        ("csat", 0, 5, "top2", "scale"),
        ("ces", 1, 5, "mean", "scale"),
        ("nps", 1, 5, "nps_1_10", "scale"),
        ("nps", 1, 10, "nps_0_10", "variant"),
        ("nps", 0, 10, "nps_1_10", "variant"),
        ("nps", 0, 10, "mean", "variant"),
        ("csat", 1, 5, "nps_1_10", "variant"),
        ("score", -5, 5, "share_of_possible", "variant"),
    ] {
        assert_eq!(
            custom(item(measure, min, max, variant)),
            format!("/items/0/{at}"),
            "{measure} {min}-{max} {variant}"
        );
    }
    for (measure, min, max, variant) in [
        ("csat", 1, 5, "mean"),
        ("nps", 1, 10, "nps_1_10"),
        ("ces", 1, 7, "top2"),
        ("score", 0, 100, "share_of_possible"),
    ] {
        checked(Instrument::Custom, terms(survey(item(measure, min, max, variant)))).expect("it may stand");
    }
    let mut backwards = item("csat", 1, 5, "top2");
    backwards[0]["scale"]["direction"] = json!("lower_is_better");
    assert_eq!(custom(backwards), "/items/0/scale");
}

#[test]
fn items_are_whole_and_have_nothing_that_is_not_theirs() {
    let with = |mut item: Value, member: &str, value: Value| {
        item[member] = value;
        json!([item])
    };
    let on_scale = json!({"key": "a", "kind": "scale", "wording": {"en": "?"}, "scale": scale(1, 5)});
    let pair = json!({"key": "a", "kind": "pair", "wording": {"en": "?"}, "expectation_wording": {"en": "?"}, "scale": scale(1, 7)});
    let text = json!({"key": "a", "kind": "text", "wording": {"en": "?"}});
    let of = |key: &str| json!({"key": key, "wording": {"en": key}});
    let choice = json!({"key": "a", "kind": "choice", "wording": {"en": "?"}, "choices": [of("b"), of("c")]});
    for item in [&on_scale, &pair, &text, &choice] {
        checked(Instrument::Custom, terms(survey(json!([item])))).expect("it may stand");
    }
    let backwards = json!({"min": 1, "max": 5, "step": 1, "direction": "lower_is_better"});
    let step = json!({"min": 0, "max": 5, "step": 2, "direction": "higher_is_better"});
    let labelled = json!({"min": 0, "max": 5, "step": 1, "direction": "higher_is_better", "min_label": {"de": "nie"}});
    for (items, at) in [
        (json!([on_scale, text]), "/items/1/key"),
        (with(on_scale.clone(), "wording", json!({"de": "?"})), "/items/0/wording"),
        (with(on_scale.clone(), "wording", json!({"en": "?", "de": "?"})), "/items/0/wording"),
        (with(on_scale.clone(), "scale", Value::Null), "/items/0/scale"),
        (with(on_scale.clone(), "scale", scale(5, 5)), "/items/0/scale/max"),
        (with(on_scale.clone(), "scale", step), "/items/0/scale/step"),
        (with(on_scale.clone(), "scale", labelled), "/items/0/scale/min_label"),
        (with(on_scale.clone(), "choices", json!([of("b"), of("c")])), "/items/0/choices"),
        (with(on_scale.clone(), "expectation_wording", json!({"en": "?"})), "/items/0/expectation_wording"),
        (with(pair.clone(), "expectation_wording", json!({})), "/items/0/expectation_wording"),
        (with(pair.clone(), "scale", Value::Null), "/items/0/scale"),
        (with(pair.clone(), "scale", backwards), "/items/0/scale/direction"),
        (with(pair.clone(), "measure", json!("csat")), "/items/0/measure"),
        (with(text.clone(), "dimension", json!("empathy")), "/items/0/dimension"),
        (with(text.clone(), "is_multiple", json!(true)), "/items/0/is_multiple"),
        (with(choice.clone(), "choices", json!([of("b")])), "/items/0/choices"),
        (with(choice.clone(), "choices", json!([of("b"), of("b")])), "/items/0/choices/1/key"),
        (with(choice.clone(), "variant", json!("mean")), "/items/0/variant"),
    ] {
        assert_eq!(custom(items.clone()), at, "{items}");
    }
}

#[test]
fn what_is_asked_besides_needs_items_to_be_about() {
    let pair = json!({"key": "p", "kind": "pair", "wording": {"en": "?"}, "expectation_wording": {"en": "?"},
        "dimension": "empathy", "scale": scale(1, 7)});
    let on_scale = json!({"key": "a", "kind": "scale", "wording": {"en": "?"}, "measure": "csat"});
    let with = |member: &str, value: Value| {
        let mut whole = survey(json!([on_scale]));
        whole[member] = value;
        whole
    };
    let follow_up =
        |item: &str, threshold: i64, within: &str| json!({"item": item, "threshold": threshold, "within": within});
    let weights = json!({"reliability": 1, "assurance": 1, "tangibles": 1, "empathy": 1, "responsiveness": 1});
    for (value, said) in [
        (with("asks_importance", json!(true)), "rule_violated #/terms/asks_importance"),
        (with("asks_minimum", json!(true)), "rule_violated #/terms/asks_minimum"),
        (with("weights", weights), "weights_sum #/terms/weights"),
        (with("thanks", json!({"de": "Danke"})), "rule_violated #/terms/thanks"),
        (with("follow_up", follow_up("b", 2, "P1D")), "rule_violated #/terms/follow_up/item"),
        (with("follow_up", follow_up("a", 6, "P1D")), "rule_violated #/terms/follow_up/threshold"),
        (with("follow_up", follow_up("a", 2, "PT0S")), "rule_violated #/terms/follow_up/within"),
    ] {
        assert_eq!(refused(Instrument::Custom, value), said);
    }
    let mut whole = survey(json!([pair, on_scale]));
    whole["asks_importance"] = json!(true);
    whole["asks_minimum"] = json!(true);
    whole["follow_up"] = follow_up("a", 2, "P1D");
    let done = checked(Instrument::Custom, terms(whole)).expect("it may stand");
    assert_eq!(done.weights, Some(Weights::default()));
}

#[test]
fn an_instrument_keeps_its_items_and_takes_others_after_them() {
    let ready = |change: &dyn Fn(&mut SurveyTerms)| {
        let mut terms = terms_of(Instrument::Csat5, None).expect("ready-made");
        change(&mut terms);
        checked(Instrument::Csat5, terms)
    };
    let text: SurveyItem =
        serde_json::from_value(json!({"key": "why", "kind": "text", "wording": {"en": "Why?", "de": "Warum?"}}))
            .expect("an item");
    let words = |terms: &mut SurveyTerms| terms.items[0].wording = text.wording.clone();
    ready(&words).expect("in other words");
    ready(&|terms| terms.items.push(text.clone())).expect("one more");
    ready(&|terms| terms.items[0].dimension = Some(crate::agreements::Dimension::Empathy))
        .expect("about one dimension");
    let mut gaps = terms_of(Instrument::Servqual22, None).expect("ready-made");
    gaps.items[0].dimension = Some(crate::agreements::Dimension::Empathy);
    assert!(checked(Instrument::Servqual22, gaps).is_err(), "a gap keeps its dimension");
    assert!(ready(&|terms| terms.items.insert(0, text.clone())).is_err(), "they stand first");
    assert!(ready(&|terms| terms.items[0] = text.clone()).is_err(), "without it");
    assert!(ready(&|terms| terms.items[0].variant = Some(Variant::Mean)).is_err(), "in another way");
}

#[test]
fn what_was_published_under_a_key_keeps_its_meaning() {
    let published = terms_of(Instrument::Csat5, None).expect("ready-made").items;
    let after = |change: &dyn Fn(&mut SurveyItem)| {
        let mut terms = terms_of(Instrument::Csat5, None).expect("ready-made");
        change(&mut terms.items[0]);
        check_published(&terms, &published)
    };
    let on = |item: &mut SurveyItem, change: &dyn Fn(&mut Scale)| change(item.scale.as_mut().expect("a scale"));
    after(&|item| item.wording.clear()).expect("words may change");
    after(&|item| on(item, &|scale| scale.min_label.clear())).expect("labels may change");
    after(&|item| item.key = serde_json::from_value(json!("other")).expect("a key")).expect("another key");
    let refused: [&dyn Fn(&mut SurveyItem); 5] = [
        &|item| item.kind = ItemKind::Text,
        &|item| item.measure = Some(Measure::Score),
        &|item| item.variant = Some(Variant::Mean),
        &|item| item.dimension = Some(crate::agreements::Dimension::Empathy),
        &|item| on(item, &|scale| scale.direction = ScaleDirection::LowerIsBetter),
    ];
    for change in refused {
        assert!(after(change).is_err());
    }
    assert!(after(&|item| on(item, &|scale| scale.max = 7)).is_err());
}
