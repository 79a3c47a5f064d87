use super::super::types::{AssessmentStatus, CalibrationPoint, MissingCode, NewVerdict, VerdictKind};
use super::*;
use crate::questionnaires::QuestionnaireTerms;
use crate::shared::id::AssessmentId;
use crate::shared::time::Timestamp;
use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value, json};

fn near(given: Option<f64>, wanted: f64) -> bool {
    given.is_some_and(|given| (given - wanted).abs() < 1e-9)
}

/// Two sections; the second question of the first is asked when the first one is answered with yes.
fn terms() -> QuestionnaireTerms {
    let yes = |key: &str, weight: i64, more: Value| {
        let mut question = json!({"key": key, "kind": "yes_no", "wording": format!("{key}?"), "weight": weight,
            "good_answer": "yes", "is_required": true, "allows_not_applicable": true});
        question.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        question
    };
    let first = [
        yes("a", 5000, json!({"dimension": "reliability", "pass_rule": {"must_be_in": ["yes"]}})),
        yes(
            "b",
            3000,
            json!({"attribute": "quality", "condition": {"question": "a", "is_in": ["yes"]},
            "pass_rule": {"must_be_in": ["yes"], "is_discretionary": true}}),
        ),
        yes("c", 2000, json!({"is_required": false, "attribute": "quality"})),
    ];
    let second =
        [yes("d", 10000, json!({"evidence": "required"})), json!({"key": "e", "kind": "file", "wording": "e?"})];
    let sections = json!([
        {"key": "one", "title": "One", "weight": 6000, "questions": first},
        {"key": "two", "title": "Two", "weight": 4000, "questions": second},
    ]);
    serde_json::from_value(json!({"title": "T", "sections": sections})).expect("terms")
}

fn key(text: &str) -> QuestionKey {
    QuestionKey::of(text)
}

/// `y`, `n` and `-` (does not apply) by question; a `+` stands for a file.
fn answers(given: &[(&str, &str)]) -> Answers {
    let said = |text: &str| Said {
        given: text
            .chars()
            .find(|one| "yn".contains(*one))
            .map(|one| Given { yes: Some(one == 'y'), ..Given::default() }),
        is_not_applicable: text.contains('-'),
        has_evidence: text.contains('+'),
        ..Said::default()
    };
    given.iter().map(|(question, text)| (key(question), said(text))).collect()
}

fn claimed(given: &[(&str, &str)]) -> Standing {
    standing(terms().questions(), &answers(given), Said::claimed)
}

fn section(given: &[(&str, &str)], place: usize) -> (Option<f64>, i64, i64) {
    let sheet = sheet(&terms(), &claimed(given));
    let section = &sheet.sections[place];
    (section.score, section.n_scored, section.n_not_applicable)
}

#[test]
fn points_are_weighed_by_question_and_by_section() {
    let all = sheet(&terms(), &claimed(&[("a", "y"), ("b", "y"), ("c", "n"), ("d", "n+")]));
    assert!(near(all.sections[0].score, 80.0) && near(all.sections[1].score, 0.0) && near(all.total, 48.0));
    let quality = (&all.attributes[0].attribute, all.attributes[0].score, all.attributes[0].n_scored);
    assert_eq!(quality, (&crate::questionnaires::VisionAttribute::Quality, 60.0, 2));
    assert_eq!((all.dimensions.len(), all.dimensions[0].score), (1, 100.0));
}

#[test]
fn what_does_not_apply_is_left_out_and_the_rest_weighed_up() {
    let (score, n, left_out) = section(&[("a", "y"), ("b", "-"), ("c", "n")], 0);
    assert!(near(score, 100.0 * 5000.0 / 7000.0));
    assert_eq!((n, left_out), (2, 1));
    let sheet = sheet(&terms(), &claimed(&[("a", "y"), ("b", "y"), ("c", "y"), ("d", "-")]));
    assert_eq!(sheet.sections[1].score, None);
    assert!(near(sheet.total, 100.0), "a section without anything that applies is left out");
    assert_eq!(super::sheet(&terms(), &claimed(&[("a", "-"), ("c", "-"), ("d", "-")])).total, None);
}

