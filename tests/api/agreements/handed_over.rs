//! Neither side reads what the other one writes before it is handed over.

use super::negotiation::{Story, story};
use crate::both;
use crate::support::Caller;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Address, status, ETag and text of an answer.
type Read = (String, u16, String, String);

/// Everything a caller can read of the agreement, of versions 1 and 2 and of a clause.
async fn all(caller: &Caller<'_>, agreement: &str, clause: &str) -> Vec<Read> {
    let mut paths = vec![
        agreement.to_owned(),
        format!("{agreement}/versions"),
        format!("{agreement}/expectations?count=true&limit=100"),
    ];
    paths.extend([format!("{agreement}/expectations/{clause}"), format!("{agreement}/document.html")]);
    for number in ["1", "2", "-1", "-2"] {
        paths.push(format!("{agreement}/versions/{number}"));
        paths.push(format!("{agreement}/versions/{number}/diff"));
    }
    for number in ["1", "2"] {
        paths.push(format!("{agreement}/expectations?version={number}&direction=us_to_supplier&limit=50"));
        paths.push(format!("{agreement}/expectations/{clause}?version={number}"));
        paths.push(format!("{agreement}/document.html?version={number}"));
        paths.push(format!("{agreement}/versions/2/diff?against={number}"));
    }
    for filter in ["sort=title", "q=lift", "q=elevators", "status=active", "status=amending", "ends_on_lte=2027-12-31"]
    {
        paths.push(format!("/v1/agreements?count=true&{filter}"));
    }
    paths.push("/v1/expectations/stale?older_than=PT1S".to_owned());
    let mut read = Vec::new();
    for path in paths {
        let answer = caller.get(&path).await;
        // Every refusal has an id of its own.
        let said = if answer.status == 200 { answer.text.clone() } else { answer.body["code"].to_string() };
        read.push((path, answer.status, answer.header("etag").to_owned(), said));
    }
    read
}

