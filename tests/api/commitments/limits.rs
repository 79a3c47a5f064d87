//! What is due too late to be told, and in whose time something is due.

use super::{commit, promised};
use crate::both;
use crate::commitments::import::import;
use crate::support::seed::Terms;
use accord::shared::import::ImportMode;
use serde_json::json;

both! {
    async fn what_would_be_due_beyond_the_year_9999_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let endless = Terms { target: 9.0e12, ..Terms::default() };
        for (terms, due_at, is_refused) in [
            (Terms::default(), Some("9999-12-29T23:59:59.999Z"), false),
            (Terms::default(), Some("9999-12-30T00:00:00Z"), true),
            (Terms::default(), Some("9999-12-31T23:59:59.999Z"), true),
            (Terms { precision: "day", ..Terms::default() }, Some("9999-12-29T23:59:59.999Z"), false),
            (Terms { precision: "day", ..Terms::default() }, Some("9999-12-31T00:00:00Z"), true),
            (Terms { grace_seconds: 86_400, ..Terms::default() }, Some("9999-12-28T12:00:00Z"), false),
            (Terms { grace_seconds: 86_400, ..Terms::default() }, Some("9999-12-29T12:00:00Z"), true),
            (Terms { grace_seconds: 86_400 * 366, ..Terms::default() }, Some("9999-12-01T12:00:00Z"), true),
            (endless.clone(), None, true),
            (endless, Some("2026-12-01T09:00:00Z"), false),
        ] {
            let promise = app.seed_promise(&on, terms.clone()).await;
            let mut new = json!({"promise_id": promise, "external_id": promise});
            if let Some(due_at) = due_at {
                new["due_at"] = json!(due_at);
            }
            let imported = import(&app, ImportMode::Create, vec![{
                let mut row = new.clone();
                row["external_id"] = json!(format!("{promise}-row"));
                row
            }]).await;
            match is_refused {
                true => {
                    let refusal = owner.post("/v1/commitments", new).await.refused(422, "rule_violated");
                    assert_eq!(refusal.errors(), ["#/due_at rule_violated"], "{terms:?} {due_at:?}");
                    assert_eq!(imported, ["rule_violated #/due_at"], "{terms:?} {due_at:?}");
                }
                false => {
                    let made = owner.post("/v1/commitments", new).await.expect(201).body;
                    assert!(made["breaks_at"].as_str() >= made["due_at"].as_str(), "{made}");
                    assert_eq!(imported, ["created"], "{terms:?} {due_at:?}");
                }
            }
        }
    }

    async fn a_correction_is_not_due_beyond_the_year_9999(app: TestApp) {
        let owner = app.owner().await;
        let (_, promise) = promised(&app, &owner).await;
        let made = commit(&owner, &promise, json!({})).await;
        let path = format!("/v1/commitments/{}/correct", made["id"].as_str().expect("an id"));
        let what = json!({"reason": "Postponed.", "due_at": "9999-12-31T12:00:00Z"});
        let refusal = owner.post(&path, what).await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["#/due_at rule_violated"]);
    }

    async fn the_calendar_of_the_agreement_says_when_something_is_due(app: TestApp) {
        let owner = app.owner().await;
        let on = app.seed_agreement(&owner.supplier("Acme").await).await;
        let hours: Vec<_> = ["monday", "tuesday", "wednesday", "thursday", "friday"]
            .map(|weekday| json!({"weekday": weekday, "from": "09:00", "to": "17:00"})).into();
        let calendar = json!({"name": "Office", "time_zone": "Europe/Berlin", "hours": hours, "holidays": []});
        let calendar = owner.post("/v1/calendars", calendar).await.expect(201).id();
        app.sql("UPDATE agreement_version SET calendar_id = (SELECT id FROM calendar WHERE name = 'Office')").await;
        let new = json!({"agreement_id": on.agreement, "expectation_id": on.customers, "wording": "Two working days.",
            "target_duration": "PT16H", "grace": "PT2H"});
        let made = owner.post("/v1/promises", new).await.expect(201).body;
        assert_eq!(made["calendar_id"], json!(calendar));
        // Saturday morning; two working days end on Tuesday at 17 o'clock in Berlin. Grace runs on the clock.
        let due = commit(&owner, made["id"].as_str().expect("an id"), json!({})).await;
        assert_eq!((&due["made_at"], &due["due_at"], &due["breaks_at"]),
            (&json!("2026-11-21T09:00:00.000Z"), &json!("2026-11-24T16:00:00.000Z"), &json!("2026-11-24T18:00:00.000Z")));
    }
}
