//! Exports: a list as a file, with the rights of whoever ordered it.

use crate::both;
use crate::commitments::commit;
use crate::support::seed::Terms;
use crate::support::{Answer, Caller, TestApp};
use accord::shared::jobs::worker::run_one;
use accord::shared::jobs::{self, ATTEMPTS, NewJob};
use accord::shared::permission::Role;
use accord::shared::spool;
use accord::{app, exports};
use chrono::TimeDelta;
use poem::http::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

async fn work(app: &TestApp) {
    while run_one(&app.app, &app::long_work()).await.expect("the worker works") {}
}

/// Orders an export, lets the worker make it, and returns it with its address.
async fn export(app: &TestApp, caller: &Caller<'_>, new: Value) -> (Value, String) {
    let job = caller.post("/v1/exports", new).await.expect(202);
    assert_eq!(job.header("location"), format!("/v1/jobs/{}", job.id()));
    work(app).await;
    let path = format!("/v1/exports/{}", job.body["export_id"].as_str().expect("the export's id"));
    (caller.get(&path).await.expect(200).body, path)
}

async fn content(caller: &Caller<'_>, path: &str) -> Answer {
    caller.get(&format!("{path}/content")).await
}

both! {
    async fn a_list_becomes_a_table(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Acme, \"Ltd\"", "external_id": "A-1", "regions": ["US-NY", "DE"],
            "address": {"lines": ["Hall 1; Gate 2"], "city": "Berlin", "country": "DE"}});
        owner.post("/v1/suppliers", new).await.expect(201);
        for number in 0..120 {
            owner.supplier(&format!("S{number}")).await;
        }
        let (done, path) = export(&app, &owner, json!({"kind": "suppliers", "format": "csv"})).await;
        assert_eq!((&done["status"], &done["rows"]), (&json!("succeeded"), &json!(121)), "{done}");
        let file = content(&owner, &path).await.expect(200);
        assert_eq!(file.header("content-type"), "text/csv");
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"suppliers-2026-11-21.csv\"");
        assert_eq!(done["bytes"], file.text.len());
        let lines: Vec<_> = file.text.split("\r\n").collect();
        assert!(lines[0].starts_with("\u{feff}id,kind,name,status,external_id,legal_ids,categories,regions,address.lines"));
        assert_eq!(lines.len(), 123, "header, rows, and nothing after the last line break");
        assert!(lines[1].contains(",company,\"Acme, \"\"Ltd\"\"\",prospect,A-1,[],,US-NY;DE,\"[\"\"Hall 1; Gate 2\"\"]\",,Berlin,DE,"), "{}", lines[1]);
    }

    async fn a_filter_is_that_of_the_list(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        let active = owner.supplier("B").await;
        owner.act(&format!("/v1/suppliers/{active}/nominate")).await.expect(200);
        let new = json!({"kind": "suppliers", "format": "ndjson", "filter": {"status": ["candidate"]}});
        let (_, path) = export(&app, &owner, new).await;
        let file = content(&owner, &path).await.expect(200);
        let item: Value = serde_json::from_str(file.text.trim_end()).expect("one line of JSON");
        assert_eq!(item, owner.get(&format!("/v1/suppliers/{active}")).await.body);
        let wrong = json!({"kind": "suppliers", "format": "csv", "filter": {"stat": 1, "status": ["x"], "limit": 5}});
        let refusal = owner.post("/v1/exports", wrong).await.refused(422, "rule_violated");
        let pointers: Vec<_> = refusal.body["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
        for pointer in ["#/filter/stat", "#/filter/status/0", "#/filter/limit"] {
            assert!(pointers.contains(&json!(pointer)), "{pointers:?}");
        }
        owner.post("/v1/exports", json!({"kind": "dragons", "format": "csv"})).await.refused(400, "validation_failed");
    }

    async fn a_formula_leaves_disarmed_and_comes_back_whole(app: TestApp) {
        let owner = app.owner().await;
        for name in ["=HYPERLINK(\"x\")", "+1", "-1", "@a", "'=1"] {
            owner.supplier(name).await;
        }
        let (_, path) = export(&app, &owner, json!({"kind": "suppliers", "format": "csv"})).await;
        let file = content(&owner, &path).await.expect(200).text;
        for line in file.lines().skip(1) {
            let name = line.split(',').nth(2).expect("a name").trim_start_matches('"');
            assert!(name.starts_with('\''), "{name}");
        }
        let names = |list: &Answer| { let mut names = list.each("name"); names.sort(); names };
        let before = names(&owner.get("/v1/suppliers").await);
        let columns: String = file.trim_start_matches('\u{feff}').lines().map(|line| {
            let cells: Vec<_> = line.splitn(4, ',').collect();
            format!("{},{}\n", cells[1], cells[2])
        }).collect();
        let body = Some(("text/csv", columns.into_bytes()));
        owner.send_raw(Method::POST, "/v1/imports?kind=suppliers", body).await.expect(202);
        work(&app).await;
        let mut after = names(&owner.get("/v1/suppliers").await);
        assert_eq!(after.len(), 10);
        after.dedup();
        assert_eq!(after, before);
    }

    async fn a_supplier_exports_what_it_sees_and_nobody_elses_exports(app: TestApp) {
        let owner = app.owner().await;
        let (own, other) = (owner.supplier("Own").await, owner.supplier("Hidden").await);
        let admin = app.sign_in(Role::SupplierAdmin, Some(&own)).await;
        let (done, path) = export(&app, &admin, json!({"kind": "suppliers", "format": "ndjson"})).await;
        assert_eq!(done["rows"], 1);
        let text = content(&admin, &path).await.expect(200).text;
        assert!(text.contains("Own") && !text.contains("Hidden"), "{text}");
        let stranger = app.sign_in(Role::SupplierAdmin, Some(&other)).await;
        let (_, owners) = export(&app, &owner, json!({"kind": "suppliers", "format": "csv"})).await;
        for path in [&path, &owners] {
            stranger.get(path).await.refused(404, "not_found");
            content(&stranger, path).await.refused(404, "not_found");
        }
        admin.get(&owners).await.refused(404, "not_found");
        assert_eq!(stranger.get("/v1/exports").await.expect(200).body["data"], json!([]));
        content(&owner, &path).await.expect(200);
        let auditor = app.sign_in(Role::Auditor, None).await;
        auditor.get(&owners).await.expect(200);
        content(&auditor, &owners).await.refused(404, "not_found");
        let user = app.sign_in(Role::SupplierUser, Some(&own)).await;
        user.get("/v1/exports").await.refused(403, "forbidden");
    }

    async fn a_list_one_may_not_read_is_not_exported(app: TestApp) {
        let agent = app.sign_in(Role::Agent, None).await;
        let refusal = agent.post("/v1/exports", json!({"kind": "audit_events", "format": "csv"})).await;
        assert_eq!(refusal.refused(403, "forbidden").body["required_permission"], "audit_events.read");
    }

    async fn a_file_that_is_not_ready_is_not_read(app: TestApp) {
        let owner = app.owner().await;
        let job = owner.post("/v1/exports", json!({"kind": "users", "format": "csv"})).await.expect(202);
        let path = format!("/v1/exports/{}", job.body["export_id"].as_str().expect("an id"));
        let refusal = content(&owner, &path).await.refused(409, "invalid_state");
        assert_eq!(refusal.body["current_status"], "queued");
    }

    async fn a_suppliers_export_of_any_list_holds_only_its_own_rows(app: TestApp) {
        let owner = app.owner().await;
        let mut sides = Vec::new();
        for name in ["Own", "Hidden"] {
            let on = app.seed_agreement(&owner.supplier(name).await).await;
            let promise = app.seed_promise(&on, Terms::default()).await;
            let ours = app.seed_promise(&on, Terms { direction: "us_to_supplier", ..Terms::default() }).await;
            for (promise, made_at) in [(&ours, "2026-11-01T08:00:00Z"), (&promise, "2026-11-01T09:00:00Z")] {
                commit(&owner, promise, json!({"made_at": made_at, "job_ref": "J-1"})).await;
            }
            commit(&owner, &promise, json!({"due_at": "2026-11-21T12:00:00Z"})).await;
            let draft = Terms { status: "draft", published_at: None, ..Terms::default() };
            let draft = app.seed_promise(&on, draft).await;
            owner.act(&format!("/v1/promises/{draft}/check")).await.expect(200);
            let broken = commit(&owner, &promise, json!({"made_at": "2026-11-01T09:00:00Z", "note": name})).await;
            let broken = format!("/v1/commitments/{}", broken["id"].as_str().expect("an id"));
            owner.post(&format!("{broken}/ask-excuse"), json!({"cause": "customer", "reason": name})).await.expect(200);
            let path = format!("/v1/suppliers/{}", on.supplier);
            owner.post(&format!("{path}/people"), json!({"name": format!("{name} person")})).await.expect(201);
            owner.post(&format!("{path}/credentials"), json!({"type": "iso-9001", "number": name, "issuer": "Q"})).await.expect(201);
            let invited = json!({"email": format!("{name}@accord.example"), "role": "supplier_user", "supplier_id": on.supplier});
            owner.post("/v1/invitations", invited).await.expect(201);
            let key = json!({"name": name, "scopes": ["suppliers:read"], "supplier_id": on.supplier});
            owner.post("/v1/api-keys", key).await.expect(201);
            let admin = app.sign_in(Role::SupplierAdmin, Some(&on.supplier)).await;
            let me = admin.get("/v1/me").await.expect(200).id();
            sides.push((admin, [on.supplier, on.agreement, promise, draft, me]));
        }
        let (admin, hidden) = (&sides[0].0, &sides[1].1);
        let kinds = ["suppliers", "people", "credentials", "users", "api_keys", "invitations", "sessions", "agreements",
            "agreement_versions", "expectations", "stale_expectations", "promises", "promise_versions", "capability_checks",
            "commitments", "commitments_at_risk", "excuses", "excuse_candidates", "jobs", "exports", "audit_events"];
        for kind in kinds {
            // The other side's job must be there before it can be missing.
            sides[1].0.post("/v1/exports", json!({"kind": kind, "format": "csv"})).await.expect(202);
            let filter = if kind == "stale_expectations" { json!({"older_than": "P30D"}) } else { json!({}) };
            let new = |format: &str| json!({"kind": kind, "format": format, "filter": filter});
            let (_, all) = export(&app, &owner, new("csv")).await;
            let all = content(&owner, &all).await.expect(200).text;
            assert!(kind == "sessions" || hidden.iter().any(|id| all.contains(&**id)) || kind == "jobs" || kind == "exports", "{kind}: {all}");
            let (done, path) = export(&app, admin, new("ndjson")).await;
            assert!(done["rows"].as_i64() >= Some(1), "{kind}: {done}");
            let text = content(admin, &path).await.expect(200).text;
            assert!(!text.contains("Hidden") && !hidden.iter().any(|id| text.contains(&**id)), "{kind}: {text}");
            if kind == "jobs" || kind == "exports" {
                let own: usize = done["rows"].as_u64().and_then(|rows| rows.try_into().ok()).expect("a number");
                assert!(all.lines().count() - 1 > own, "{kind}: {text}");
            }
        }
        for kind in ["notes", "imports", "import_rows", "follow_ups"] {
            admin.post("/v1/exports", json!({"kind": kind, "format": "csv"})).await.refused(403, "forbidden");
        }
        let new = json!({"kind": "calendars", "format": "csv"});
        assert_eq!(export(&app, admin, new).await.0["status"], "succeeded");
    }

    async fn lists_below_others_are_exported_of_all(app: TestApp) {
        let owner = app.owner().await;
        let mut wrong = Vec::new();
        for name in ["Acme", "Other"] {
            let supplier = owner.supplier(name).await;
            owner.post(&format!("/v1/suppliers/{supplier}/notes"), json!({"text": format!("About {name}")})).await.expect(201);
            let body = Some(("text/csv", b"kind,name\ncompany,\n".to_vec()));
            let job = owner.send_raw(Method::POST, "/v1/imports?kind=suppliers", body).await.expect(202);
            wrong.push(job.body["import_id"].clone());
        }
        work(&app).await;
        let lines = async |kind: &str| -> Vec<Value> {
            let (_, path) = export(&app, &owner, json!({"kind": kind, "format": "ndjson"})).await;
            let file = content(&owner, &path).await.expect(200).text;
            file.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
        };
        let texts: Vec<_> = lines("notes").await.iter().map(|note| note["text"].clone()).collect();
        assert_eq!(json!(texts), json!(["About Acme", "About Other"]));
        let rows: Vec<_> = lines("import_rows").await.iter().map(|row| (row["import_id"].clone(), row["row"].clone())).collect();
        assert_eq!(rows, wrong.into_iter().map(|import| (import, json!(1))).collect::<Vec<_>>());
        let of_a_version = json!({"kind": "expectations", "format": "csv", "filter": {"version": 1}});
        let (refused, _) = export(&app, &owner, of_a_version).await;
        assert_eq!(refused["status"], "failed");
    }

    async fn an_export_is_removed_with_its_file_after_a_week_and_not_before(app: TestApp) {
        let owner = app.owner().await;
        owner.supplier("A").await;
        let (done, path) = export(&app, &owner, json!({"kind": "suppliers", "format": "csv"})).await;
        assert_eq!(done["expires_at"], "2026-11-28T09:00:00.000Z");
        let parts = async || spool::Entity::find().count(app.app.db.fresh()).await.expect("a count");
        assert_eq!(parts().await, 1);
        let tidy = async || {
            let input = app.clock.clone();
            let enqueued = app.app.db.write(input, |txn, clock| {
                let new = NewJob { kind: exports::TIDYING, payload: json!({}), dedupe_key: None, max_attempts: ATTEMPTS };
                Box::pin(jobs::enqueue(txn, clock, new))
            });
            enqueued.await.expect("a job");
            assert!(run_one(&app.app, &app::work()).await.expect("it runs"));
        };
        app.clock.advance(TimeDelta::days(7));
        tidy().await;
        content(&app.owner().await, &path).await.expect(200);
        app.clock.advance(TimeDelta::seconds(1));
        tidy().await;
        content(&app.owner().await, &path).await.refused(404, "not_found");
        assert_eq!(parts().await, 0);
    }
}