impl Story<'_> {
    async fn first_clause(&self) -> String {
        let page = self.owner.get(&format!("{}/expectations?limit=1", self.agreement)).await.expect(200);
        page.body["data"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Changes, adds, accepts and removes clauses and changes terms of a version, in somebody's name.
    async fn edit(&self, by: &Caller<'_>, number: i64, clause: &str) {
        let clauses = format!("{}/expectations", self.agreement);
        by.patch(&format!("{clauses}/{clause}"), json!({"text": "SECRET words."})).await.expect(200);
        let new = json!({"direction": "us_to_supplier", "dimension": "empathy", "text": "SECRET clause."});
        let new = by.post(&clauses, new).await.expect(201).header("location").to_owned();
        let other = json!({"direction": "us_to_supplier", "dimension": "empathy", "text": "SECRET too."});
        by.post(&clauses, other).await.expect(201);
        by.delete(&new).await.expect(204);
        let last = by.get(&format!("{clauses}?limit=100")).await.expect(200);
        let last = last.body["data"][9]["id"].as_str().expect("an id").to_owned();
        by.act(&format!("{clauses}/{last}/accept")).await.expect(200);
        let terms = json!({"title": "SECRET elevators", "ends_on": "2028-03-31", "service_code": []});
        by.patch(&format!("{}/versions/{number}", self.agreement), terms).await.expect(200);
    }
}

/// Shows the first difference only: the whole is long.
#[track_caller]
fn assert_same(left: &[Read], right: &[Read]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
}

fn secrets(read: &[Read]) -> usize {
    read.iter().filter(|(.., text)| text.contains("SECRET")).count()
}

fn member(answer: &Value, names: [&str; 4]) -> [Value; 4] {
    names.map(|name| answer[name].clone())
}

const STANDING: [&str; 4] = ["status", "version_in_force", "open_version", "turn"];

both! {
    async fn what_is_written_is_read_by_the_other_side_when_it_is_handed_over(app: TestApp) {
        let story = story(&app).await;
        let clause = story.first_clause().await;
        let path = story.agreement.clone();
        story.us("propose", json!({})).await.expect(200);
        let (ours, theirs) = (all(&story.owner, &path, &clause).await, all(&story.admin, &path, &clause).await);
        assert_same(&ours, &theirs);

        // The supplier writes; we go on reading what we offered.
        app.clock.advance(TimeDelta::seconds(5));
        story.edit(&story.admin, 1, &clause).await;
        assert_same(&all(&story.owner, &path, &clause).await, &ours);
        let own = all(&story.admin, &path, &clause).await;
        assert!(secrets(&own) >= 8, "{own:?}");
        // What it says is only for who may say it, and copies of ours hold nothing of it.
        story.owner.patch(&format!("{path}/expectations/{clause}"), json!({"text": "X"})).await.refused(409, "invalid_state");
        let copy = json!({"supplier_id": story.supplier, "title": "Copy", "starts_on": "2027-01-01",
            "copy_from": path.rsplit('/').next()});
        let copy = story.owner.post("/v1/agreements", copy).await.expect(201);
        let copied = story.owner.get(&format!("{}/versions/1", copy.header("location"))).await.expect(200);
        assert!(!copied.text.contains("SECRET") && copied.text.contains("\"service_code\":[{"), "{}", copied.text);
        story.owner.delete(copy.header("location")).await.expect(204);

        // It hands it over: both read the same again, without a new line in a list of either.
        story.they("counter", json!({"note": "Longer."})).await.expect(200);
        let (ours, theirs) = (all(&story.owner, &path, &clause).await, all(&story.admin, &path, &clause).await);
        let without_revisions = |read: &[Read]| {
            read.iter().skip(1).map(|(path, status, ..)| (path.clone(), *status)).collect::<Vec<_>>()
        };
        assert_eq!(without_revisions(&ours), without_revisions(&theirs));
        assert!(secrets(&ours) >= 8 && secrets(&ours) == secrets(&theirs));
        assert_eq!(story.owner.get("/v1/agreements?q=elevators").await.expect(200).each("title"), ["SECRET elevators"]);

        // The same the other way round.
        app.clock.advance(TimeDelta::seconds(5));
        let words = json!({"text": "OTHER words."});
        story.owner.patch(&format!("{path}/expectations/{clause}"), words).await.expect(200);
        let terms = json!({"title": "OTHER lifts", "service_line": "lifts", "ends_on": "2027-06-30"});
        story.owner.patch(&format!("{path}/versions/1"), terms).await.expect(200);
        assert_same(&all(&story.admin, &path, &clause).await, &theirs);
        let refused = story.admin.with("if-match", "\"99\"").post(&format!("{path}/withdraw"), json!({"reason": "No."})).await;
        assert_eq!(refused.refused(412, "etag_mismatch").header("etag"), theirs[0].2);
        let read = story.read().await;
        assert_eq!((&read["title"], &read["ends_on"]), (&json!("OTHER lifts"), &json!("2027-06-30")));
        story.us("counter", json!({})).await.expect(200);
        let read = story.admin.get(&path).await.expect(200).body;
        assert_eq!((&read["title"], &read["ends_on"]), (&json!("OTHER lifts"), &json!("2027-06-30")));
        let found = story.admin.get("/v1/agreements?q=other&service_line=lifts&ends_on_lte=2027-06-30").await.expect(200);
        assert_eq!(found.each("title"), ["OTHER lifts"]);
        story.they("agree", json!({"accept_all": true})).await.expect(200);
        let version = format!("{path}/versions/1");
        let (ours, theirs) = (story.owner.get(&version).await.expect(200), story.admin.get(&version).await.expect(200));
        assert_eq!((&ours.body, ours.header("etag")), (&theirs.body, theirs.header("etag")));
        // Nothing is left of what was handed over in between.
        let rows = app.everything(&["agreement_version", "expectation"]).await;
        assert_eq!(rows.lines().count(), 1 + ours.body["clauses"].as_array().expect("clauses").len(), "{rows}");
    }

    async fn who_withdraws_tells_nothing_that_was_not_handed_over(app: TestApp) {
        let story = story(&app).await;
        let clause = story.first_clause().await;
        let path = story.agreement.clone();
        story.us("propose", json!({})).await.expect(200);
        story.they("counter", json!({})).await.expect(200);
        story.edit(&story.owner, 1, &clause).await;
        story.us("withdraw", json!({"reason": "Not now."})).await.expect(200);
        let theirs = all(&story.admin, &path, &clause).await;
        assert_eq!(secrets(&theirs), 0, "{theirs:?}");
        let version = story.admin.get(&format!("{path}/versions/1")).await.expect(200).body;
        assert_eq!((&version["status"], &version["turn"]), (&json!("withdrawn"), &json!(null)));
        assert_eq!(story.admin.get(&path).await.expect(200).body["status"], "withdrawn");
        assert!(secrets(&all(&story.owner, &path, &clause).await) > 0);
    }

    async fn an_amendment_leaves_no_trace_before_it_is_offered(app: TestApp) {
        let story = story(&app).await.active().await;
        let clause = story.first_clause().await;
        let path = story.agreement.clone();
        // From now on its clauses stand on the list of stale ones.
        app.clock.advance(TimeDelta::seconds(5));
        let sides = [(&story.owner, &story.admin, "propose"), (&story.admin, &story.owner, "counter")];
        for (place, (writer, other, hand_over)) in sides.into_iter().enumerate() {
            let given_up = i64::try_from(place).expect("small") * 2 + 2;
            let before = all(other, &path, &clause).await;
            app.clock.advance(TimeDelta::seconds(5));
            let amended = writer.post(&format!("{path}/amend"), json!({"note": "SECRET note."})).await.expect(200).body;
            assert_eq!(amended["status"], "amending");
            let filtered = writer.get("/v1/agreements?status=amending").await.expect(200).body;
            assert_eq!(filtered["data"].as_array().map(Vec::len), Some(1));
            assert_eq!(writer.get("/v1/agreements?status=active").await.expect(200).body["data"], json!([]));
            assert_same(&all(other, &path, &clause).await, &before);
            story.edit(writer, given_up, &clause).await;
            assert_same(&all(other, &path, &clause).await, &before);
            for (verb, body) in [("withdraw", json!({"reason": "No."})), ("counter", json!({})), ("agree", json!({})),
                ("sign", json!({})), ("amend", json!({}))] {
                let refusal = other.post(&format!("{path}/{verb}"), body).await.refused(409, "invalid_state");
                assert_eq!(refusal.body["current_status"], "active", "{verb}");
            }
            let patched = other.patch(&format!("{path}/versions/{given_up}"), json!({"title": "X"})).await;
            patched.refused(404, "not_found");
            let given_up = writer.post(&format!("{path}/withdraw"), json!({"reason": "No."})).await.expect(200).body;
            assert_eq!(member(&given_up, STANDING), member(&json!({"status": "active", "version_in_force": 1}), STANDING));
            assert_same(&all(other, &path, &clause).await, &before);

            // Another one is offered.
            let amended = writer.post(&format!("{path}/amend"), json!({})).await.expect(200).body;
            let number = amended["open_version"].as_i64().expect("a number");
            story.edit(writer, number, &clause).await;
            assert_same(&all(other, &path, &clause).await, &before);
            let etag = before[0].2.clone();
            writer.post(&format!("{path}/{hand_over}"), json!({})).await.expect(200);
            let offered = other.get(&path).await.expect(200);
            assert_ne!(offered.header("etag"), etag);
            assert_eq!(offered.body["status"], "amending");
            assert_eq!(offered.body["open_version"], number);
            let version = other.get(&format!("{path}/versions/{number}")).await.expect(200);
            assert!(version.text.contains("SECRET clause") || version.text.contains("SECRET too"), "{}", version.text);
            other.post(&format!("{path}/withdraw"), json!({"reason": "No."})).await.expect(200);
            assert_eq!(writer.get(&path).await.expect(200).body["status"], "active");
        }
    }

    async fn an_agreement_is_terminated_whatever_the_supplier_is_writing(app: TestApp) {
        let story = story(&app).await.active().await;
        story.they("amend", json!({})).await.expect(200);
        let ended = json!({"reason": "By consent.", "effective_on": "2026-11-21", "by_consent": true});
        assert_eq!(story.us("terminate", ended).await.expect(200).body["status"], "terminated");
        let read = story.admin.get(&story.agreement).await.expect(200).body;
        assert_eq!(member(&read, STANDING), member(&json!({"status": "terminated", "version_in_force": 1}), STANDING));
        let version = story.admin.get(&format!("{}/versions/2", story.agreement)).await.expect(200).body;
        assert_eq!(version["status"], "withdrawn");
        story.they("counter", json!({})).await.refused(409, "invalid_state");
    }
}