#[test]
fn what_is_asked_and_not_answered_counts_as_nothing_and_what_is_not_asked_not_at_all() {
    let (score, n, _) = section(&[("a", "y"), ("b", "y")], 0);
    assert!(near(score, 80.0) && n == 3);
    // Without a yes to the first the second is not asked, whatever was answered to it.
    let (score, n, _) = section(&[("a", "n"), ("b", "y"), ("c", "y")], 0);
    assert!(near(score, 100.0 * 2000.0 / 7000.0) && n == 2);
}

#[test]
fn an_adjusted_answer_counts_as_it_was_adjusted() {
    let mut given = answers(&[("a", "y"), ("b", "y"), ("c", "y"), ("d", "y+")]);
    let said = given.get_mut(&key("d")).expect("an answer");
    (said.adjusted, said.verdict) = (Some(Given { yes: Some(false), ..Given::default() }), AnswerVerdict::Adjusted);
    let total = |as_said| sheet(&terms(), &standing(terms().questions(), &given, as_said)).total;
    assert!(near(total(Said::claimed), 100.0) && near(total(Said::verified), 60.0));
}

#[test]
fn pass_rules_tell_question_by_question() {
    let told = |given: &[(&str, &str)]| {
        let (knock_outs, discretionary, passes) = judged(&terms(), &claimed(given));
        let keys = |list: Vec<super::super::types::JudgedQuestion>| {
            list.into_iter().map(|one| one.question.to_string()).collect::<Vec<_>>().join(" ")
        };
        (keys(knock_outs), keys(discretionary), passes)
    };
    let told = |given: &[(&str, &str)]| {
        let (knock_outs, discretionary, passes) = told(given);
        format!("{knock_outs}/{discretionary}/{passes:?}")
    };
    assert_eq!(told(&[("a", "y"), ("b", "y")]), "//Some(true)");
    assert_eq!(told(&[("a", "y"), ("b", "n")]), "/b/None");
    assert_eq!(told(&[("a", "n"), ("b", "n")]), "a//Some(false)", "the second is not asked");
    assert_eq!(told(&[("a", "-")]), "/a/None");
    assert_eq!(told(&[("a", "y")]), "//None", "the second is not answered");
}

#[test]
fn what_is_missing_has_a_place() {
    let found = completeness(&terms(), &answers(&[("a", "y"), ("d", "y")]));
    let missing: Vec<_> =
        found.missing.iter().map(|one| (one.pointer.as_str(), one.code, one.title.as_str())).collect();
    let expected = [
        ("#/answers/b/given", MissingCode::MissingAnswer, "b?"),
        ("#/answers/d/evidence", MissingCode::MissingEvidence, "d?"),
    ];
    assert_eq!((missing.as_slice(), found.n_asked, found.n_answered), (&expected[..], 5, 2));
    assert_eq!(refuse_incomplete(&found).expect_err("incomplete").fields.len(), 2);
    for complete in [&[("a", "n"), ("d", "y+")][..], &[("a", "y"), ("b", "n"), ("d", "-")]] {
        assert!(completeness(&terms(), &answers(complete)).is_complete);
    }
}

fn verdict(question: &str, verdict: VerdictKind, given: Option<Given>, reason: Option<&str>) -> NewVerdict {
    NewVerdict { question: key(question), verdict, given, reason: reason.map(str::to_owned) }
}

