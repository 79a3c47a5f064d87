//! Actions, made through the API.

use super::seed::{Seeded, Terms};
use super::{Answer, Caller, TestApp};
use accord::shared::permission::Role;
use serde_json::{Value, json};

/// An agreement in force with a published promise, both of its sides, and people of the supplier.
pub struct Improving<'a> {
    pub app: &'a TestApp,
    pub owner: Caller<'a>,
    pub manager: Caller<'a>,
    pub admin: Caller<'a>,
    pub on: Seeded,
    pub promise: String,
    /// A main employee contact.
    pub contact: String,
    /// A field worker.
    pub driver: String,
}

impl TestApp {
    pub async fn improving(&self) -> Improving<'_> {
        let owner = self.owner().await;
        let on = self.seed_agreement(&owner.supplier("Acme").await).await;
        let promise = self.seed_promise(&on, Terms::default()).await;
        let people = format!("/v1/suppliers/{}/people", on.supplier);
        let person = async |name: &str, role: &str| {
            let new = json!({"name": name, "roles": [role], "email": format!("{name}@acme.example")});
            owner.post(&people, new).await.expect(201).id()
        };
        let (contact, driver) = (person("mia", "main_employee_contact").await, person("tom", "field_worker").await);
        let manager = self.sign_in(Role::Manager, None).await;
        let admin = self.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        Improving { app: self, owner, manager, admin, on, promise, contact, driver }
    }
}

impl Improving<'_> {
    /// The same people, signed in again: days have gone by.
    pub async fn later(self) -> Self {
        let supplier = Some(self.on.supplier.as_str());
        let owner = self.app.owner().await;
        let manager = self.app.sign_in(Role::Manager, None).await;
        let admin = self.app.sign_in(Role::SupplierAdmin, supplier).await;
        Self { owner, manager, admin, ..self }
    }

    /// The supplier trains its drivers until the end of the year, so that the promise is kept.
    pub fn terms(&self) -> Value {
        json!({"title": "Train the drivers", "description": "All of them, twice.", "side": "supplier",
            "person_id": self.driver, "due_on": "2026-12-31",
            "metric": {"kind": "kept_rate", "promise_id": self.promise, "target": 0.95}})
    }

    /// The terms and the agreement, with some members that are different; null ones are left out.
    pub fn with(&self, more: Value) -> Value {
        let mut new = self.terms();
        new["agreement_id"] = json!(self.on.agreement);
        let members = new.as_object_mut().expect("an object");
        members.extend(more.as_object().cloned().expect("an object"));
        members.retain(|_, value| !value.is_null());
        new
    }

    /// Proposes it, and returns its address.
    pub async fn proposed(&self, more: Value) -> String {
        self.owner.post("/v1/actions", self.with(more)).await.expect(201).header("location").to_owned()
    }

    /// The same, signed by both sides.
    pub async fn accepted(&self, more: Value) -> String {
        let path = self.proposed(more).await;
        self.sign(&path).await.expect(200);
        path
    }

    pub async fn sign(&self, path: &str) -> Answer {
        let sign = format!("{path}/sign");
        self.owner.post(&sign, json!({})).await.expect(200);
        self.admin.post(&sign, json!({"title": "Director", "person_id": self.contact})).await
    }

    /// The supplier has done it, and it shows since a day.
    pub async fn claimed(&self, path: &str, effective_from: &str) -> Answer {
        self.admin.act(&format!("{path}/start")).await.expect(200);
        self.claim(path, effective_from).await
    }

    pub async fn claim(&self, path: &str, effective_from: &str) -> Answer {
        let said = json!({"note": "They were trained.", "effective_from": effective_from});
        self.admin.post(&format!("{path}/claim"), said).await
    }

    /// Occasions of the promise that were made on a day: so many were kept of so many.
    pub async fn occasions(&self, day: &str, kept: usize, n: usize) {
        for place in 0..n {
            let mut new = json!({"promise_id": self.promise, "made_at": format!("{day}T09:00:00.000Z")});
            if place < kept {
                new["fulfilled_at"] = json!(format!("{day}T10:00:00.000Z"));
            }
            self.owner.post("/v1/commitments", new).await.expect(201);
        }
    }
}
