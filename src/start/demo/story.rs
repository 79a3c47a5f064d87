//! Who is there, and what is agreed, promised and asked.

use super::inside::text;
use super::reviews::{self, LEARNING};
use super::year::{self, BEFORE, DAYS, MONTH, Manner};
use super::{Inside, day};
use crate::shared::id::{self, SupplierId};
use crate::shared::permission::Role;
use crate::start::Failure;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::path::Path;

pub const PASSWORD: &str = "correct horse battery staple";

/// Decides, and says what suppliers without an account say.
pub const OWNER: &str = "owner@demo.example";
/// Owns the agreements, and leads their reviews.
pub const MANAGER: &str = "manager@demo.example";
/// Speaks for the one supplier with an account.
pub const SUPPLIER: &str = "admin@supplier.example";

/// Who can sign in, with which role, and for which supplier.
pub const ACCOUNTS: [(&str, Role, Option<usize>); 7] = [
    (OWNER, Role::Owner, None),
    (MANAGER, Role::Manager, None),
    ("reviewer@demo.example", Role::Reviewer, None),
    ("agent@demo.example", Role::Agent, None),
    ("auditor@demo.example", Role::Auditor, None),
    (SUPPLIER, Role::SupplierAdmin, Some(GREEN)),
    ("user@supplier.example", Role::SupplierUser, Some(GREEN)),
];

/// Keeps what it promised while its customers are unhappy.
pub const GREEN: usize = 0;
/// Stops to keep what it promised.
pub const FAILING: usize = 5;

const TRADES: [&str; 6] = ["Heating", "Plumbing", "Electrics", "Roofing", "Locks", "Lifts"];
const QUARTERS: [&str; 4] = ["North", "East", "South", "West"];
const ALONE: [&str; 2] = ["Chimney sweep, Old Town", "Glazier, Harbour"];
const UNITS: [&str; 4] = ["Dispatch", "Spare parts", "Own field service", "Customer office"];

/// What there is to look at.
pub struct Story {
    supplier: String,
    agreement: String,
    promise: String,
    review: String,
}

