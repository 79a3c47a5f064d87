//! Calendars: hours, holidays, the default one, and what counting in them gives.

use crate::both;
use crate::support::{Answer, Caller, TestApp};
use accord::shared::permission::Role;
use poem::http::Method;
use serde_json::{Value, json};

const NOWHERE: &str = "/v1/calendars/01a1ff81-7540-74d8-bf1a-931cc1c79f06";

fn office() -> Value {
    let hours: Vec<_> = ["monday", "tuesday", "wednesday", "thursday", "friday"]
        .iter()
        .map(|day| json!({"weekday": day, "from": "09:00", "to": "17:00"}))
        .collect();
    json!({"name": "Office", "time_zone": "europe/berlin", "hours": hours,
        "holidays": [{"on": "2027-01-01", "name": "New Year"}]})
}

/// The address of a calendar.
async fn calendar(owner: &Caller<'_>) -> String {
    owner.post("/v1/calendars", office()).await.expect(201).header("location").to_owned()
}

async fn import(owner: &Caller<'_>, path: &str, media_type: &str, file: &str) -> Answer {
    owner.send_raw(Method::POST, path, Some((media_type, file.as_bytes().to_vec()))).await
}

/// A draft of an agreement that counts in the calendar.
async fn refer(app: &TestApp, supplier: &str, calendar: &str) {
    let owner = app.owner().await;
    owner.act(&format!("/v1/suppliers/{supplier}/nominate")).await.expect(200);
    let new = json!({"supplier_id": supplier, "title": "Deliveries", "starts_on": "2027-01-01", "notice": "P30D",
        "calendar_id": calendar});
    owner.post("/v1/agreements", new).await.expect(201);
}

