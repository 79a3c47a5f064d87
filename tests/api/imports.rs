//! Imports: files of rows, from upload to what became of every row.

use crate::both;
use crate::support::{Answer, Caller, TestApp};
use accord::app;
use accord::shared::jobs::worker::run_one;
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::{Value, json};

const NOWHERE: &str = "/v1/imports/01a1ff81-7540-74d8-bf1a-931cc1c79f06";

async fn send(caller: &Caller<'_>, query: &str, media_type: &str, file: &str) -> Answer {
    let body = Some((media_type, file.as_bytes().to_vec()));
    caller.send_raw(Method::POST, &format!("/v1/imports?{query}"), body).await
}

async fn work(app: &TestApp) {
    while run_one(&app.app, &app::long_work()).await.expect("the worker works") {}
}

/// Orders an import, lets the worker do it, and returns the import.
async fn import(app: &TestApp, caller: &Caller<'_>, query: &str, media_type: &str, file: &str) -> Value {
    let job = send(caller, query, media_type, file).await.expect(202);
    work(app).await;
    let id = job.body["import_id"].as_str().expect("the import's id");
    caller.get(&format!("/v1/imports/{id}")).await.expect(200).body
}

fn counts(import: &Value) -> [i64; 5] {
    ["rows_done", "rows_created", "rows_updated", "rows_unchanged", "rows_failed"]
        .map(|name| import[name].as_i64().expect("a number"))
}

async fn rows(caller: &Caller<'_>, import: &Value) -> Vec<Value> {
    let path = format!("/v1/imports/{}/rows?status=failed&limit=100", import["id"].as_str().expect("an id"));
    caller.get(&path).await.expect(200).body["data"].as_array().expect("rows").clone()
}

const SUPPLIERS: &str = "\u{feff}kind,name,external_id,categories,regions,customer_facing,address.city,address.country,legal_ids\r\n\
    company,\"Acme, Ltd\",A-1,airline;cargo,US-NY;DE,true,Berlin,DE,\"[{\"\"scheme\"\":\"\"VAT\"\",\"\"value\"\":\"\"DE 1\"\"}]\"\r\n\
    individual,'=Jo,A-2,,,,,,\r\n";