impl Story {
    /// What is worth calling, and why.
    pub fn calls(&self) -> [(&'static str, String); 5] {
        let Self { supplier, agreement, promise, review } = self;
        [
            ("Agreements that are kept while their customers are unhappy", "/v1/alignment/watermelons".to_owned()),
            ("One of them: what was kept, what customers lived", format!("/v1/agreements/{agreement}/alignment")),
            ("Its promise to customers, month by month", format!("/v1/kept-rate?promise_id={promise}&by=month")),
            ("What its customers said", format!("/v1/feedback-numbers?supplier_id={supplier}&by=month")),
            (
                "What was known of it when it was last reviewed, and how we serve it",
                format!("/v1/reviews/{review}/pack"),
            ),
        ]
    }
}

/// Tells the whole story; `inside` has the clock of its beginning, which goes forward to its end.
pub async fn tell(inside: &mut Inside, folder: &Path) -> Result<Story, Failure> {
    for (email, role, of) in ACCOUNTS {
        if of.is_none() {
            inside.account(email, PASSWORD, role, None).await?;
        }
    }
    inside.sign_in(MANAGER, PASSWORD).await?;
    let manager = text(&inside.get("/v1/me").await?, "id")?;
    inside.sign_in(OWNER, PASSWORD).await?;
    let survey = inside.made("/v1/surveys", json!({"name": "After a job", "instrument": "csat5"})).await?;
    inside.post(&format!("/v1/surveys/{survey}/publish"), json!({})).await?;
    let companies = TRADES.iter().flat_map(|trade| QUARTERS.map(|quarter| format!("{trade} {quarter}")));
    let companies = companies.map(|name| ("company", "field-service", name));
    let alone = ALONE.map(|name| ("individual", "field-service", name.to_owned()));
    let units = UNITS.map(|name| ("internal_unit", "internal-unit", name.to_owned()));
    let (mut suppliers, mut engaged) = (Vec::new(), Vec::new());
    for (number, (kind, template, name)) in companies.chain(alone).chain(units).enumerate() {
        let one = engage(inside, number, &manager, (kind, template, &name)).await?;
        suppliers.push(manner(number, &one));
        engaged.push(one);
    }
    let today = inside.app.clock.now();
    year::pass(inside, &suppliers, &survey, folder, today.plus(TimeDelta::days(-BEFORE)), BEFORE - 5).await?;
    for one in &engaged {
        for promise in &one.promises {
            publish(inside, promise, &day(today.plus(TimeDelta::days(DAYS / 4)))).await?;
        }
    }
    // From now on.
    (suppliers[FAILING].kept, suppliers[FAILING].satisfied) = (840, 700);
    suppliers[LEARNING].kept = 800;
    for (email, role, of) in ACCOUNTS {
        if let Some(number) = of {
            let supplier = id::parse(&engaged[number].supplier).map(SupplierId);
            inside.account(email, PASSWORD, role, supplier).await?;
        }
    }
    let mut actions = Vec::new();
    for left in (0..DAYS / MONTH).rev() {
        let from = inside.app.clock.now().plus(TimeDelta::days(-5));
        inside.app.clock.advance(TimeDelta::days(MONTH));
        inside.sign_in(OWNER, PASSWORD).await?;
        year::pass(inside, &suppliers, &survey, folder, from, MONTH).await?;
        // What nobody looks after now is missed.
        reviews::meet(inside, &engaged, &mut suppliers, &mut actions, left).await?;
        inside.work().await?;
    }
    let Engaged { supplier, agreement, promises, .. } = engaged.swap_remove(GREEN);
    let closed = inside.get(&format!("/v1/reviews?agreement_id={agreement}&status=closed&limit=1")).await?;
    let review = text(&closed["data"][0], "id")?;
    let [promise, _] = promises;
    Ok(Story { supplier, agreement, promise, review })
}

/// A supplier in service.
pub struct Engaged {
    key: String,
    supplier: String,
    /// Its main employee contact.
    pub contact: String,
    pub agreement: String,
    /// To customers, and to the supplier.
    pub promises: [String; 2],
}

/// How well each of them serves.
fn manner(number: usize, one: &Engaged) -> Manner {
    let usual = number as u64;
    let (kept, satisfied) = match number {
        GREEN => (975, 620),
        _ => (930 + usual * 7 % 60, 880 + usual * 5 % 80),
    };
    let (key, agreement) = (one.key.clone(), one.agreement.clone());
    Manner { key, agreement, kept, satisfied, ours: 900 + usual * 11 % 90 }
}

/// A supplier in service, with an agreement in force, a promise to customers, and one of ours to the supplier.
async fn engage(
    inside: &Inside,
    number: usize,
    manager: &str,
    (kind, template, name): (&str, &str, &str),
) -> Result<Engaged, Failure> {
    let (now, key) = (inside.app.clock.now(), format!("S{:02}", number + 1));
    let supplier = json!({"kind": kind, "name": name, "customer_facing": true, "external_id": key});
    let supplier = inside.made("/v1/suppliers", supplier).await?;
    for verb in ["nominate", "qualify", "activate"] {
        inside.post(&format!("/v1/suppliers/{supplier}/{verb}"), json!({})).await?;
    }
    let person = json!({"name": format!("Contact at {name}"), "roles": ["main_employee_contact"]});
    let contact = inside.made(&format!("/v1/suppliers/{supplier}/people"), person).await?;
    let agreement = json!({"supplier_id": supplier, "title": format!("Service of {name}"), "template": template,
        "owner_id": manager, "starts_on": day(now), "cadence": {"unit": "quarter", "every": 1, "weekday": "tuesday", "nth": 2}});
    let agreement = inside.made("/v1/agreements", agreement).await?;
    let path = format!("/v1/agreements/{agreement}");
    let to_customers = clause("supplier_to_customer", "What a customer reports is repaired within two days.", "PT48H");
    let to_them = clause("us_to_supplier", "We answer what you ask about a job within a day.", "PT24H");
    let clauses = [
        inside.made(&format!("{path}/expectations"), to_customers).await?,
        inside.made(&format!("{path}/expectations"), to_them).await?,
    ];
    let signature = json!({"side": "supplier", "name": format!("For {name}"), "signed_on": day(now)});
    for (verb, body) in [
        ("propose", json!({})),
        ("agree", json!({"on_paper": true})),
        ("sign", json!({})),
        ("sign", json!({"on_paper": signature})),
        ("activate", json!({})),
    ] {
        inside.post(&format!("{path}/{verb}"), body).await?;
    }
    let mut promises = Vec::new();
    for (clause, what, wording) in
        [(&clauses[0], "job", "Repaired within two days."), (&clauses[1], "duty", "Answered within a day.")]
    {
        let since = now.plus(TimeDelta::days(-BEFORE));
        let promise = json!({"agreement_id": agreement, "expectation_id": clause, "wording": wording,
            "external_id": format!("{key}-{what}"), "effective_from": since});
        promises.push(inside.made("/v1/promises", promise).await?);
    }
    let promises = promises.try_into().map_err(|_| "two promises".to_owned())?;
    Ok(Engaged { key, supplier, contact, agreement, promises })
}

fn clause(direction: &str, text: &str, within: &str) -> Value {
    json!({"direction": direction, "dimension": "responsiveness", "text": text, "metric": "duration",
        "comparison": "at_most", "target_duration": within, "reliability": 0.9})
}

/// What the history does not demonstrate somebody answers for.
async fn publish(inside: &Inside, promise: &str, recheck_on: &str) -> Result<(), Failure> {
    let path = format!("/v1/promises/{promise}");
    inside.post(&format!("{path}/check"), json!({})).await?;
    let checks = inside.get(&format!("{path}/capability-checks")).await?;
    let approval = match text(&checks["data"][0], "verdict")?.as_str() {
        "demonstrated" => json!({}),
        _ => json!({"approval": {"reason": "The last weeks were good.", "recheck_on": recheck_on}}),
    };
    inside.post(&format!("{path}/publish"), approval).await?;
    Ok(())
}
