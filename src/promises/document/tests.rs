//! What the page looks like.

use super::page::{Clause, Document, Promised, Signed, Term, render};

fn clause(number: i64, dimension: &'static str, text: &str, measure: &str) -> Clause {
    let measure = (!measure.is_empty()).then(|| measure.to_owned());
    Clause { number, dimension, text: text.to_owned(), measure, ..Clause::default() }
}

fn term(name: &'static str, value: &str) -> Term {
    Term { name, value: value.to_owned() }
}

/// An agreement as a supplier of repairs may have it.
fn example() -> Document {
    let promise = Promised {
        wording: "A technician is with you within 48 hours of your call.".to_owned(),
        measure: "within 48 hours of working time, 95 of 100 times".to_owned(),
        status: "published",
    };
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let signed = |side: &str, name: &str, title: &str, date: &str, is_on_paper| Signed {
        side: side.to_owned(),
        name: Some(name.to_owned()),
        title: Some(title.to_owned()),
        date: Some(date.to_owned()),
        is_on_paper,
        hash: Some(hash.to_owned()),
    };
    Document {
        title: "Repairs in the northern district".to_owned(),
        version: 3,
        status: "In force".to_owned(),
        stamp: None,
        organization: "Harbour Home Service".to_owned(),
        supplier: "Nordlicht Elektro & Söhne GmbH".to_owned(),
        terms: vec![
            term("Term", "1 Jan 2026 to 31 Dec 2027"),
            term("Notice", "90 days"),
            term("Renewal", "Automatically, by 12 months"),
            term("Service line", "Household appliances, for private customers"),
            term("Calendar", "Field service hours (Europe/Berlin)"),
            term("Reviews", "Every quarter, on the second Tuesday"),
            term("Customer target", "80 % of customers are satisfied"),
        ],
        owed_to_us: vec![
            clause(
                1,
                "Responsiveness",
                "Every order is confirmed with a name and a time window.",
                "within 4 hours, 95 of 100 times",
            ),
            Clause {
                is_gate: true,
                depends_on: Some("5, 6".to_owned()),
                ..clause(
                    2,
                    "Reliability",
                    "The technician arrives in the agreed window with the parts that were ordered.",
                    "within 15 minutes, 95 of 100 times",
                )
            },
            clause(3, "Assurance", "Only technicians with a valid certificate work on gas and electricity.", ""),
            clause(4, "Tangibles", "Work clothes carry the name of the person; the van is clean inside.", ""),
        ],
        owed_by_us: vec![
            clause(
                5,
                "Reliability",
                "Orders are complete: address, appliance, fault and a telephone number.",
                "at least 98 %, 95 of 100 times",
            ),
            clause(
                6,
                "Responsiveness",
                "Questions about an order are answered by a person who may decide.",
                "within 2 hours, 90 of 100 times",
            ),
            clause(7, "Reliability", "Invoices are paid.", "within 14 days, 99 of 100 times"),
        ],
        owed_to_customers: vec![
            Clause {
                promises: vec![promise],
                ..clause(
                    8,
                    "Responsiveness",
                    "Whoever has no heating is helped quickly.",
                    "within 48 hours, 95 of 100 times",
                )
            },
            clause(
                9,
                "Empathy",
                "Nobody is sent to somebody else: whoever hears of a problem stays with it until it is solved.",
                "",
            ),
        ],
        to_do: [
            "Say who you are and why you have come.",
            "Apologise first, explain later.",
            "Tell the office on the same day what went wrong.",
            "Agree the solution with the customer, and keep to it.",
        ]
        .map(str::to_owned)
        .to_vec(),
        not_to_do: [
            "Never say that it is not your responsibility.",
            "Never send the customer to somebody else.",
            "Never leave without saying what happens next.",
        ]
        .map(str::to_owned)
        .to_vec(),
        signatures: vec![
            signed("Harbour Home Service", "Maria Lindqvist", "Head of service", "12 Dec 2025", false),
            signed("Nordlicht Elektro & Söhne GmbH", "Jens Petersen", "Managing director", "15 Dec 2025", true),
        ],
        content_hash: Some(hash.to_owned()),
        printed_at: "22 Nov 2026".to_owned(),
    }
}

fn page(document: &Document) -> String {
    render(document).expect("a page")
}

#[test]
fn both_directions_stand_side_by_side_and_customers_after_them() {
    let page = page(&example());
    let places: Vec<_> = [
        "What Nordlicht Elektro &amp; Söhne GmbH owes Harbour Home Service</h2>",
        "What Harbour Home Service owes Nordlicht Elektro &amp; Söhne GmbH</h2>",
        "What customers are promised</h2>",
        "A technician is with you within 48 hours of your call.",
        "Service code</h2>",
        "Signatures</h2>",
        "for Nordlicht Elektro &amp; Söhne GmbH, 15 Dec 2025 (signed on paper)",
    ]
    .iter()
    .map(|part| page.find(part).unwrap_or_else(|| panic!("{part} is missing in {page}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(page.matches("(signed on paper)").count(), 1);
    assert!(page.contains("<html lang=\"en\">") && !page.contains("class=\"stamp\""), "{page}");
}

#[test]
fn a_page_that_is_not_the_agreement_is_stamped_and_has_lines_to_sign_on() {
    let open = |side: &str| Signed { side: side.to_owned(), ..Signed::default() };
    let stamp = Some("DRAFT".to_owned());
    let signatures = vec![open("Harbour Home Service"), open("Nordlicht")];
    let draft = Document { stamp, status: "Draft".to_owned(), signatures, content_hash: None, ..example() };
    let page = page(&draft);
    assert!(page.contains("<div class=\"stamp\">DRAFT</div>"), "{page}");
    assert_eq!(page.matches("class=\"signature open\"").count(), 2);
    assert!(!page.contains("SHA-256"), "{page}");
}

#[test]
fn an_empty_agreement_says_that_nothing_is_written_down() {
    let page = page(&Document { stamp: Some("EMPTY".to_owned()), ..Document::default() });
    assert_eq!(page.matches("Nothing is written down yet.").count(), 3);
    assert!(!page.contains("Service code"), "{page}");
}

#[test]
fn nothing_that_people_wrote_can_run() {
    let evil = || "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ title }}".to_owned();
    let one = Clause {
        text: evil(),
        measure: Some(evil()),
        depends_on: Some(evil()),
        promises: vec![Promised { wording: evil(), measure: evil(), status: "draft" }],
        ..Clause::default()
    };
    let signed = Signed {
        side: evil(),
        name: Some(evil()),
        title: Some(evil()),
        date: Some(evil()),
        is_on_paper: true,
        hash: Some(evil()),
    };
    let page = page(&Document {
        title: evil(),
        version: 1,
        status: evil(),
        stamp: Some("EVIL".to_owned()),
        organization: evil(),
        supplier: evil(),
        terms: vec![Term { name: "Term", value: evil() }],
        owed_to_us: vec![one.clone()],
        owed_by_us: vec![one.clone()],
        owed_to_customers: vec![one],
        to_do: vec![evil()],
        not_to_do: vec![evil()],
        signatures: vec![signed],
        content_hash: Some(evil()),
        printed_at: evil(),
    });
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("{{ title }}"), "{page}");
}
