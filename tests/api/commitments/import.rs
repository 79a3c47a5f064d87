//! Batches of commitments, as imports hand them over.

use super::promised;
use crate::both;
use crate::support::TestApp;
use crate::support::seed::Terms;
use accord::shared::auth::{By, Caller, Identity, Scope, SessionId};
use accord::shared::id::{self, AccountId, ImportId};
use accord::shared::import::{Batch, ImportMode, Outcome, Row};
use accord::shared::permission::Role;
use serde_json::{Value, json};
use std::sync::Arc;

pub async fn import(app: &TestApp, mode: ImportMode, rows: Vec<Value>) -> Vec<String> {
    let account = AccountId(id::parse(&app.owner().await.get("/v1/me").await.expect(200).id()).expect("an id"));
    let session = SessionId(app.clock.uuid());
    let identity = Identity::Account { id: account, session, must_change_password: false };
    let caller = Caller { identity, name: "Owner".into(), role: Some(Role::Owner), supplier_id: None };
    let (gate, clock) = (app.app.gate.clone(), app.clock.clone());
    let by = By { caller: Arc::new(caller), scope: Scope::Everything, request_id: "-".into(), clock, gate };
    let rows = rows.into_iter().zip(1..).map(|(value, number)| Row { number, value }).collect();
    let batch = Batch { by, import_id: ImportId(app.clock.uuid()), mode, rows };
    let written = app.app.db.write(batch, |txn, batch| (accord::promises::COMMITMENTS.write)(txn, batch)).await;
    let shown = |outcome: Outcome| match outcome {
        Outcome::Created(_) => "created".to_owned(),
        Outcome::Updated(_) => "updated".to_owned(),
        Outcome::Unchanged(_) => "unchanged".to_owned(),
        Outcome::Failed(error) => {
            let place = error.fields.first().and_then(|field| field.pointer.clone()).unwrap_or_default();
            format!("{} {place}", error.code.name())
        }
    };
    let found = accord::promises::differences(&app.app.db).await.expect("a recount");
    assert!(found.is_empty(), "{found:?}");
    written.expect("the batch").into_iter().map(shown).collect()
}

both! {
    async fn rows_are_judged_and_each_has_its_outcome(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        app.seed_promise(&on, Terms { external_id: Some("P-1".into()), ..Terms::default() }).await;
        let person = json!({"name": "Mia", "external_id": "M-1"});
        owner.post(&format!("/v1/suppliers/{}/people", on.supplier), person).await.expect(201);
        let row = |more: Value| {
            let mut row = json!({"promise_external_id": "P-1", "made_at": "2026-11-01T09:00:00Z"});
            row.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            row
        };
        let outcomes = import(&app, ImportMode::Create, vec![
            row(json!({"external_id": "1", "fulfilled_at": "2026-11-02T09:00:00Z", "person_external_id": "M-1"})),
            row(json!({"external_id": "2"})),
            row(json!({"external_id": "3", "status": "withdrawn"})),
            row(json!({"external_id": "4", "person_external_id": "M-2"})),
            row(json!({"external_id": "5", "made_at": "2025-11-01T09:00:00Z"})),
            json!({"external_id": "6", "promise_external_id": "P-2"}),
        ]).await;
        assert_eq!(outcomes, ["created", "created", "created", "invalid_reference #/person_external_id",
            "rule_violated #/made_at", "invalid_reference #/promise_external_id"]);
        assert_eq!(owner.get("/v1/commitments").await.expect(200).each("status"), ["kept", "broken", "withdrawn"]);
        let again = import(&app, ImportMode::Create, vec![row(json!({"external_id": "1"}))]).await;
        assert_eq!(again, ["already_exists #/external_id"]);
    }

    async fn an_upsert_fulfils_what_is_open_and_corrects_what_was_decided(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let row = |key: &str, made_at: &str, fulfilled_at: Option<&str>| {
            let mut row = json!({"promise_id": promise, "external_id": key, "made_at": made_at});
            if let Some(at) = fulfilled_at {
                row["fulfilled_at"] = json!(at);
            }
            row
        };
        let (old, recent) = ("2026-11-01T09:00:00Z", "2026-11-21T08:00:00Z");
        let first = vec![row("open", recent, None), row("broken", old, None), row("same", old, None)];
        assert_eq!(import(&app, ImportMode::Upsert, first).await, ["created"; 3]);
        let second = vec![
            row("open", recent, Some("2026-11-21T09:00:00Z")),
            row("broken", old, Some("2026-11-02T09:00:00Z")),
            row("same", old, None),
        ];
        assert_eq!(import(&app, ImportMode::Upsert, second.clone()).await, ["updated", "updated", "unchanged"]);
        assert_eq!(import(&app, ImportMode::Upsert, second).await, ["unchanged"; 3]);
        let mut now = owner.walk("/v1/commitments?limit=10", "status").await;
        now.sort();
        assert_eq!(now, ["broken", "kept", "kept"]);
        assert_eq!(owner.walk("/v1/commitments?superseded=true", "status").await.len(), 4);
    }

    async fn a_late_fulfilment_is_recorded_where_it_broke(app: TestApp) {
        let owner = app.owner().await;
        let (on, promise) = promised(&app, &owner).await;
        let broken = json!({"promise_id": promise, "external_id": "1", "made_at": "2026-11-01T09:00:00Z"});
        assert_eq!(import(&app, ImportMode::Upsert, vec![broken]).await, ["created"]);
        let id = owner.get("/v1/commitments").await.expect(200).each("id").remove(0);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
        let asked = json!({"cause": "customer", "reason": "The gate was closed."});
        admin.post(&format!("/v1/commitments/{id}/ask-excuse"), asked).await.expect(200);
        // Nothing new is made to a suspended supplier; what is known goes on, and needs no promise named.
        app.sql("UPDATE supplier SET status = 'suspended'").await;
        let late = json!({"external_id": "1", "fulfilled_at": "2026-11-04T09:00:00Z"});
        assert_eq!(import(&app, ImportMode::Upsert, vec![late.clone()]).await, ["updated"]);
        assert_eq!(import(&app, ImportMode::Upsert, vec![late]).await, ["unchanged"]);
        let shown = owner.get(&format!("/v1/commitments/{id}")).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["value"], &shown["superseded_by_id"]),
            (&json!("excuse_requested"), &json!(259_200.0), &json!(null)));
        assert_eq!(owner.get("/v1/excuses").await.expect(200).each("status"), ["requested"]);
    }
}