#[test]
fn verdicts_are_about_answers_and_say_what_they_need() {
    use VerdictKind::{Adjusted, Confirmed, EvidenceRequested};
    let given = answers(&[("a", "y"), ("d", "y+")]);
    let check = |list: &[NewVerdict]| check_verdicts(&terms(), &given, list);
    let (no, number) =
        (Given { yes: Some(false), ..Given::default() }, Given { number: Some(1.0), ..Given::default() });
    let confirmed = || verdict("a", Confirmed, None, None);
    check(&[confirmed(), verdict("d", Adjusted, Some(no.clone()), Some("r"))]).expect("they fit");
    for (list, at) in [
        (vec![verdict("b", Confirmed, None, None)], "#/verdicts/0/question"),
        (vec![verdict("zebra", Confirmed, None, None)], "#/verdicts/0/question"),
        (vec![confirmed(), confirmed()], "#/verdicts/1/question"),
        (vec![verdict("a", Adjusted, None, Some("r"))], "#/verdicts/0/given"),
        (vec![verdict("a", Adjusted, Some(number), Some("r"))], "#/verdicts/0/given/yes"),
        (vec![verdict("a", Confirmed, Some(no.clone()), None)], "#/verdicts/0/given"),
        (vec![verdict("a", EvidenceRequested, None, None)], "#/verdicts/0/reason"),
        (vec![verdict("a", Adjusted, Some(no), None)], "#/verdicts/0/reason"),
    ] {
        let refused = check(&list).expect_err("refused");
        assert_eq!(refused.fields[0].pointer.as_deref(), Some(at), "{list:?}");
    }
}

#[test]
fn only_what_was_looked_at_is_accepted() {
    let terms = terms();
    let mut given = answers(&[("a", "y"), ("b", "y"), ("d", "y+")]);
    let asked: Vec<_> = terms.questions().collect();
    let open = |given: &Answers| refuse_unverified(&asked, given).err().map_or(0, |refused| refused.fields.len());
    assert_eq!(open(&given), 3, "what nobody answered needs no look");
    for (question, verdict) in [("a", AnswerVerdict::Confirmed), ("b", AnswerVerdict::Adjusted)] {
        given.get_mut(&key(question)).expect("an answer").verdict = verdict;
    }
    assert_eq!(open(&given), 1);
    given.get_mut(&key("d")).expect("an answer").verdict = AnswerVerdict::EvidenceRequested;
    assert_eq!(open(&given), 1);
    given.get_mut(&key("d")).expect("an answer").verdict = AnswerVerdict::Confirmed;
    assert_eq!(open(&given), 0);
}

#[test]
fn whoever_submitted_does_not_judge() {
    let [one, other] = [1, 2].map(uuid::Uuid::from_u128);
    assert_eq!(four_eyes(Some(one), one).expect_err("refused").code, Code::FourEyes);
    four_eyes(Some(one), other).expect("somebody else");
    four_eyes(None, one).expect("nobody submitted it");
}

#[test]
fn answers_have_what_the_question_asks_for() {
    let terms = terms();
    let question = |wanted: &str| terms.questions().find(|one| &*one.key == wanted).expect("a question");
    let yes = Given { yes: Some(true), ..Given::default() };
    let at = |result: Result<()>| result.err().and_then(|error| error.fields[0].pointer.clone());
    assert_eq!(at(check_answer(question("a"), Some(&yes), false, false)), None);
    assert_eq!(at(check_answer(question("a"), Some(&yes), true, false)).as_deref(), Some("#/not_applicable_reason"));
    assert_eq!(at(check_answer(question("a"), Some(&Given::default()), false, false)).as_deref(), Some("#/given/yes"));
    assert_eq!(at(check_answer(question("a"), None, true, false)), None);
    assert_eq!(at(check_answer(question("e"), None, true, false)).as_deref(), Some("#/not_applicable_reason"));
    assert_eq!(at(check_answer(question("a"), Some(&yes), false, true)).as_deref(), Some("#/evidence"));
    assert_eq!(at(check_answer(question("d"), Some(&yes), false, true)), None);
    assert_eq!(at(check_answer(question("e"), None, false, true)), None);
}

