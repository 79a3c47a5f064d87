//! What the rules of agreements say, day by day.

use super::*;
use crate::agreements::types::{Cadence, CadenceUnit, CodeItem, CodeItemKind};
use crate::shared::duration::Duration;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn terms() -> Terms {
    Terms {
        title: "Service".to_owned(),
        service_line: None,
        customer_segment: None,
        calendar_id: None,
        starts_on: day("2026-01-01"),
        ends_on: Some(day("2026-12-31")),
        notice: Duration::of_seconds(90 * DAY),
        renewal: Renewal::None,
        renewal_months: None,
        customer_target: 0.8,
        cadence: Some(Cadence { unit: CadenceUnit::Month, every: 1, weekday: None, nth: None, day: Some(1) }),
        service_code: vec![CodeItem { kind: CodeItemKind::Do, text: "Apologise.".to_owned() }],
    }
}

#[test]
fn activating_names_everything_that_is_missing() {
    use Direction::{SupplierToCustomer, SupplierToUs, UsToSupplier};
    let missing = |ready: Ready<'_>| match may_activate(&ready) {
        Ok(()) => Vec::new(),
        Err(error) => error.fields.iter().filter_map(|field| field.pointer.clone()).collect::<Vec<_>>(),
    };
    let (full, bare) = (terms(), Terms { cadence: None, service_code: Vec::new(), ..terms() });
    let both = [Side::Us, Side::Supplier];
    let ready = |terms, meets_customers, directions, signed| Ready {
        supplier: SupplierStatus::Active,
        meets_customers,
        terms,
        directions,
        signed,
    };
    assert!(missing(ready(&full, true, &[SupplierToUs, UsToSupplier, SupplierToCustomer], &both)).is_empty());
    assert!(missing(ready(&full, false, &[UsToSupplier, SupplierToUs], &both)).is_empty());
    assert_eq!(missing(ready(&full, true, &[SupplierToUs, UsToSupplier], &both)), ["#/clauses/supplier_to_customer"]);
    assert_eq!(missing(ready(&full, false, &[UsToSupplier], &both)), ["#/clauses/supplier_to_us"]);
    assert_eq!(missing(ready(&full, false, &[SupplierToUs, UsToSupplier], &[Side::Us])), ["#/signatures/supplier"]);
    let suspended = Ready { supplier: SupplierStatus::Suspended, ..ready(&bare, true, &[], &[]) };
    assert_eq!(
        missing(suspended),
        [
            "#/supplier_id",
            "#/signatures/us",
            "#/signatures/supplier",
            "#/clauses/supplier_to_us",
            "#/clauses/us_to_supplier",
            "#/clauses/supplier_to_customer",
            "#/terms/cadence",
            "#/terms/service_code",
        ]
    );
    // Without customers only what both sides need is missing.
    assert_eq!(missing(ready(&bare, false, &[SupplierToUs, UsToSupplier], &both)), ["#/terms/cadence"]);
}

#[test]
fn the_first_version_may_be_backdated_and_a_later_one_only_to_the_day_it_was_agreed() {
    let (agreed, today) = (day("2026-11-10"), day("2026-11-21"));
    let from = |wanted: Option<&str>, is_first| {
        effective_from(wanted.map(day), &terms(), is_first, agreed, today).ok().map(|day| day.to_string())
    };
    for (wanted, first, later) in [
        (None, Some("2026-01-01"), Some("2026-11-21")),
        (Some("2025-12-31"), None, None),
        (Some("2026-01-01"), Some("2026-01-01"), None),
        (Some("2026-11-09"), Some("2026-11-09"), None),
        (Some("2026-11-10"), Some("2026-11-10"), Some("2026-11-10")),
        (Some("2026-11-21"), Some("2026-11-21"), Some("2026-11-21")),
        (Some("2026-11-22"), Some("2026-11-22"), None),
        (Some("2027-01-01"), None, None),
    ] {
        assert_eq!(from(wanted, true).as_deref(), first, "first, {wanted:?}");
        assert_eq!(from(wanted, false).as_deref(), later, "later, {wanted:?}");
    }
    let endless = Terms { ends_on: None, ..terms() };
    assert!(effective_from(Some(day("2031-01-01")), &endless, true, agreed, today).is_ok());
}

fn term(ends_on: &str) -> Term {
    Term { status: Active, ends_on: Some(day(ends_on)), terminates_on: None, prolonged: None, has_successor: false }
}

#[test]
fn days_warn_prolong_renew_expire_and_terminate() {
    let today = day("2026-11-21");
    let of = |term: Term| by_date(&term, today);
    assert_eq!(of(Term { ends_on: None, ..term("2026-11-21") }), None);
    assert_eq!(of(term("2027-02-20")), None, "91 days before");
    assert_eq!(of(term("2027-02-19")), Some(ByDate::Expiring));
    assert_eq!(of(Term { status: Expiring, ..term("2027-02-19") }), None, "it was warned");
    assert_eq!(of(Term { status: Amending, ..term("2026-11-30") }), None, "it stays amending");
    assert_eq!(of(Term { status: Expiring, ..term("2026-11-21") }), None, "the last day counts");
    assert_eq!(of(term("2026-11-20")), Some(ByDate::Expired));
    assert_eq!(of(Term { status: Amending, ..term("2026-11-20") }), Some(ByDate::Expired));
    assert_eq!(of(Term { has_successor: true, ..term("2026-11-20") }), Some(ByDate::Renewed));
    let automatic = Term { prolonged: Some((day("2026-11-20"), 12)), ..term("2026-11-20") };
    assert_eq!(of(automatic), Some(ByDate::Prolonged(day("2027-11-20"))));
    assert_eq!(of(Term { has_successor: true, ..automatic }), Some(ByDate::Renewed));
    // After a long sleep, up to the first end that is not past; the 31st stays the 31st.
    let monthly = Term { prolonged: Some((day("2026-01-31"), 1)), ..term("2026-01-31") };
    assert_eq!(of(monthly), Some(ByDate::Prolonged(day("2026-11-30"))));
    assert_eq!(by_date(&monthly, day("2026-12-01")), Some(ByDate::Prolonged(day("2026-12-31"))));
    for (terminates_on, expected) in [("2026-11-21", Some(ByDate::Terminated)), ("2026-11-22", None)] {
        let terminated = Term { terminates_on: Some(day(terminates_on)), ..term("2030-12-31") };
        assert_eq!(of(terminated), expected, "{terminates_on}");
    }
    let both = Term { terminates_on: Some(day("2026-11-01")), ..automatic };
    assert_eq!(of(both), Some(ByDate::Terminated), "who has left is not prolonged");
}

proptest! {
    /// Looking twice on the same day does nothing the second time.
    #[test]
    fn a_day_is_done_once(ends in 0u64..2000, today in 0u64..2000, months in 1u32..120) {
        let start = day("2024-01-01");
        let (ends_on, today) = (start + Days::new(ends), start + Days::new(today));
        let before = Term { ends_on: Some(ends_on), prolonged: Some((ends_on, months)), ..term("2024-01-01") };
        let after = match by_date(&before, today) {
            Some(ByDate::Prolonged(end)) => {
                prop_assert!(end >= today && end > ends_on);
                Term { ends_on: Some(end), status: standing(Some(end), today), ..before }
            }
            Some(ByDate::Expiring) => Term { status: Expiring, ..before },
            other => {
                prop_assert_eq!(other, None);
                before
            }
        };
        prop_assert_eq!(by_date(&after, today), None);
    }
}