both! {
    async fn a_calendar_is_made_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/v1/calendars", office()).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/calendars/{}", made.id()));
        let mut expected = office();
        expected["time_zone"] = json!("Europe/Berlin");
        for (name, value) in [("id", json!(made.id())), ("is_default", json!(false)), ("revision", json!(1)),
            ("created_at", json!("2026-11-21T09:00:00.000Z")), ("updated_at", json!("2026-11-21T09:00:00.000Z"))] {
            expected[name] = value;
        }
        assert_eq!(made.body, expected);
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!((&read.body, read.header("etag")), (&made.body, "\"1\""));
        owner.with("if-none-match", "\"1\"").get(made.header("location")).await.expect(304);
        let list = owner.get("/v1/calendars?limit=1&count=true").await.expect(200);
        assert_eq!((&list.body["data"], &list.body["total_count"]), (&json!([made.body]), &json!(1)));
        owner.get(NOWHERE).await.refused(404, "not_found");
    }

    async fn hours_come_back_in_order(app: TestApp) {
        let owner = app.owner().await;
        let span = |day: &str, from: &str, to: &str| json!({"weekday": day, "from": from, "to": to});
        let mut new = office();
        new["hours"] = json!([span("sunday", "00:00", "24:00"), span("monday", "13:00", "17:00"), span("monday", "09:00", "13:00")]);
        let made = owner.post("/v1/calendars", new).await.expect(201);
        let sorted = json!([span("monday", "09:00", "13:00"), span("monday", "13:00", "17:00"), span("sunday", "00:00", "24:00")]);
        assert_eq!(made.body["hours"], sorted);
    }

    async fn hours_and_holidays_that_break_a_rule_are_named(app: TestApp) {
        let owner = app.owner().await;
        let span = |from: &str, to: &str| json!({"weekday": "monday", "from": from, "to": to});
        let day = json!({"on": "2027-01-01", "name": "x"});
        for (member, value, pointer) in [
            ("hours", json!([span("09:00", "09:00")]), "#/hours/0/to"),
            ("hours", json!([span("22:00", "06:00")]), "#/hours/0/to"),
            ("hours", json!([span("12:00", "14:00"), span("09:00", "12:30")]), "#/hours/0"),
            ("hours", json!([span("09:00", "12:00"), span("09:00", "12:00")]), "#/hours/1"),
            ("holidays", json!([day, {"on": "2027-05-01", "name": "y"}, day]), "#/holidays/2/on"),
            ("time_zone", json!("Europe/Nowhere"), "#/time_zone"),
        ] {
            let mut new = office();
            new[member] = value.clone();
            let refusal = owner.post("/v1/calendars", new).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), [format!("{pointer} rule_violated")], "{value}");
            let path = calendar(&owner).await;
            let refusal = owner.patch(&path, json!({member: value})).await.refused(422, "rule_violated");
            assert_eq!(refusal.errors(), [format!("{pointer} rule_violated")]);
        }
    }

    async fn what_the_document_refuses_is_named_at_once(app: TestApp) {
        let owner = app.owner().await;
        let wrong = json!({"name": " ", "time_zone": "Europe Berlin", "hours": [], "holidays": [{"on": "2027-02-30", "name": ""}]});
        let refusal = owner.post("/v1/calendars", wrong).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/holidays/0/name pattern", "#/holidays/0/on format", "#/hours too_few_items",
            "#/name pattern", "#/time_zone pattern"]);
        let mut new = office();
        new["hours"] = json!([{"weekday": "monday", "from": "24:00", "to": "9:00"}]);
        let refusal = owner.post("/v1/calendars", new).await.refused(400, "validation_failed");
        assert_eq!(refusal.errors(), ["#/hours/0/from pattern", "#/hours/0/to pattern"]);
    }

    async fn a_change_keeps_what_it_does_not_name(app: TestApp) {
        let owner = app.owner().await;
        let path = calendar(&owner).await;
        let changed = owner.patch(&path, json!({"holidays": [{"on": "2027-12-25", "name": "Christmas"}]})).await.expect(200);
        assert_eq!((&changed.body["name"], &changed.body["revision"]), (&json!("Office"), &json!(2)));
        assert_eq!(changed.body["holidays"], json!([{"on": "2027-12-25", "name": "Christmas"}]));
        let same = owner.patch(&path, json!({"time_zone": "EUROPE/BERLIN"})).await.expect(200);
        assert_eq!(same.body["revision"], 2);
        owner.with("if-match", "\"1\"").patch(&path, json!({"name": "x"})).await.refused(412, "etag_mismatch");
        owner.patch(NOWHERE, json!({"name": "x"})).await.refused(404, "not_found");
    }

    async fn an_unused_calendar_is_deleted_and_a_used_one_is_not(app: TestApp) {
        let owner = app.owner().await;
        let path = calendar(&owner).await;
        owner.with("if-match", "\"7\"").delete(&path).await.refused(412, "etag_mismatch");
        owner.delete(&path).await.expect(204);
        owner.delete(&path).await.refused(404, "not_found");
        let path = calendar(&owner).await;
        let supplier = owner.supplier("Acme").await;
        refer(&app, &supplier, path.rsplit('/').next().expect("an id")).await;
        owner.delete(&path).await.refused(409, "in_use");
        owner.get(&path).await.expect(200);
    }

    async fn one_calendar_at_a_time_is_the_default(app: TestApp) {
        let owner = app.owner().await;
        let (first, second) = (calendar(&owner).await, calendar(&owner).await);
        let made = owner.act(&format!("{first}/make-default")).await.expect(200);
        assert_eq!((&made.body["is_default"], &made.body["revision"]), (&json!(true), &json!(2)));
        assert_eq!(owner.act(&format!("{first}/make-default")).await.expect(200).body["revision"], 2);
        owner.with("if-match", "\"9\"").act(&format!("{second}/make-default")).await.refused(412, "etag_mismatch");
        owner.act(&format!("{second}/make-default")).await.expect(200);
        let former = owner.get(&first).await.expect(200).body;
        assert_eq!((&former["is_default"], &former["revision"]), (&json!(false), &json!(3)));
        owner.delete(&second).await.expect(204);
        let all = owner.get("/v1/calendars").await.expect(200).body;
        assert!(all["data"].as_array().expect("a list").iter().all(|calendar| calendar["is_default"] == false));
        owner.act(&format!("{NOWHERE}/make-default")).await.refused(404, "not_found");
    }

    async fn holidays_come_from_a_calendar_file(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("{}/import-holidays", calendar(&owner).await);
        let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nSUMMARY:Another name\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christ\r\n mas\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nDTSTART:20261224T180000Z\r\nSUMMARY:Dinner\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let done = import(&owner, &path, "text/calendar; charset=utf-8", file).await.expect(200);
        assert_eq!(done.body, json!({"added": 2, "unchanged": 1, "removed": 0, "skipped": 1,
            "skipped_lines": [{"line": 13, "reason": "It is not about whole days."}]}));
        assert_eq!(done.header("etag"), "\"2\"");
        let calendar = owner.get(path.trim_end_matches("/import-holidays")).await.expect(200).body;
        assert_eq!(calendar["holidays"], json!([{"on": "2026-12-25", "name": "Christmas"},
            {"on": "2026-12-26", "name": "Christmas"}, {"on": "2027-01-01", "name": "New Year"}]));
        let again = import(&owner, &path, "text/calendar", file).await.expect(200);
        assert_eq!((&again.body["added"], again.header("etag")), (&json!(0), "\"2\""));
    }

    async fn holidays_come_from_a_table_and_replace_the_old_ones(app: TestApp) {
        let owner = app.owner().await;
        let calendar = calendar(&owner).await;
        let path = format!("{calendar}/import-holidays?mode=replace");
        let done = import(&owner, &path, "text/csv", "date,name\n2027-05-01,\"Labour Day, all day\"\n").await.expect(200);
        assert_eq!(done.body, json!({"added": 1, "unchanged": 0, "removed": 1, "skipped": 0, "skipped_lines": []}));
        let holidays = owner.get(&calendar).await.expect(200).body["holidays"].clone();
        assert_eq!(holidays, json!([{"on": "2027-05-01", "name": "Labour Day, all day"}]));
    }

    async fn a_file_that_cannot_be_read_imports_nothing(app: TestApp) {
        let owner = app.owner().await;
        let calendar = calendar(&owner).await;
        let path = format!("{calendar}/import-holidays");
        let refusal = import(&owner, &path, "text/csv", "2027-05-01,May\n2027-5-1,May\nx\n").await.refused(422, "rule_violated");
        assert_eq!(refusal.errors(), ["# rule_violated", "# rule_violated"]);
        assert!(refusal.text.contains("Line 2: ") && refusal.text.contains("Line 3: "), "{}", refusal.text);
        import(&owner, &path, "text/calendar", "2027-05-01,May").await.refused(422, "rule_violated");
        import(&owner, &path, "text/csv", "").await.refused(422, "rule_violated");
        import(&owner, &path, "text/plain", "2027-05-01,May").await.refused(415, "unsupported_media_type");
        import(&owner, &path, "text/csv", "2027-05-01,a\0b").await.refused(400, "validation_failed");
        import(&owner, &path, "text/csv", &"x".repeat(1024 * 1024 + 1)).await.refused(413, "payload_too_large");
        import(&owner, &format!("{path}?mode=add"), "text/csv", "2027-05-01,May").await.refused(400, "invalid_parameter");
        let elsewhere = format!("{NOWHERE}/import-holidays");
        import(&owner, &elsewhere, "text/csv", "2027-05-01,May").await.refused(404, "not_found");
        let stale = owner.with("if-match", "\"7\"");
        import(&stale, &path, "text/csv", "2027-05-01,May").await.refused(412, "etag_mismatch");
        assert_eq!(owner.get(&calendar).await.expect(200).body["revision"], 1);
    }

    async fn a_calendar_has_at_most_5000_holidays(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("{}/import-holidays", calendar(&owner).await);
        let first: chrono::NaiveDate = "2030-01-01".parse().expect("a day");
        let lines = |days: usize| first.iter_days().take(days).map(|day| format!("{day},Free\n")).collect::<String>();
        import(&owner, &path, "text/csv", &lines(5000)).await.refused(422, "rule_violated");
        import(&owner, &path, "text/csv", &lines(4999)).await.expect(200);
    }

    async fn a_repeated_import_gives_the_same_answer(app: TestApp) {
        let owner = app.owner().await;
        let path = format!("{}/import-holidays", calendar(&owner).await);
        let keyed = owner.with("idempotency-key", "holidays-1");
        let first = import(&keyed, &path, "text/csv", "2027-05-01,May").await.expect(200);
        let again = import(&keyed, &path, "text/csv", "2027-05-01,May").await.expect(200);
        assert_eq!((&first.body["added"], &again.body), (&json!(1), &first.body));
        import(&keyed, &path, "text/csv", "2027-05-02,May").await.refused(422, "idempotency_key_reused");
    }

    async fn due_and_elapsed_skip_what_is_no_working_time(app: TestApp) {
        let owner = app.owner().await;
        let path = calendar(&owner).await;
        // Thursday 31 December 2026, 16:00 in Berlin; Friday is a holiday.
        let due = owner.get(&format!("{path}/due?from=2026-12-31T15:00:00Z&duration=PT2H")).await.expect(200);
        assert_eq!(due.body, json!({"from": "2026-12-31T15:00:00.000Z", "duration": "PT2H", "due_at": "2027-01-04T09:00:00.000Z"}));
        let elapsed = owner.get(&format!("{path}/elapsed?from=2026-12-31T15:00:00Z&to=2027-01-04T09:00:00Z")).await.expect(200);
        assert_eq!(elapsed.body, json!({"from": "2026-12-31T15:00:00.000Z", "to": "2027-01-04T09:00:00.000Z", "elapsed": "PT2H"}));
        let never = owner.get(&format!("{path}/due?from=9999-12-01T00:00:00Z&duration=P9999D")).await;
        never.refused(422, "rule_violated");
        let missing = owner.get(&format!("{path}/due?from=2026-12-31T15:00:00Z")).await.refused(400, "invalid_parameter");
        assert_eq!(missing.body["errors"][0]["parameter"], "duration");
        owner.get(&format!("{path}/elapsed?from=yesterday&to=2027-01-04T09:00:00Z")).await.refused(400, "invalid_parameter");
        owner.get(&format!("{NOWHERE}/due?from=2026-12-31T15:00:00Z&duration=PT2H")).await.refused(404, "not_found");
        owner.get(&format!("{NOWHERE}/elapsed?from=2026-12-31T15:00:00Z&to=2026-12-31T15:00:00Z")).await.refused(404, "not_found");
    }

    async fn everybody_reads_calendars_and_managers_change_them(app: TestApp) {
        let owner = app.owner().await;
        let supplier = owner.supplier("Acme").await;
        let path = calendar(&owner).await;
        for role in Role::ALL {
            let caller = app.sign_in(role, role.is_supplier().then_some(&*supplier)).await;
            caller.get(&path).await.expect(200);
            let changed = caller.patch(&path, json!({"name": format!("By {}", role.name())})).await;
            match role {
                Role::Owner | Role::Manager => drop(changed.expect(200)),
                _ => drop(changed.refused(403, "forbidden")),
            }
        }
        app.nobody().get(&path).await.refused(401, "missing_credentials");
    }

    async fn every_change_of_a_calendar_is_in_its_history(app: TestApp) {
        let owner = app.owner().await;
        let path = calendar(&owner).await;
        owner.patch(&path, json!({"name": "Shop"})).await.expect(200);
        owner.act(&format!("{path}/make-default")).await.expect(200);
        import(&owner, &format!("{path}/import-holidays"), "text/csv", "2027-05-01,May").await.expect(200);
        owner.delete(&path).await.expect(204);
        let events = owner.get("/v1/audit-events?resource_type=calendar").await.expect(200);
        let mut actions: Vec<_> = events.body["data"].as_array().expect("a list").iter().map(|event| event["action"].as_str().expect("text")).collect();
        actions.sort_unstable();
        assert_eq!(actions, ["calendar.create", "calendar.delete", "calendar.import-holidays", "calendar.make-default", "calendar.update"]);
    }
}
