//! Agreements in the state in which an operation on them is possible.

use super::Who;
use crate::support::Caller;
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// How far an agreement has come.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Stage {
    Draft,
    /// Proposed: it is the supplier's turn.
    Offered,
    /// Answered by the supplier: it is our turn.
    Countered,
    Agreed,
    Signed,
    InForce,
}

/// Where the operation finds the agreement when this caller calls it.
pub fn stage(operation: &str, who: Who) -> Stage {
    match operation {
        "confirmExpectation" | "amendAgreement" | "terminateAgreement" | "renewAgreement" => Stage::InForce,
        "activateAgreement" => Stage::Signed,
        "signAgreement" => Stage::Agreed,
        _ if who.is_own() || who.is_other() => Stage::Offered,
        "agreeAgreement" | "counterAgreement" => Stage::Countered,
        _ => Stage::Draft,
    }
}

/// Both sides of an agreement.
pub struct Sides<'a> {
    pub us: Caller<'a>,
    pub supplier: Caller<'a>,
}

impl Sides<'_> {
    /// Makes the agreement with one clause more than its template has, and takes it as far as asked;
    /// the ids of both.
    pub async fn draft(&self, supplier: &str, title: &str, reviewer: &str, to: Stage) -> (String, String) {
        let new = json!({"supplier_id": supplier, "title": title, "template": "field-service",
            "starts_on": "2026-01-01", "ends_on": "2030-12-31", "reviewer_ids": [reviewer]});
        let agreement = self.us.post("/v1/agreements", new).await.expect(201).id();
        let clause = json!({"direction": "us_to_supplier", "dimension": "empathy", "text": title});
        let clauses = format!("/v1/agreements/{agreement}/expectations");
        let clause = self.us.post(&clauses, clause).await.expect(201).id();
        self.bring(&agreement, to).await;
        (agreement, clause)
    }

    async fn bring(&self, agreement: &str, to: Stage) {
        let (us, supplier) = (&self.us, &self.supplier);
        let countered: &[(&Caller<'_>, &str, Value)] = &[(us, "propose", json!({})), (supplier, "counter", json!({}))];
        let concluded: &[(&Caller<'_>, &str, Value)] = &[
            (us, "propose", json!({})),
            (supplier, "agree", json!({"accept_all": true})),
            (us, "sign", json!({})),
            (supplier, "sign", json!({})),
            (us, "activate", json!({})),
        ];
        let steps: &[(&Caller<'_>, &str, Value)] = match to {
            Stage::Draft => &[],
            Stage::Offered => &countered[..1],
            Stage::Countered => countered,
            Stage::Agreed => &concluded[..2],
            Stage::Signed => &concluded[..4],
            Stage::InForce => concluded,
        };
        for (side, verb, body) in steps {
            side.post(&format!("/v1/agreements/{agreement}/{verb}"), body.clone()).await.expect(200);
        }
    }
}

/// Bodies that depend on who asks and on what there is.
pub fn body(operation: &str, supplier: &str) -> Option<Value> {
    Some(match operation {
        "createAgreement" => json!({"supplier_id": supplier, "title": "Service", "starts_on": "2026-01-01"}),
        "renewAgreement" => json!({"ends_on": "2031-12-31"}),
        "terminateAgreement" => json!({"reason": "By consent.", "effective_on": "2027-06-30", "by_consent": true}),
        "agreeAgreement" => json!({"accept_all": true}),
        "updateAgreementVersion" => json!({"title": "Other words"}),
        "updateAgreement" => json!({"external_id": null}),
        "signAgreement" | "activateAgreement" | "confirmExpectation" => json!({}),
        _ => return None,
    })
}

/// Who signs for a supplier.
pub const SIGNER: Role = Role::SupplierAdmin;