#[test]
fn an_assessment_goes_its_way_and_no_other() {
    use AssessmentStatus::{
        Accepted, Assigned, Cancelled, ChangesRequested, Expired, InProgress, Reopened, Submitted, UnderReview,
    };
    let states =
        [Assigned, InProgress, Submitted, UnderReview, ChangesRequested, Accepted, Reopened, Expired, Cancelled];
    let ways = |verb: Verb| states.map(|status| verb.apply(status).ok());
    let only = |pairs: &[(AssessmentStatus, AssessmentStatus)]| {
        states.map(|status| pairs.iter().find(|(from, _)| *from == status).map(|(_, to)| *to))
    };
    let running = [(Assigned, InProgress), (InProgress, InProgress), (ChangesRequested, ChangesRequested)];
    assert_eq!(ways(Verb::Answer), only(&running));
    assert_eq!(ways(Verb::Submit), only(&EDITABLE.map(|from| (from, Submitted))));
    assert_eq!(ways(Verb::StartReview), only(&[(Submitted, UnderReview), (Reopened, UnderReview)]));
    assert_eq!(ways(Verb::Verify), only(&[(UnderReview, UnderReview)]));
    assert_eq!(ways(Verb::RequestChanges), only(&[(UnderReview, ChangesRequested)]));
    assert_eq!(ways(Verb::Accept), only(&[(UnderReview, Accepted)]));
    assert_eq!(ways(Verb::Reopen), only(&[(Accepted, Reopened)]));
    assert_eq!(ways(Verb::Extend), only(&RUNNING.map(|from| (from, from))));
    assert_eq!(ways(Verb::Cancel), only(&RUNNING.map(|from| (from, Cancelled))));
    assert_eq!(ways(Verb::Expire), only(&RUNNING.map(|from| (from, Expired))));
    let refused = Verb::Accept.apply(Submitted).expect_err("too early");
    assert_eq!(refused.extra["allowed"], json!(["start-review", "stop-repeating"]));
    assert_eq!(refused.extra["current_status"], "submitted");
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn periods_move_by_months_and_ends_stay_ends() {
    let dates = Dates {
        period_from: day("2026-01-01"),
        period_to: day("2026-02-28"),
        due_on: day("2026-03-31"),
        expires_on: day("2026-04-30"),
    };
    let next = later(dates, 1, day("2026-04-01"));
    let wanted = ["2026-02-01", "2026-03-31", "2026-04-30", "2026-05-30"].map(day);
    assert_eq!([next.period_from, next.period_to, next.due_on, next.expires_on], wanted);
    assert_eq!(later(dates, 1, day("2026-09-01")).due_on, day("2026-09-01"), "what comes late is due later");
    assert_eq!(repeats_on(day("2026-01-30"), 1), day("2026-02-28"));
}

proptest! {
    #[test]
    fn points_stay_between_0_and_100(a in "[yn-]?", b in "[yn-]?", c in "[yn-]?", d in "[yn-]?") {
        let sheet = sheet(&terms(), &claimed(&[("a", &a), ("b", &b), ("c", &c), ("d", &d)]));
        let all = sheet.sections.iter().filter_map(|one| one.score).chain(sheet.total);
        prop_assert!(all.into_iter().all(|score| (0.0..=100.0).contains(&score)));
    }

    #[test]
    fn trust_is_a_share_and_few_assessments_prove_little(errors in proptest::collection::vec(-100.0..100.0f64, 0..30)) {
        let found = calibrated(&errors);
        prop_assert_eq!(found.trust.is_none(), errors.is_empty());
        prop_assert!(found.trust.is_none_or(|trust| (0.0..=1.0).contains(&trust)));
        let (bias, shrunk) = (found.bias.unwrap_or_default(), found.shrunk_bias.unwrap_or_default());
        prop_assert!(shrunk.abs() <= bias.abs() && shrunk * bias >= 0.0);
    }
}

fn calibrated(errors: &[f64]) -> super::super::types::Calibration {
    let point = |error: &f64| CalibrationPoint {
        assessment_id: AssessmentId(uuid::Uuid::nil()),
        accepted_at: Timestamp::from(chrono::DateTime::UNIX_EPOCH),
        claimed: 80.0,
        verified: 80.0 - error,
        error: *error,
    };
    calibration(errors.iter().map(point).collect())
}

#[test]
fn calibration_agrees_with_the_known_one() {
    let found = calibrated(&[12.0, 5.0, 13.0, 1.0, 13.0]);
    assert!(near(found.bias, 8.8) && near(found.shrunk_bias, 4.4) && near(found.trust, 0.648));
    assert!(near(found.expected(92.0), 87.6) && near(found.mae, 8.8));
    let none = calibrated(&[]);
    assert_eq!((none.n, none.bias, none.shrunk_bias, none.mae, none.trust), (0, None, None, None, None));
    assert_eq!(none.expected(92.0), None);
}