both! {
    async fn suppliers_come_from_csv(app: TestApp) {
        let owner = app.owner().await;
        let answer = send(&owner, "kind=suppliers", "text/csv", SUPPLIERS).await.expect(202);
        assert_eq!(answer.header("location"), format!("/v1/jobs/{}", answer.id()));
        assert_eq!((answer.header("retry-after"), &answer.body["status"]), ("2", &json!("queued")));
        work(&app).await;
        let job = owner.get(answer.header("location")).await.expect(200).body;
        assert_eq!(job["status"], "succeeded", "{job}");
        assert_eq!(job["progress"], json!({"done": SUPPLIERS.len(), "total": SUPPLIERS.len()}));
        assert_eq!(job["result"], json!({"rows": 2, "created": 2, "updated": 0, "unchanged": 0, "failed": 0, "dry_run": false}));
        let acme = owner.get("/v1/suppliers?external_id=A-1").await.expect(200).body["data"][0].clone();
        assert_eq!((&acme["name"], &acme["status"]), (&json!("Acme, Ltd"), &json!("prospect")));
        assert_eq!((&acme["categories"], &acme["regions"]), (&json!(["airline", "cargo"]), &json!(["US-NY", "DE"])));
        assert_eq!(acme["address"], json!({"lines": [], "postal_code": null, "city": "Berlin", "country": "DE"}));
        assert_eq!((&acme["legal_ids"][0]["value"], &acme["customer_facing"]), (&json!("DE 1"), &json!(true)));
        assert_eq!(owner.get("/v1/suppliers?q=jo").await.expect(200).each("name"), ["=Jo"]);
        assert_eq!(owner.get("/v1/suppliers?category=cargo").await.expect(200).each("external_id"), ["A-1"]);
        let again = json!({"kind": "company", "name": "X", "legal_ids": [{"scheme": "VAT", "value": "de1"}]});
        owner.post("/v1/suppliers", again).await.refused(409, "already_exists");
    }

    async fn every_row_that_is_wrong_is_told_with_its_reasons(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/v1/suppliers", json!({"kind": "company", "name": "Old", "external_id": "OLD"})).await.expect(201);
        let file = "kind,name,external_id,customer_facing,parent_id\n\
            company,Good,G-1,,\n\
            firm,,G 2,yes,\n\
            company,Again,G-1,,\n\
            company,Known,OLD,,\n\
            company,Orphan,G-3,,01a1ff81-7540-74d8-bf1a-931cc1c79f06\n\
            company,Short\n\
            company,Last,G-4,false,\n";
        let done = import(&app, &owner, "kind=suppliers&on_error=continue", "text/csv", file).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("succeeded"), [7, 2, 0, 0, 5]));
        let told: Vec<_> = rows(&owner, &done).await.iter().map(|row| {
            let errors = row["problem"]["errors"].as_array().expect("errors").iter();
            let errors: Vec<_> = errors.map(|error| format!("{} {}", error["pointer"], error["code"]).replace('"', "")).collect();
            (row["row"].as_i64().expect("a number"), row["problem"]["code"].as_str().expect("a code").to_owned(), errors.join(", "))
        }).collect();
        let code = |row: usize| (told[row].0, &*told[row].1);
        assert_eq!(code(0), (2, "validation_failed"));
        for wrong in ["#/kind not_in_enum", "#/name required", "#/external_id pattern", "#/customer_facing wrong_type"] {
            assert!(told[0].2.contains(wrong), "{told:?}");
        }
        assert_eq!((code(1), code(2)), ((3, "already_exists"), (4, "already_exists")));
        assert_eq!((code(3), &*told[3].2), ((5, "invalid_reference"), "#/parent_id invalid_reference"));
        assert_eq!(code(4), (6, "validation_failed"));
        let row = &rows(&owner, &done).await[2];
        let old = owner.get("/v1/suppliers?external_id=OLD").await.body["data"][0]["id"].clone();
        assert_eq!((&row["external_id"], &row["outcome"], &row["id"]), (&json!("OLD"), &json!("failed"), &old));
    }

    async fn a_refused_row_ends_an_import_that_aborts(app: TestApp) {
        let owner = app.owner().await;
        let mut file = "kind,name,external_id\n".to_owned();
        for number in 1..=2500 {
            let kind = if number == 2200 { "firm" } else { "company" };
            file += &format!("{kind},S{number},S-{number}\n");
        }
        let done = import(&app, &owner, "kind=suppliers", "text/csv", &file).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("failed"), [2000, 2000, 0, 0, 1]));
        assert!(done["error"]["detail"].as_str().expect("a reason").contains("Row 2200"), "{done}");
        assert_eq!(rows(&owner, &done).await[0]["row"], 2200);
        assert_eq!(owner.get("/v1/suppliers?count=true").await.body["total_count"], 2000);
        let events = owner.get("/v1/audit-events?action=import.batch").await.expect(200);
        assert_eq!(events.body["data"].as_array().expect("events").len(), 1);
        assert_eq!(events.body["data"][0]["actor"]["label"], "Test owner");
    }

    async fn a_dry_run_tells_the_same_and_writes_nothing(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/v1/suppliers", json!({"kind": "company", "name": "Old", "external_id": "A-2"})).await.expect(201);
        let query = "kind=suppliers&on_error=continue&dry_run=true";
        let done = import(&app, &owner, query, "text/csv", SUPPLIERS).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("succeeded"), [2, 1, 0, 0, 1]));
        assert_eq!(rows(&owner, &done).await[0]["problem"]["code"], "already_exists");
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).each("name"), ["Old"]);
        assert_eq!(owner.get("/v1/audit-events?action=import.batch").await.body["data"], json!([]));
    }

    async fn an_upsert_changes_only_what_the_row_gives(app: TestApp) {
        let owner = app.owner().await;
        import(&app, &owner, "kind=suppliers", "text/csv", SUPPLIERS).await;
        let file = "{\"kind\":\"company\",\"name\":\"Acme GmbH\",\"external_id\":\"A-1\"}\r\n\n\
            {\"kind\":\"individual\",\"name\":\"=Jo\",\"external_id\":\"A-2\"}\n\
            {\"kind\":\"company\",\"name\":\"Jo\",\"external_id\":\"A-2\"}\n\
            {\"kind\":\"internal_unit\",\"name\":\"New\",\"external_id\":\"A-3\"}\n\
            {\"kind\":\"company\",\"name\":\"Cut";
        let query = "kind=suppliers&mode=upsert&on_error=continue";
        let done = import(&app, &owner, query, "application/x-ndjson", file).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("succeeded"), [5, 1, 1, 1, 2]), "{done}");
        let codes: Vec<_> = rows(&owner, &done).await.iter().map(|row| row["problem"]["code"].clone()).collect();
        assert_eq!(codes, ["already_exists", "malformed_json"]);
        let acme = owner.get("/v1/suppliers?external_id=A-1").await.expect(200).body["data"][0].clone();
        assert_eq!((&acme["name"], &acme["revision"]), (&json!("Acme GmbH"), &json!(2)));
        assert_eq!((&acme["categories"], &acme["customer_facing"]), (&json!(["airline", "cargo"]), &json!(true)));
    }

    async fn people_name_their_supplier(app: TestApp) {
        let owner = app.owner().await;
        import(&app, &owner, "kind=suppliers", "text/csv", SUPPLIERS).await;
        let file = "supplier_external_id,name,phone,roles,external_id\n\
            A-1,Mia,'+493012345678,executive;field_worker,P-1\nA-9,Jo,,,P-2\n,Al,,,P-3\n";
        let done = import(&app, &owner, "kind=people&on_error=continue", "text/csv", file).await;
        assert_eq!((&done["status"], counts(&done)), (&json!("succeeded"), [3, 1, 0, 0, 2]), "{done}");
        let codes: Vec<_> = rows(&owner, &done).await.iter().map(|row| row["problem"]["code"].clone()).collect();
        assert_eq!(codes, ["invalid_reference", "rule_violated"]);
        let acme = owner.get("/v1/suppliers?external_id=A-1").await.body["data"][0]["id"].as_str().expect("an id").to_owned();
        let people = owner.get(&format!("/v1/suppliers/{acme}/people")).await.expect(200).body["data"].clone();
        assert_eq!((&people[0]["phone"], &people[0]["roles"]), (&json!("+493012345678"), &json!(["executive", "field_worker"])));
        let file = format!("supplier_id,name,email,external_id\n{acme},Mia Berg,mia@acme.example,P-1\n");
        let done = import(&app, &owner, "kind=people&mode=upsert", "text/csv", &file).await;
        assert_eq!(counts(&done), [1, 0, 1, 0, 0]);
        let person = owner.get(&format!("/v1/suppliers/{acme}/people")).await.body["data"][0].clone();
        assert_eq!((&person["name"], &person["phone"]), (&json!("Mia Berg"), &json!("+493012345678")));
    }

    async fn people_of_several_suppliers_may_have_the_same_key(app: TestApp) {
        let owner = app.owner().await;
        let mut ids = Vec::new();
        for key in ["S-1", "S-2"] {
            let new = json!({"kind": "company", "name": key, "external_id": key});
            ids.push(owner.post("/v1/suppliers", new).await.expect(201).id());
        }
        let first = &ids[0];
        let file = format!("supplier_external_id,supplier_id,name,external_id\n\
            S-1,,Mia,P-1\nS-2,,Jo,P-1\nS-1,,Again,P-1\n,{first},Other,P-1\nS-2,,Nobody,\nS-2,,Nobody,\n");
        let done = import(&app, &owner, "kind=people&on_error=continue", "text/csv", &file).await;
        assert_eq!(counts(&done), [6, 4, 0, 0, 2], "{done}");
        let refused = rows(&owner, &done).await;
        let errors: Vec<_> = refused.iter().map(|row| (&row["row"], &row["problem"]["code"])).collect();
        assert_eq!(errors, [(&json!(3), &json!("already_exists")), (&json!(4), &json!("already_exists"))]);
        let file = "supplier_external_id,name,external_id\nS-1,Mia Berg,P-1\nS-2,Jo,P-1\n";
        let again = import(&app, &owner, "kind=people&on_error=continue", "text/csv", file).await;
        assert_eq!(counts(&again), [2, 0, 0, 0, 2], "{again}");
        let done = import(&app, &owner, "kind=people&mode=upsert", "text/csv", file).await;
        assert_eq!(counts(&done), [2, 0, 1, 1, 0], "{done}");
        for (id, expected) in ids.iter().zip([vec!["Mia Berg"], vec!["Jo", "Nobody", "Nobody"]]) {
            let mut names = owner.get(&format!("/v1/suppliers/{id}/people")).await.expect(200).each("name");
            names.sort();
            assert_eq!(names, expected);
        }
    }

    async fn a_file_that_cannot_be_read_ends_its_import_with_the_reason(app: TestApp) {
        let owner = app.owner().await;
        for (file, reason) in [
            ("", "no header"),
            ("kind,nmae,kind\ncompany,A,company\n", "`nmae` is no column, `kind` stands there twice"),
        ] {
            let done = import(&app, &owner, "kind=suppliers", "text/csv", file).await;
            assert_eq!(done["status"], "failed");
            assert!(done["error"]["detail"].as_str().expect("a reason").contains(reason), "{done}");
        }
        let long = format!("kind,name\ncompany,\"{}\n", "x\n".repeat(600_000));
        let done = import(&app, &owner, "kind=suppliers", "text/csv", &long).await;
        assert!(done["error"]["detail"].as_str().expect("a reason").contains("longer than"), "{done}");
    }

    async fn the_same_key_imports_once(app: TestApp) {
        let owner = app.owner().await;
        let keyed = owner.with("idempotency-key", "import-1");
        let first = send(&keyed, "kind=suppliers", "text/csv", SUPPLIERS).await.expect(202);
        let again = send(&keyed, "kind=suppliers", "text/csv", SUPPLIERS).await.expect(202);
        assert_eq!((again.id(), again.header("idempotency-replayed")), (first.id(), "true"));
        assert_eq!(again.header("retry-after"), "2");
        send(&keyed, "kind=suppliers", "text/csv", "kind,name\n").await.refused(422, "idempotency_key_reused");
        work(&app).await;
        assert_eq!(owner.get("/v1/imports?count=true").await.expect(200).body["total_count"], 1);
        assert_eq!(owner.get("/v1/suppliers?count=true").await.expect(200).body["total_count"], 2);
    }

    async fn what_is_no_import_is_refused_at_once(app: TestApp) {
        let owner = app.owner().await;
        send(&owner, "kind=dragons", "text/csv", "a\n").await.refused(400, "invalid_parameter");
        send(&owner, "mode=upsert", "text/csv", "a\n").await.refused(400, "invalid_parameter");
        send(&owner, "kind=suppliers&mode=replace", "text/csv", "a\n").await.refused(400, "invalid_parameter");
        let refusal = send(&owner, "kind=suppliers", "application/json", "{}").await;
        assert_eq!(refusal.refused(415, "unsupported_media_type").header("accept"), "text/csv, application/x-ndjson");
        let large = owner.with("content-length", "268435457");
        let refusal = send(&large, "kind=suppliers", "text/csv", "").await.refused(413, "payload_too_large");
        assert_eq!(refusal.body["max_bytes"], 268_435_456);
        assert_eq!(owner.get("/v1/imports").await.expect(200).body["data"], json!([]));
        owner.get(NOWHERE).await.refused(404, "not_found");
        owner.get("/v1/imports/1").await.refused(404, "not_found");
        owner.get(&format!("{NOWHERE}/rows")).await.refused(404, "not_found");
        owner.get("/v1/import-templates/dragons.csv").await.refused(404, "not_found");
    }

    async fn a_template_names_all_columns(app: TestApp) {
        let owner = app.owner().await;
        let template = owner.get("/v1/import-templates/suppliers.csv").await.expect(200);
        assert_eq!(template.header("content-type"), "text/csv");
        assert_eq!(template.header("content-disposition"), "attachment; filename=\"suppliers.csv\"");
        assert_eq!(template.text, "kind,name,external_id,legal_ids,categories,regions,address.lines,\
            address.postal_code,address.city,address.country,customer_facing,parent_id\r\n");
    }

    async fn an_import_is_seen_by_whoever_ordered_it_and_by_owners_and_auditors(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Own").await;
        let manager = app.sign_in(Role::Manager, None).await;
        let own = import(&app, &manager, "kind=suppliers", "text/csv", SUPPLIERS).await;
        let others = import(&app, &owner, "kind=suppliers&dry_run=true", "text/csv", "kind,name\ncompany,A\n").await;
        assert_eq!(manager.get("/v1/imports").await.expect(200).each("id"), [own["id"].as_str().expect("an id")]);
        manager.get(&format!("/v1/imports/{}", others["id"].as_str().expect("an id"))).await.refused(404, "not_found");
        let auditor = app.sign_in(Role::Auditor, None).await;
        assert_eq!(auditor.get("/v1/imports").await.expect(200).each("kind").len(), 2);
        send(&auditor, "kind=suppliers", "text/csv", SUPPLIERS).await.refused(403, "forbidden");
        let admin = app.sign_in(Role::SupplierAdmin, Some(&supplier)).await;
        admin.get("/v1/imports").await.refused(403, "forbidden");
        send(&admin, "kind=suppliers", "text/csv", SUPPLIERS).await.refused(403, "forbidden");
    }

    async fn a_key_needs_the_scope_of_what_it_imports(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "Importer", "scopes": ["imports:write", "imports:read"]});
        let made = owner.post("/v1/api-keys", new).await.expect(201);
        let key = app.with_token(made.body["key"].as_str().expect("the key"));
        let refusal = send(&key, "kind=suppliers", "text/csv", SUPPLIERS).await.refused(403, "insufficient_scope");
        assert_eq!(refusal.body["required_permission"], "suppliers.create");
    }

    async fn the_job_has_the_rights_its_caller_has_then(app: TestApp) {
        let owner = app.owner().await;
        let manager = app.sign_in(Role::Manager, None).await;
        let job = send(&manager, "kind=suppliers", "text/csv", SUPPLIERS).await.expect(202);
        let me = manager.get("/v1/me").await.expect(200).id();
        owner.act(&format!("/v1/users/{me}/disable")).await.expect(200);
        work(&app).await;
        let job = owner.get(job.header("location")).await.expect(200).body;
        assert_eq!(job["status"], "failed", "{job}");
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).body["data"], json!([]));
    }

    async fn a_cancelled_import_writes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let job = send(&owner, "kind=suppliers", "text/csv", SUPPLIERS).await.expect(202);
        owner.act(&format!("{}/cancel", job.header("location"))).await.expect(200);
        work(&app).await;
        let import = owner.get(&format!("/v1/imports/{}", job.body["import_id"].as_str().expect("an id"))).await;
        assert_eq!(import.expect(200).body["status"], "cancelled");
        assert_eq!(owner.get("/v1/suppliers").await.expect(200).body["data"], json!([]));
    }
}
